//! The layout's promises, on the fixture and on many random clusters: nothing moves unasked, nothing overlaps, no wire runs
//! through a box that is not its own, and the picture stays bounded.

mod fixture;

use hoplab_core::net::IpAddr;
use hoplab_core::rng::Rng;
use hoplab_core::trace::{Exchange, Place};
use hoplab_core::world::{NodeView, Snapshot};
use hoplab_diagram::svg::{self, Dress};
use hoplab_diagram::{Element, ElementKind, Heading, MAX_ELEMENTS, Options, Participants, Point, Scene, layout};
use std::collections::BTreeMap;

const WIDTHS: [f64; 6] = [320.0, 390.0, 640.0, 960.0, 1440.0, 3840.0];

fn at_width(snapshot: &Snapshot, width: f64) -> Scene {
    layout(snapshot, &Options { width, ..Options::default() })
}

/// Nodes with Pods in random slots; never more than a node holds without growing.
fn random_cluster(rng: &mut Rng) -> Snapshot {
    let mut snapshot = fixture::flannel();
    let nodes = 1 + rng.below(5) as u8;
    snapshot.nodes = (0..nodes).map(|number| random_node(rng, number)).collect();
    snapshot
}

fn random_node(rng: &mut Rng, number: u8) -> NodeView {
    let used = |rng: &mut Rng| rng.below(3) == 0;
    let slots: Vec<usize> = (0..12).filter(|_| used(rng)).collect();
    let pod = |slot: &usize| fixture::pod(*slot, "shop", &format!("pod-{number}-{slot}"), [10, 244, number, 10 + *slot as u8]);
    fixture::node(number, slots.iter().map(pod).collect())
}

/// Takes one Pod away, or brings one into the lowest free slot of a node.
fn change_one_pod(rng: &mut Rng, snapshot: &Snapshot) -> (Snapshot, String) {
    let mut changed = snapshot.clone();
    let index = rng.below(changed.nodes.len() as u64) as usize;
    let node = &snapshot.nodes[index];
    let mut pods = node.pods.clone();
    let free = (0..12).find(|slot| pods.iter().all(|pod| pod.slot != *slot));
    let name = match free.filter(|_| pods.is_empty() || rng.below(2) == 0) {
        Some(slot) => {
            pods.push(fixture::pod(slot, "shop", "newcomer", [10, 244, index as u8, 200]));
            "newcomer".to_owned()
        }
        None => pods.remove(rng.below(pods.len() as u64) as usize).reference.name,
    };
    changed.nodes[index] = fixture::node(index as u8, pods);
    (changed, name)
}

/// Everything but a Pod with its gates and veth, and the free slot that it takes or leaves.
fn positions(scene: &Scene, without: &str) -> BTreeMap<String, (Point, f64, f64, f64, f64)> {
    let counts = |element: &&Element| element.kind != ElementKind::Bay && !element.id.ends_with(without);
    let position = |element: &Element| {
        let frame = element.frame;
        (element.id.clone(), (element.anchor, frame.x, frame.y, frame.width, frame.height))
    };
    scene.elements.iter().filter(counts).map(position).collect()
}

#[test]
fn a_pod_that_comes_or_goes_moves_nothing_else() {
    let mut rng = Rng::new(41);
    for round in 0..200 {
        let before = random_cluster(&mut rng);
        let (after, name) = change_one_pod(&mut rng, &before);
        let width = WIDTHS[round % WIDTHS.len()];
        let (old, new) = (at_width(&before, width), at_width(&after, width));
        assert_eq!(old.size, new.size, "round {round}, width {width}, {name}");
        assert_eq!(positions(&old, &name), positions(&new, &name), "round {round}, width {width}, {name}");
    }
}

#[test]
fn a_service_or_policy_that_comes_or_goes_moves_no_other_when_slots_are_handed_on() {
    let first = fixture::isolated();
    let scene = at_width(&first, 960.0);
    let mut second = first.clone();
    second.services.insert(0, fixture::service("aaa", "first-by-name", [10, 96, 7, 7], &[]));
    second.services.retain(|service| service.reference.name != "kube-dns");
    let next = layout(&second, &Options { slots: scene.slots.clone(), ..Options::default() });
    let (old, new) = (positions(&scene, "kube-dns"), positions(&next, "first-by-name"));
    assert_eq!(old, new);
    let newcomer = next.element("service/aaa/first-by-name").map(|element| element.frame);
    assert_eq!(
        newcomer,
        scene.element("service/kube-system/kube-dns").map(|element| element.frame),
        "takes the lowest free slot"
    );
}

#[test]
fn a_node_that_outgrows_its_slots_grows_by_a_whole_row_at_the_same_columns() {
    let full: Vec<_> = (0..12).map(|slot| fixture::pod(slot, "shop", &format!("pod-{slot}"), [10, 244, 0, slot as u8])).collect();
    let mut more = full.clone();
    more.push(fixture::pod(12, "shop", "pod-12", [10, 244, 0, 99]));
    let mut snapshot = fixture::flannel();
    snapshot.nodes = vec![fixture::node(0, full)];
    let before = at_width(&snapshot, 390.0);
    snapshot.nodes = vec![fixture::node(0, more)];
    let after = at_width(&snapshot, 390.0);
    assert_eq!(after.size.height - before.size.height, 64.0);
    assert_eq!(after.size.width, before.size.width);
    for slot in 0..12 {
        let id = format!("pod/shop/pod-{slot}");
        assert_eq!(before.element(&id).map(|pod| pod.frame), after.element(&id).map(|pod| pod.frame));
    }
}

#[test]
fn names_and_numbers_do_not_change_the_geometry() {
    let plain = fixture::flannel();
    let mut wordy = plain.clone();
    for pod in wordy.nodes.iter_mut().flat_map(|node| &mut node.pods) {
        pod.status = "CreateContainerConfigError".to_owned();
        pod.ip = Some(IpAddr::from([255, 255, 255, 255]));
    }
    let frames = |scene: Scene| scene.elements.into_iter().map(|element| element.frame).collect::<Vec<_>>();
    assert_eq!(frames(at_width(&plain, 960.0)), frames(at_width(&wordy, 960.0)));
}

fn is_container(kind: ElementKind) -> bool {
    matches!(kind, ElementKind::Node)
}

fn is_attached(kind: ElementKind) -> bool {
    matches!(kind, ElementKind::Gate { .. } | ElementKind::Veth)
}

fn every_scene() -> Vec<(String, Scene)> {
    let mut rng = Rng::new(7);
    let exchanges: [(&str, Snapshot, Exchange); 4] = [
        ("dns", fixture::flannel(), fixture::dns_delivered()),
        ("dropped", fixture::isolated(), fixture::dns_dropped()),
        ("rejected", fixture::flannel(), fixture::rejected()),
        ("outside", fixture::isolated(), fixture::from_outside_dropped()),
    ];
    let mut scenes = Vec::new();
    for width in WIDTHS {
        for (name, snapshot, exchange) in &exchanges {
            for lens in [false, true] {
                let participants = Participants::of(exchange);
                let scene = layout(snapshot, &Options { width, lens, participants, ..Options::default() });
                scenes.push((format!("{name} {width} lens {lens}"), scene));
            }
        }
        scenes.push((format!("busy {width}"), at_width(&fixture::busy(), width)));
        scenes.push((format!("random {width}"), at_width(&random_cluster(&mut rng), width)));
    }
    scenes
}

#[test]
fn boxes_overlap_only_where_one_belongs_to_the_other() {
    for (name, scene) in every_scene() {
        let boxes: Vec<&Element> =
            scene.elements.iter().filter(|element| !is_container(element.kind) && !is_attached(element.kind)).collect();
        for (index, a) in boxes.iter().enumerate() {
            for b in &boxes[index + 1..] {
                assert!(!a.frame.overlaps(&b.frame), "{name}: {} and {}", a.id, b.id);
            }
        }
        for element in &scene.elements {
            let frame = element.frame;
            let inside =
                frame.x >= 0.0 && frame.y >= 0.0 && frame.right() <= scene.size.width && frame.bottom() <= scene.size.height;
            assert!(inside, "{name}: {} leaves the picture", element.id);
        }
    }
}

#[test]
fn wires_are_orthogonal_join_their_ends_and_cross_no_foreign_box() {
    for (name, scene) in every_scene() {
        for link in &scene.links {
            let (from, to) = (&scene.elements[link.from], &scene.elements[link.to]);
            assert_eq!(link.points.first(), Some(&from.anchor), "{name}: {} → {}", from.id, to.id);
            assert_eq!(link.points.last(), Some(&to.anchor), "{name}: {} → {}", from.id, to.id);
            for pair in link.points.windows(2) {
                let [a, b] = pair else { continue };
                assert!(a.x == b.x || a.y == b.y, "{name}: {} → {} runs aslant", from.id, to.id);
                for (index, element) in scene.elements.iter().enumerate() {
                    let own = index == link.from || index == link.to || is_container(element.kind) || is_attached(element.kind);
                    let crossed = !own && element.frame.is_crossed_by(*a, *b);
                    assert!(!crossed, "{name}: {} → {} crosses {}", from.id, to.id, element.id);
                }
            }
        }
    }
}

#[test]
fn every_place_of_the_exchanges_is_in_the_picture_and_joined_by_wires() {
    for (snapshot, exchange) in [
        (fixture::flannel(), fixture::dns_delivered()),
        (fixture::isolated(), fixture::dns_dropped()),
        (fixture::isolated(), fixture::from_outside_dropped()),
    ] {
        let participants = Participants::of(&exchange);
        let scene = layout(&snapshot, &Options { participants, ..Options::default() });
        for leg in &exchange.legs {
            for hop in &leg.trace.hops {
                let found = scene.at(&hop.at).map(|index| scene.elements[index].place.clone());
                assert_eq!(found, Some(Some(hop.at.clone())));
            }
            for pair in leg.trace.hops.windows(2) {
                let way = scene.route(&pair[0].at, &pair[1].at);
                assert!(way.windows(2).all(|step| step[0].x == step[1].x || step[0].y == step[1].y));
                assert_eq!(way.last(), Some(&scene.anchor(&pair[1].at)));
            }
        }
    }
}

#[test]
fn a_place_that_is_gone_is_drawn_at_what_is_nearest() {
    let scene = at_width(&fixture::flannel(), 960.0);
    let gone = Place::Pod { node: "node-2".to_owned(), namespace: "shop".to_owned(), name: "deleted".to_owned() };
    assert_eq!(scene.anchor(&gone), scene.anchor(&Place::Node { node: "node-2".to_owned() }));
    let elsewhere = Place::Device { node: "node-9".to_owned(), device: "eth0".to_owned() };
    assert_eq!(scene.anchor(&elsewhere), scene.anchor(&Place::Underlay));
}

#[test]
fn equal_clusters_give_equal_bytes() {
    let draw = || svg::document(&at_width(&fixture::isolated(), 960.0), None, Dress::Standalone);
    assert_eq!(draw(), draw());
}

#[test]
fn five_thousand_nodes_stay_within_the_budget_and_are_counted() {
    let mut snapshot = fixture::flannel();
    let crowded = |number: u8| {
        let pods = (0..30).map(|slot| fixture::pod(slot, "shop", &format!("pod-{number}-{slot}"), [10, 244, number, slot as u8]));
        fixture::node(number, pods.collect())
    };
    snapshot.nodes =
        (0..5_000u16).map(|number| NodeView { name: format!("node-{number}"), ..crowded((number % 200) as u8) }).collect();
    let scene = at_width(&snapshot, 1440.0);
    assert!(scene.elements.len() <= MAX_ELEMENTS, "{} elements", scene.elements.len());
    let drawn = scene.elements.iter().filter(|element| element.kind == ElementKind::Node).count();
    let label = scene.element("elided/nodes").map(|element| element.label.clone());
    assert_eq!(label, Some(format!("+{} nodes", 5_000 - drawn)));
}

#[test]
fn the_lens_keeps_participants_and_counts_the_rest() {
    let exchange = fixture::dns_dropped();
    let options = Options { lens: true, participants: Participants::of(&exchange), ..Options::default() };
    let scene = layout(&fixture::isolated(), &options);
    let ids: Vec<&str> = scene.elements.iter().map(|element| element.id.as_str()).collect();
    assert!(ids.contains(&"pod/lab-networking/frontend") && ids.contains(&"service/kube-system/kube-dns"));
    assert!(!ids.contains(&"pod/lab-networking/backend") && !ids.contains(&"service/lab-networking/backend"));
    assert_eq!(scene.element("elided/nodes").map(|element| element.label.as_str()), Some("+1 node"));
    assert_eq!(scene.element("elided/pods/node-1").map(|element| element.label.as_str()), Some("+1 pod"));
}

#[test]
fn a_machine_outside_comes_without_moving_anything() {
    let plain = fixture::isolated();
    let participants = Participants::of(&fixture::from_outside_dropped());
    for width in WIDTHS {
        let before = at_width(&plain, width);
        let after = layout(&plain, &Options { width, participants: participants.clone(), ..Options::default() });
        let kept = |element: &&Element| element.kind != ElementKind::Underlay;
        for element in before.elements.iter().filter(kept) {
            assert_eq!(after.element(&element.id).map(|other| other.frame), Some(element.frame), "{width}: {}", element.id);
        }
    }
}

#[test]
fn arrow_keys_lead_to_the_next_element_in_their_direction() {
    let scene = at_width(&fixture::flannel(), 960.0);
    for (from, heading, to) in [
        ("service/default/kubernetes", Heading::Right, "service/kube-system/kube-dns"),
        ("pod/lab-networking/frontend", Heading::Left, "pod/kube-system/coredns-674b8bbfcf-q8d4z"),
        ("routes/node-1", Heading::Down, "device/node-1/flannel.1"),
        ("device/node-1/flannel.1", Heading::Up, "routes/node-1"),
        ("routes/node-1", Heading::Right, "rules/node-2"),
    ] {
        assert_eq!(scene.neighbour(from, heading).map(|element| element.id.as_str()), Some(to), "{from} {heading:?}");
    }
    assert_eq!(scene.neighbour("service/default/kubernetes", Heading::Up), None);
}

#[test]
fn thirty_six_usual_nodes_are_all_drawn() {
    let mut snapshot = fixture::flannel();
    let usual = |number: u8| {
        let pods = (0..10).map(|slot| fixture::pod(slot, "shop", &format!("pod-{number}-{slot}"), [10, 244, number, slot as u8]));
        fixture::node(number, pods.collect())
    };
    snapshot.nodes = (0..36).map(usual).collect();
    let scene = at_width(&snapshot, 3840.0);
    assert!(scene.element("elided/nodes").is_none());
    assert!(scene.elements.len() <= MAX_ELEMENTS, "{} elements", scene.elements.len());
}

#[test]
fn strange_clusters_and_widths_still_make_a_picture() {
    let mut empty = fixture::flannel();
    empty.nodes.clear();
    empty.services.clear();
    let mut bare = fixture::flannel();
    bare.nodes.iter_mut().for_each(|node| node.devices.clear());
    for snapshot in [&empty, &bare, &fixture::busy()] {
        for width in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 1.0, 1e9, f64::INFINITY] {
            let participants = Participants::of(&fixture::from_outside_dropped());
            let scene = layout(snapshot, &Options { width, participants, ..Options::default() });
            let finite = |element: &Element| element.frame.right().is_finite() && element.frame.bottom().is_finite();
            assert!(scene.elements.iter().all(finite) && scene.size.width > 0.0, "width {width}");
            assert!(svg::poster(&scene, &fixture::dns_delivered(), Dress::Page).ends_with("</svg>\n"));
        }
    }
}
