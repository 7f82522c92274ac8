//! Snapshot → Scene. Lanes from top to bottom: virtual addresses and policies · nodes · the network between the nodes; machines
//! outside stand to the right. Down is toward the wire, right is toward the destination, nesting is containment.
//!
//! Invariant: nothing moves unasked. A box's position follows from its slot, the width and the number of nodes; never from
//! text, traffic or the order of arrival. A Pod that comes or goes moves nothing until a node outgrows its slots, and then
//! nodes grow by a whole row. Must not know packets or time.
//!
//! Meant for what a person reads: up to about 36 nodes. Larger clusters are drawn up to [`MAX_ELEMENTS`] boxes, the rest
//! stands behind `+N nodes`; texture views for fleets do not exist yet.

mod node;
mod participants;
mod plane;
mod pod;
mod sketch;

pub use participants::Participants;

use crate::geometry::{Point, Rect, Size};
use crate::label;
use crate::scene::{Element, ElementKind, Scene, Slots};
use hoplab_core::trace::Place;
use hoplab_core::world::{NodeView, Snapshot};
use node::Anatomy;
use sketch::Sketch;
use std::collections::BTreeSet;

/// Chips: Pods, Services, policies, machines outside.
pub(crate) const CHIP: Size = Size { width: 96.0, height: 40.0 };
/// Between chips in a row.
pub(crate) const GAP: f64 = 16.0;
/// Around the whole picture.
pub(crate) const MARGIN: f64 = 16.0;
const NODE_GAP: f64 = 48.0;
/// From a row of nodes down to the network under it.
const DROP: f64 = 24.0;
/// That network: its cable, this far below the upper edge, and its name under it.
const BUS_HEIGHT: f64 = 32.0;
const BUS_LINE: f64 = 8.0;
/// What a browser animates without effort; see the module's header for what happens beyond.
pub const MAX_ELEMENTS: usize = 1_500;

#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Pixels at hand. The scene may be narrower, and is wider only when not even one node fits.
    pub width: f64,
    /// [`Scene::slots`] of the scene before this one, so that Services and policies keep their places.
    pub slots: Slots,
    /// Drawn before others when not all fit; their outside machines are drawn at all.
    pub participants: Participants,
    /// Trace lens: only the participants, everything else in labelled stacks.
    pub lens: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 960.0, slots: Slots::new(), participants: Participants::default(), lens: false }
    }
}

/// Draws a cluster.
pub fn layout(snapshot: &Snapshot, options: &Options) -> Scene {
    let nodes = drawn_nodes(snapshot, options);
    let outside = Outside::of(snapshot, options, nodes.len());
    let anatomy = Anatomy::of(snapshot, &nodes, options);
    let flow = Flow::of(nodes.len(), outside.len(), &anatomy, options.width);
    let mut sketch = Sketch::default();
    let (plane_height, slots) = plane::draw(&mut sketch, snapshot, options, flow.nodes_width);
    let mut nics = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let frame = flow.frame(index, MARGIN + plane_height);
        let cells = node::cells(node, options);
        nics.push((flow.row(index), node::draw(&mut sketch, node, &cells, &anatomy, Point::new(frame.x, frame.y))));
    }
    for (offset, item) in outside.items.iter().enumerate() {
        let index = nodes.len() + offset;
        let drawn = item.draw(&mut sketch, flow.frame(index, MARGIN + plane_height));
        nics.extend(drawn.map(|drawn| (flow.row(index), drawn)));
    }
    let bottom = underlay(&mut sketch, &flow, MARGIN + plane_height, &nics);
    Scene {
        size: Size { width: flow.width, height: bottom + MARGIN },
        title: format!("Cluster with {}", label::count(snapshot.nodes.len(), "node")),
        description: description(snapshot),
        elements: sketch.elements,
        links: sketch.links,
        slots,
    }
}

fn description(snapshot: &Snapshot) -> String {
    let pods: usize = snapshot.nodes.iter().map(|node| node.pods.len()).sum();
    format!(
        "{}, {}, {} on {}. Packets leave a pod downwards, cross the network between the nodes, and go up again.",
        label::count(pods, "pod"),
        label::count(snapshot.services.len(), "service"),
        if snapshot.policies.len() == 1 {
            "1 network policy".to_owned()
        } else {
            format!("{} network policies", snapshot.policies.len())
        },
        label::count(snapshot.nodes.len(), "node"),
    )
}

/// The nodes to draw, in the snapshot's order: participants first while the budget lasts, others unless the lens hides them.
fn drawn_nodes<'a>(snapshot: &'a Snapshot, options: &Options) -> Vec<&'a NodeView> {
    let takes_part = |node: &&NodeView| options.participants.nodes.contains(&node.name);
    let others = snapshot.nodes.iter().filter(|node| !options.lens && !takes_part(node));
    let mut budget = MAX_ELEMENTS.saturating_sub(plane::MAX_CHIPS * 2 + 8);
    let chosen: BTreeSet<&str> = snapshot
        .nodes
        .iter()
        .filter(takes_part)
        .chain(others)
        .map_while(|node| {
            budget = budget.checked_sub(node::cost(node, options))?;
            Some(node.name.as_str())
        })
        .collect();
    snapshot.nodes.iter().filter(|node| chosen.contains(node.name.as_str())).collect()
}

/// What stands to the right of the nodes.
struct Outside {
    items: Vec<OutsideItem>,
}

enum OutsideItem {
    External(String),
    Elided(usize),
}

/// A trace crosses one or two machines outside; more than this is a broken trace, not a picture.
const MAX_EXTERNALS: usize = 8;

impl Outside {
    fn of(snapshot: &Snapshot, options: &Options, drawn: usize) -> Self {
        let elided = snapshot.nodes.len() - drawn;
        let mut items = Vec::new();
        if elided > 0 {
            items.push(OutsideItem::Elided(elided));
        }
        items.extend(options.participants.externals.iter().take(MAX_EXTERNALS).cloned().map(OutsideItem::External));
        Self { items }
    }

    fn len(&self) -> usize {
        self.items.len()
    }
}

impl OutsideItem {
    /// Returns the element to wire to the underlay, if it has a wire.
    fn draw(&self, sketch: &mut Sketch, frame: Rect) -> Option<usize> {
        match self {
            OutsideItem::Elided(number) => {
                let label = format!("+{}", label::count(*number, "node"));
                let title = format!("{} not drawn", label::count(*number, "node"));
                sketch.put(Element::new(ElementKind::Elided, "elided/nodes", frame).labelled(label, "").titled(title));
                None
            }
            OutsideItem::External(name) => Some(
                sketch.put(
                    Element::new(ElementKind::External, format!("external/{name}"), frame)
                        .anchored(Point::new(frame.centre().x, frame.bottom() + 2.0))
                        .placed(Place::External { name: name.clone() })
                        .labelled(label::truncate(name, label::CHIP), "outside")
                        .titled(format!("{name}, outside the cluster")),
                ),
            ),
        }
    }
}

/// Places nodes, then outside items, left to right, in as many rows as the width asks for.
struct Flow {
    nodes: usize,
    per_row: usize,
    node: Size,
    width: f64,
    /// Without what stands outside, which comes and goes with the trace and must not push the lanes above.
    nodes_width: f64,
    outside_per_row: usize,
    /// The row of the first outside item and the x it starts at.
    outside_start: (usize, f64),
    rows: usize,
}

impl Flow {
    fn of(nodes: usize, outside: usize, anatomy: &Anatomy, available: f64) -> Self {
        let node = anatomy.size();
        let fitting = |room: f64, item: f64, gap: f64| ((room + gap) / (item + gap)).floor().max(0.0) as usize;
        let inner = available - 2.0 * MARGIN;
        let per_row = fitting(inner, node.width, NODE_GAP).clamp(1, nodes.max(1));
        let full_row = per_row as f64 * (node.width + NODE_GAP) - NODE_GAP;
        let node_rows = nodes.div_ceil(per_row);
        let in_last = if nodes == 0 { 0 } else { nodes - (node_rows - 1) * per_row };
        let used = in_last as f64 * (node.width + NODE_GAP);
        let beside = fitting(inner - used, CHIP.width, GAP);
        let fits_beside = in_last > 0 && beside >= outside;
        let row_room = fitting(inner.max(full_row), CHIP.width, GAP).max(1);
        let outside_rows = if fits_beside { 0 } else { outside.div_ceil(row_room) };
        let outside_width = if fits_beside && outside > 0 { used + outside as f64 * (CHIP.width + GAP) - GAP } else { 0.0 };
        Self {
            nodes,
            per_row,
            node,
            width: 2.0 * MARGIN + full_row.max(outside_width),
            nodes_width: 2.0 * MARGIN + full_row,
            outside_per_row: if fits_beside { outside.max(1) } else { row_room },
            outside_start: if fits_beside { (node_rows - 1, MARGIN + used) } else { (node_rows, MARGIN) },
            rows: (node_rows + outside_rows).max(1),
        }
    }

    fn row(&self, index: usize) -> usize {
        match index.checked_sub(self.nodes) {
            None => index / self.per_row,
            Some(outside) => self.outside_start.0 + outside / self.outside_per_row,
        }
    }

    fn row_height(&self, row: usize) -> f64 {
        if row < self.nodes.div_ceil(self.per_row) { self.node.height } else { CHIP.height }
    }

    fn row_top(&self, row: usize, top: f64) -> f64 {
        (0..row).map(|above| self.row_height(above) + DROP + BUS_HEIGHT + DROP).sum::<f64>() + top
    }

    fn frame(&self, index: usize, top: f64) -> Rect {
        let row = self.row(index);
        let y = self.row_top(row, top);
        match index.checked_sub(self.nodes) {
            None => {
                let column = (index % self.per_row) as f64;
                Rect::new(MARGIN + column * (self.node.width + NODE_GAP), y, self.node.width, self.node.height)
            }
            Some(outside) => {
                let column = (outside % self.outside_per_row) as f64;
                let bottom = y + self.row_height(row);
                Rect::new(self.outside_start.1 + column * (CHIP.width + GAP), bottom - CHIP.height, CHIP.width, CHIP.height)
            }
        }
    }
}

/// One bar under each row of nodes, joined at the left edge; returns the lowest edge.
fn underlay(sketch: &mut Sketch, flow: &Flow, top: f64, wired: &[(usize, usize)]) -> f64 {
    let mut bottom = top;
    let mut above: Option<usize> = None;
    for row in 0..flow.rows {
        let row_bottom = flow.row_top(row, top) + flow.row_height(row);
        if row > 0 && !wired.iter().any(|(of_row, _)| *of_row == row) {
            bottom = row_bottom;
            continue;
        }
        let frame = Rect::new(MARGIN, row_bottom + DROP, flow.width - 2.0 * MARGIN, BUS_HEIGHT);
        let line = frame.y + BUS_LINE;
        let mut bar = Element::new(ElementKind::Underlay, format!("underlay/{row}"), frame)
            .anchored(Point::new(frame.centre().x, line))
            .labelled("network between nodes", "")
            .titled("The network between the nodes: it knows nodes, not pods");
        if row == 0 {
            bar = bar.placed(Place::Underlay);
        }
        let bar = sketch.put(bar);
        for (_, element) in wired.iter().filter(|(of_row, _)| *of_row == row) {
            sketch.wire(*element, bar, &[Point::new(sketch.anchor(*element).x, line)]);
        }
        if let Some(above) = above {
            let edge = MARGIN / 2.0;
            sketch.wire(above, bar, &[Point::new(edge, sketch.anchor(above).y), Point::new(edge, line)]);
        }
        above = Some(bar);
        bottom = frame.bottom();
    }
    bottom
}

/// A Pod's cell on its node, or a stack of Pods that are not drawn.
pub(crate) fn chip(column: usize, columns_from: f64, y: f64) -> Rect {
    Rect::new(columns_from + column as f64 * (CHIP.width + GAP), y, CHIP.width, CHIP.height)
}
