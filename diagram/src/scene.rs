//! The picture as plain data: boxes with names, places and positions, and the wires between them. Made by `layout`, read by
//! `svg`, `playback` and whoever else draws. Invariant: every wire runs from anchor to anchor, orthogonally, and crosses no box
//! that is not one of its ends. Knows nothing of packets or time.

use crate::geometry::{self, Point, Rect, Size};
use hoplab_core::api::{ObjectRef, PolicyType};
use hoplab_core::net::IpAddr;
use hoplab_core::trace::Place;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Scene {
    pub size: Size,
    /// What a screen reader says first, and one sentence on what is drawn.
    pub title: String,
    pub description: String,
    /// In drawing order: containers before their content.
    pub elements: Vec<Element>,
    pub links: Vec<Link>,
    /// Hand this to the next [`crate::layout`] and services and policies stay where they are.
    pub slots: Slots,
}

/// The place in its lane that each Service and policy took, by element id. Pods bring their slot in the snapshot.
pub type Slots = BTreeMap<String, usize>;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Element {
    /// Unique in the scene and the same in every scene: `pod/shop/web`, `device/node-1/cni0`, `service/shop/api`.
    pub id: String,
    pub kind: ElementKind,
    pub frame: Rect,
    /// Where a packet that is here is drawn.
    pub anchor: Point,
    pub place: Option<Place>,
    pub object: Option<ObjectRef>,
    pub address: Option<IpAddr>,
    /// Short enough for the box.
    pub label: String,
    /// A second, quieter line; may be empty.
    pub detail: String,
    /// The full name and what is worth knowing, for the tool tip and for screen readers.
    pub title: String,
    /// Not ready, down, without endpoints, not enforced: drawn broken.
    pub impaired: bool,
    /// Belongs to the cluster itself, not to the learner.
    pub system: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ElementKind {
    /// A heading over a lane.
    Lane,
    Service,
    Policy,
    Node,
    Pod,
    /// A free slot for a Pod.
    Bay,
    /// The gate that isolation puts on a Pod's wire, one per direction.
    Gate {
        direction: PolicyType,
    },
    /// The host end of a Pod's veth pair, with the wire into the Pod.
    Veth,
    Bridge,
    /// The half of a node's stack that rewrites: netfilter NAT as kube-proxy programs it.
    Rules,
    /// The half of a node's stack that routes; the place of the node itself.
    Routes,
    Tunnel,
    Nic,
    /// A Pod in its node's own network namespace, drawn small.
    Agent,
    Underlay,
    External,
    /// Stands for what is not drawn: `+12 pods`.
    Elided,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Positions in [`Scene::elements`].
    pub from: usize,
    pub to: usize,
    /// From anchor to anchor.
    pub points: Vec<Point>,
    /// False for ways inside a machine that have no wire.
    pub drawn: bool,
}

impl Scene {
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.id == id)
    }

    /// The element that is `place`, or what is nearest when the place is not in the picture: a Pod that is gone is drawn at its
    /// node's stack, a node that is elided at the network between the nodes.
    pub fn at(&self, place: &Place) -> Option<usize> {
        let exact = self.elements.iter().position(|element| element.place.as_ref() == Some(place));
        exact.or_else(|| match place {
            Place::Pod { node, .. } | Place::Device { node, .. } => self.at(&Place::Node { node: node.clone() }),
            Place::Node { .. } | Place::External { .. } => self.at(&Place::Underlay),
            Place::Underlay => None,
        })
    }

    /// Where a packet at `place` is drawn; the middle of the picture when nothing like it is in the scene.
    pub fn anchor(&self, place: &Place) -> Point {
        let middle = Point::new(self.size.width / 2.0, self.size.height / 2.0);
        self.at(place).and_then(|index| self.elements.get(index)).map_or(middle, |element| element.anchor)
    }

    /// What answers to an address: a Service's virtual address, a Pod, a node.
    pub fn owner(&self, address: IpAddr) -> Option<usize> {
        let rank = |kind: ElementKind| match kind {
            ElementKind::Service => 0,
            ElementKind::Pod => 1,
            ElementKind::Node => 2,
            _ => 3,
        };
        let owners = self.elements.iter().enumerate().filter(|(_, element)| element.address == Some(address));
        owners.min_by_key(|(_, element)| rank(element.kind)).map(|(index, _)| index)
    }

    /// The element that arrow keys lead to: the nearest whose middle lies in that direction, straight ahead before aslant.
    pub fn neighbour(&self, id: &str, heading: Heading) -> Option<&Element> {
        let from = self.element(id)?.frame.centre();
        let ahead = |element: &Element| {
            let (dx, dy) = (element.frame.centre().x - from.x, element.frame.centre().y - from.y);
            match heading {
                Heading::Left => (-dx, dy.abs()),
                Heading::Right => (dx, dy.abs()),
                Heading::Up => (-dy, dx.abs()),
                Heading::Down => (dy, dx.abs()),
            }
        };
        // Twice the way aslant: the row or column one is in comes first.
        let distance = |element: &Element| ahead(element).0 + 2.0 * ahead(element).1;
        let others = self.elements.iter().filter(|element| element.kind.is_object() && element.id != id);
        others.filter(|element| ahead(element).0 > 0.0).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// The orthogonal way between two places along the wires; a straight corner where no wires join them.
    pub fn route(&self, from: &Place, to: &Place) -> Vec<Point> {
        match (self.at(from), self.at(to)) {
            (Some(from), Some(to)) => self.route_between(from, to),
            _ => corner(self.anchor(from), self.anchor(to)),
        }
    }

    /// [`Scene::route`] by positions in [`Scene::elements`]: fewest wires first, then the order they were laid.
    pub fn route_between(&self, from: usize, to: usize) -> Vec<Point> {
        let mut at: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (index, link) in self.links.iter().enumerate() {
            at.entry(link.from).or_default().push((index, link.to));
            at.entry(link.to).or_default().push((index, link.from));
        }
        let mut came_by: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(here) = queue.pop_front().filter(|here| *here != to) {
            for (link, next) in at.get(&here).into_iter().flatten() {
                if *next != from && !came_by.contains_key(next) {
                    came_by.insert(*next, (here, *link));
                    queue.push_back(*next);
                }
            }
        }
        let mut parts = Vec::new();
        let mut here = to;
        while let Some(&(before, link)) = came_by.get(&here).filter(|_| here != from) {
            parts.extend(self.links.get(link).map(|link| link.points_from(before)));
            here = before;
        }
        if here != from {
            let anchor = |index: usize| self.elements.get(index).map(|element| element.anchor).unwrap_or_default();
            return corner(anchor(from), anchor(to));
        }
        parts.reverse();
        if parts.is_empty() {
            return self.elements.get(from).map(|element| element.anchor).into_iter().collect();
        }
        geometry::join(parts)
    }
}

/// Where an arrow key points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Left,
    Right,
    Up,
    Down,
}

impl ElementKind {
    /// Whether it stands for something in the cluster that can be selected; headings, free slots and node frames do not.
    pub fn is_object(self) -> bool {
        match self {
            ElementKind::Lane | ElementKind::Bay | ElementKind::Node => false,
            ElementKind::Service
            | ElementKind::Policy
            | ElementKind::Pod
            | ElementKind::Gate { .. }
            | ElementKind::Veth
            | ElementKind::Bridge
            | ElementKind::Rules
            | ElementKind::Routes
            | ElementKind::Tunnel
            | ElementKind::Nic
            | ElementKind::Agent
            | ElementKind::Underlay
            | ElementKind::External
            | ElementKind::Elided => true,
        }
    }
}

impl Link {
    fn points_from(&self, end: usize) -> Vec<Point> {
        if end == self.from { self.points.clone() } else { self.points.iter().rev().copied().collect() }
    }
}

/// Down or up first, then across.
fn corner(from: Point, to: Point) -> Vec<Point> {
    geometry::join([vec![from, Point::new(from.x, to.y), to]])
}
