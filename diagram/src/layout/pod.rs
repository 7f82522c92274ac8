//! A Pod's chip and the gates on its wire.

use crate::geometry::Rect;
use crate::label;
use crate::scene::{Element, ElementKind};
use hoplab_core::api::PolicyType;
use hoplab_core::trace::Place;
use hoplab_core::world::PodView;

/// `frame` may also be an agent's pill.
pub fn pod_box(node: &str, pod: &PodView, frame: Rect) -> Element {
    let (namespace, name) = (pod.reference.namespace.clone(), pod.reference.name.clone());
    let running = pod.status == "Running";
    let address = pod.ip.map(|ip| ip.to_string());
    let detail = if running { address.clone().unwrap_or_default() } else { label::truncate(&pod.status, label::CHIP + 1) };
    let listens: Vec<String> = pod.listens.iter().map(|(protocol, port)| format!("{protocol} {port}")).collect();
    let listens = if listens.is_empty() { "listens on nothing".to_owned() } else { format!("listens on {}", listens.join(", ")) };
    let title =
        format!("Pod {namespace}/{name}, {}, {}, {listens}", address.unwrap_or_else(|| "no address".to_owned()), pod.status);
    Element::new(ElementKind::Pod, format!("pod/{namespace}/{name}"), frame)
        .of(&pod.reference)
        .answering(pod.ip)
        .labelled(label::truncate(&name, label::CHIP), detail)
        .titled(title)
        .impaired(!pod.ready)
        .placed(Place::Pod { node: node.to_owned(), namespace, name })
}

/// Ingress to the left of the plug, egress to its right.
pub fn gate(pod: &PodView, direction: PolicyType, chip: Rect) -> Element {
    let (word, x) = match direction {
        PolicyType::Ingress => ("in", chip.x + 6.0),
        PolicyType::Egress => ("out", chip.right() - 30.0),
    };
    let full = match direction {
        PolicyType::Ingress => "ingress",
        PolicyType::Egress => "egress",
    };
    let reference = &pod.reference;
    let id = format!("gate/{full}/{}/{}", reference.namespace, reference.name);
    Element::new(ElementKind::Gate { direction }, id, Rect::new(x, chip.bottom() - 2.0, 24.0, 14.0))
        .labelled(word, "")
        .titled(format!("{full} gate of {}/{}: a policy isolates this direction", reference.namespace, reference.name))
}
