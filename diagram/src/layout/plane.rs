//! The plane above the nodes: Services, which have an address but no place, and policies, which act everywhere at once.

use super::sketch::Sketch;
use super::{CHIP, GAP, MARGIN, Options};
use crate::geometry::Rect;
use crate::label;
use crate::scene::{Element, ElementKind, Slots};
use hoplab_core::api::{Cni, PolicyType};
use hoplab_core::world::{PolicyView, ServiceView, Snapshot};
use std::collections::BTreeSet;

/// In each lane; the rest stands behind `+N`.
pub const MAX_CHIPS: usize = 60;
/// The heading's line and room for a tag on the chips below.
const HEADING: f64 = 32.0;
/// From one row of chips to the next.
const PITCH: f64 = CHIP.height + 8.0;
/// Below the plane.
const SPACE: f64 = 24.0;

/// Draws both lanes into `width`; returns the height they take and the slots that every chip has.
pub fn draw(sketch: &mut Sketch, snapshot: &Snapshot, options: &Options, width: f64) -> (f64, Slots) {
    let services = services(snapshot, options);
    let policies = policies(snapshot, options);
    let mut slots = options.slots.clone();
    slots.retain(|id, _| services.iter().chain(&policies).any(|chip| chip.id == *id) || is_hidden(id, snapshot, options));
    let services = assign(services, &mut slots, "service/");
    let policies = assign(policies, &mut slots, "policy/");
    let per_row = ((width - 2.0 * MARGIN + GAP) / (CHIP.width + GAP)).floor().max(1.0) as usize;
    let heading = policies_heading(snapshot);
    if per_row < 6 {
        let below = lane(sketch, "services", "Services · virtual addresses", services, per_row, (MARGIN, MARGIN));
        if options.lens && policies.is_empty() {
            return (below - MARGIN + SPACE, slots);
        }
        let end = lane(sketch, "policies", &heading, policies, per_row, (MARGIN, below));
        return (end - MARGIN + SPACE, slots);
    }
    let for_services = per_row - per_row / 3;
    let x = MARGIN + for_services as f64 * (CHIP.width + GAP);
    let left = lane(sketch, "services", "Services · virtual addresses", services, for_services, (MARGIN, MARGIN));
    let right = lane(sketch, "policies", &heading, policies, per_row - for_services, (x, MARGIN));
    (left.max(right) - MARGIN + SPACE, slots)
}

/// Says once what decides over every policy in the picture: whether anything enforces them.
fn policies_heading(snapshot: &Snapshot) -> String {
    let cni = match snapshot.cni {
        Cni::Flannel => "Flannel",
        Cni::Calico => "Calico",
        Cni::KubeRouter => "kube-router",
    };
    if snapshot.policies.is_empty() {
        "Policies · none".to_owned()
    } else if snapshot.policies.iter().all(|policy| policy.enforced) {
        format!("Policies · enforced by {cni}")
    } else {
        format!("Policies · {cni} ignores them")
    }
}

/// A chip that exists but is behind the lens keeps its slot for when the lens goes.
fn is_hidden(id: &str, snapshot: &Snapshot, options: &Options) -> bool {
    let exists = |prefix: &str, namespace: &str, name: &str| id == format!("{prefix}/{namespace}/{name}");
    options.lens
        && (snapshot.services.iter().any(|view| exists("service", &view.reference.namespace, &view.reference.name))
            || snapshot.policies.iter().any(|view| exists("policy", &view.reference.namespace, &view.reference.name)))
}

fn services(snapshot: &Snapshot, options: &Options) -> Vec<Element> {
    let takes_part = |view: &&ServiceView| view.cluster_ip.is_some_and(|ip| options.participants.addresses.contains(&ip));
    snapshot.services.iter().filter(|view| !options.lens || takes_part(view)).map(service).collect()
}

fn policies(snapshot: &Snapshot, options: &Options) -> Vec<Element> {
    let is_one =
        |pod: &hoplab_core::api::ObjectRef| options.participants.pods.contains(&(pod.namespace.clone(), pod.name.clone()));
    let takes_part = |view: &&PolicyView| view.selects.iter().any(is_one);
    snapshot.policies.iter().filter(|view| !options.lens || takes_part(view)).map(policy).collect()
}

fn service(view: &ServiceView) -> Element {
    let reference = &view.reference;
    let address = view.cluster_ip.map_or_else(|| "headless".to_owned(), |ip| ip.to_string());
    let endpoints = label::count(view.ready_endpoints.len(), "ready endpoint");
    let none = view.ready_endpoints.is_empty();
    Element::new(ElementKind::Service, format!("service/{}/{}", reference.namespace, reference.name), Rect::default())
        .of(reference)
        .answering(view.cluster_ip)
        .labelled(label::truncate(&reference.name, label::CHIP), address.clone())
        .titled(format!(
            "Service {}/{}, {} {address}, ports {}, {endpoints}",
            reference.namespace,
            reference.name,
            view.kind,
            view.ports.join(", ")
        ))
        .impaired(none)
}

fn policy(view: &PolicyView) -> Element {
    let reference = &view.reference;
    let direction = |kind: &PolicyType| match kind {
        PolicyType::Ingress => "↑",
        PolicyType::Egress => "↓",
    };
    let directions: Vec<&str> = view.types.iter().map(direction).collect();
    let pods = label::count(view.selects.len(), "pod");
    let enforced = if view.enforced { "" } else { ", not enforced by this network plugin" };
    Element::new(ElementKind::Policy, format!("policy/{}/{}", reference.namespace, reference.name), Rect::default())
        .of(reference)
        .labelled(label::truncate(&reference.name, label::CHIP), format!("{} {pods}", directions.concat()))
        .titled(format!("NetworkPolicy {}/{}, isolates {pods}{enforced}", reference.namespace, reference.name))
        .impaired(!view.enforced)
}

/// Every chip with its slot: the one it had, else the lowest free.
fn assign(chips: Vec<Element>, slots: &mut Slots, prefix: &str) -> Vec<(usize, Element)> {
    let mut taken: BTreeSet<usize> = slots.iter().filter(|(id, _)| id.starts_with(prefix)).map(|(_, slot)| *slot).collect();
    let mut free = 0;
    chips
        .into_iter()
        .map(|chip| {
            let slot = *slots.entry(chip.id.clone()).or_insert_with(|| {
                while !taken.insert(free) {
                    free += 1;
                }
                free
            });
            (slot, chip)
        })
        .collect()
}

/// A heading and rows of chips; one row is reserved even when it is empty. Returns the y below.
fn lane(sketch: &mut Sketch, id: &str, heading: &str, chips: Vec<(usize, Element)>, per_row: usize, at: (f64, f64)) -> f64 {
    let (x, y) = at;
    let width = per_row as f64 * (CHIP.width + GAP) - GAP;
    let frame = Rect::new(x, y, width, 16.0);
    sketch.put(Element::new(ElementKind::Lane, format!("lane/{id}"), frame).labelled(heading, ""));
    let hidden = chips.iter().filter(|(slot, _)| *slot >= MAX_CHIPS).count();
    let mut rows = 1;
    for (slot, mut chip) in chips.into_iter().filter(|(slot, _)| *slot < MAX_CHIPS) {
        let row = slot / per_row;
        rows = rows.max(row + 1);
        chip.frame = super::chip(slot % per_row, x, y + HEADING + row as f64 * PITCH);
        chip.anchor = chip.frame.centre();
        sketch.put(chip);
    }
    if hidden > 0 {
        rows = rows.max(MAX_CHIPS / per_row + 1);
        let frame = super::chip(MAX_CHIPS % per_row, x, y + HEADING + (MAX_CHIPS / per_row) as f64 * PITCH);
        let title = format!("{hidden} {id} not drawn");
        let stack = Element::new(ElementKind::Elided, format!("elided/{id}"), frame);
        sketch.put(stack.labelled(format!("+{hidden} {id}"), "").titled(title));
    }
    y + HEADING + rows as f64 * PITCH
}
