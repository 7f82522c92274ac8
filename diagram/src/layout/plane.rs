//! The plane above the nodes: Services, which have an address but no place, and policies, which act everywhere at once.

use super::sketch::Sketch;
use super::{CHIP, GAP, MARGIN, Options};
use crate::geometry::{Point, Rect, Size};
use crate::label;
use crate::scene::{Element, ElementKind, Slots};
use hoplab_core::api::{Cni, PolicyType};
use hoplab_core::world::{PolicyView, ServiceView, Snapshot};
use std::collections::BTreeSet;

/// In each lane; the rest stands behind `+N`.
pub const MAX_CHIPS: usize = 60;
/// The heading's line and room for a tag on the chips below.
const HEADING: f64 = 32.0;
/// Policies are a strip of names; two rows of it are as high as one of Services.
const STRIP: Size = Size { width: 144.0, height: 20.0 };
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
    let inner = width - 2.0 * MARGIN;
    let for_policies = 2.0 * (STRIP.width + GAP);
    let beside = inner - for_policies >= 3.0 * (CHIP.width + GAP);
    let heading = "Services · virtual addresses".to_owned();
    let room = if beside { inner - for_policies + GAP } else { inner + GAP };
    let lane = Lane { id: "services", heading, chip: CHIP, rows: 1, room, at: Point::new(MARGIN, MARGIN) };
    let left = lane.draw(sketch, services);
    if options.lens && policies.is_empty() {
        return (left - MARGIN + SPACE, slots);
    }
    let columns = (room / (CHIP.width + GAP)).floor();
    let at = if beside { Point::new(MARGIN + columns * (CHIP.width + GAP), MARGIN) } else { Point::new(MARGIN, left) };
    let room = MARGIN + inner + GAP - at.x;
    let lane = Lane { id: "policies", heading: policies_heading(snapshot), chip: STRIP, rows: 2, room, at };
    let right = lane.draw(sketch, policies);
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
        .labelled(format!("{} {}", directions.concat(), label::truncate(&reference.name, 17)), "")
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

/// A heading over rows of chips in slots.
struct Lane<'a> {
    id: &'a str,
    heading: String,
    chip: Size,
    /// Reserved even when they are empty.
    rows: usize,
    /// Width, with the gap after the last chip.
    room: f64,
    at: Point,
}

impl Lane<'_> {
    /// Returns the y below.
    fn draw(&self, sketch: &mut Sketch, chips: Vec<(usize, Element)>) -> f64 {
        let width = self.per_row() as f64 * (self.chip.width + GAP) - GAP;
        let frame = Rect::new(self.at.x, self.at.y, width, 16.0);
        let heading = Element::new(ElementKind::Lane, format!("lane/{}", self.id), frame);
        sketch.put(heading.labelled(self.heading.clone(), ""));
        let hidden = chips.iter().filter(|(slot, _)| *slot >= MAX_CHIPS).count();
        let mut bottom = self.slot((self.rows - 1) * self.per_row()).bottom();
        for (slot, mut chip) in chips.into_iter().filter(|(slot, _)| *slot < MAX_CHIPS) {
            chip.frame = self.slot(slot);
            chip.anchor = chip.frame.centre();
            bottom = bottom.max(chip.frame.bottom());
            sketch.put(chip);
        }
        if hidden > 0 {
            let stack = Element::new(ElementKind::Elided, format!("elided/{}", self.id), self.slot(MAX_CHIPS));
            bottom = bottom.max(stack.frame.bottom());
            let label = format!("+{hidden} {}", self.id);
            sketch.put(stack.labelled(label, "").titled(format!("{hidden} {} not drawn", self.id)));
        }
        bottom + 8.0
    }

    fn per_row(&self) -> usize {
        (self.room / (self.chip.width + GAP)).floor().max(1.0) as usize
    }

    fn slot(&self, slot: usize) -> Rect {
        let (column, row) = ((slot % self.per_row()) as f64, (slot / self.per_row()) as f64);
        let pitch = if self.chip == CHIP { CHIP.height + 8.0 } else { STRIP.height + 4.0 };
        let x = self.at.x + column * (self.chip.width + GAP);
        Rect::new(x, self.at.y + HEADING + row * pitch, self.chip.width, self.chip.height)
    }
}
