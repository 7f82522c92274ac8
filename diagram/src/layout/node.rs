//! The inside of a node, always in the order in which a packet leaves it: Pods → veth → bridge → service rules and routes →
//! tunnel → NIC. Pods hang on rails that join a trunk down to the bridge, as ports of a switch do.

use super::pod::{gate, pod_box};
use super::sketch::Sketch;
use super::{CHIP, Options};
use crate::geometry::{Point, Rect, Size};
use crate::label;
use crate::scene::{Element, ElementKind};
use hoplab_core::api::Cni;
use hoplab_core::trace::Place;
use hoplab_core::world::{DeviceKind, DeviceView, NodeView, PodView, Snapshot};

/// A node draws this many Pods at most: what a kubelet runs by default (`maxPods`).
const MAX_PODS: usize = 110;
/// Room for Pods before a node has to grow: whole rows of 2, 3, 4 or 6 columns.
const CAPACITY: usize = 12;
/// Pods in the node's own namespace, drawn as pills in the corner that rewrites and routes leave free.
const MAX_AGENTS: usize = 6;
const HEADER: f64 = 56.0;
/// From one row of Pods to the next: chip 40, plug and gates 12, rail and air 12.
const PITCH: f64 = 64.0;
const PADDING: f64 = 8.0;
const STEP: f64 = 16.0;
const DEVICE: f64 = 24.0;
const STACK: f64 = 32.0;
/// A device that this network plugin does not have.
const ABSENT: f64 = 8.0;

/// What every node of a picture has in common, so that the same device stands at the same height everywhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anatomy {
    columns: usize,
    rows: usize,
    bridge: bool,
    tunnel: bool,
    /// Whether anything enforces the policies: else the gates stand open.
    enforced: bool,
}

/// What stands in a slot of the Pod grid.
pub enum Cell<'a> {
    Pod { slot: usize, pod: &'a PodView },
    Elided { slot: usize, number: usize },
}

impl Cell<'_> {
    fn slot(&self) -> usize {
        match self {
            Cell::Pod { slot, .. } | Cell::Elided { slot, .. } => *slot,
        }
    }
}

impl Anatomy {
    /// Columns follow from the width and the number of nodes, rows from the highest slot in use. Bridge and tunnel keep their
    /// room before the first Pod brings them up.
    pub fn of(snapshot: &Snapshot, nodes: &[&NodeView], options: &Options) -> Self {
        let has = |kinds: &[DeviceKind]| snapshot.nodes.iter().flat_map(|node| &node.devices).any(|d| kinds.contains(&d.kind));
        let fits = |columns: &usize| {
            let width = node_width(*columns);
            let all = nodes.len() as f64 * (width + super::NODE_GAP) - super::NODE_GAP;
            all + 2.0 * super::MARGIN <= options.width
        };
        let narrowest = if options.width < 384.0 { 2 } else { 3 };
        let columns = [6, 4, 3].into_iter().find(fits).unwrap_or(narrowest);
        let mut anatomy = Self {
            columns,
            rows: if options.lens { 1 } else { CAPACITY.div_ceil(columns) },
            bridge: matches!(snapshot.cni, Cni::Flannel | Cni::KubeRouter) || has(&[DeviceKind::Bridge]),
            tunnel: matches!(snapshot.cni, Cni::Flannel | Cni::Calico) || has(&[DeviceKind::Vxlan, DeviceKind::IpIp]),
            enforced: snapshot.policies.iter().any(|policy| policy.enforced),
        };
        let last = nodes.iter().flat_map(|node| cells(node, options)).map(|cell| cell.slot()).max();
        anatomy.rows = anatomy.rows.max(last.map_or(0, |slot| slot / columns + 1));
        anatomy
    }

    pub fn size(&self) -> Size {
        Size { width: node_width(self.columns), height: self.nic_top() + DEVICE + PADDING }
    }

    fn bridge_top(&self) -> f64 {
        HEADER + self.rows as f64 * PITCH + PADDING
    }

    fn stack_top(&self) -> f64 {
        self.bridge_top() + if self.bridge { DEVICE + STEP } else { ABSENT }
    }

    fn tunnel_top(&self) -> f64 {
        self.stack_top() + STACK + STEP
    }

    fn nic_top(&self) -> f64 {
        self.tunnel_top() + if self.tunnel { DEVICE + STEP } else { ABSENT }
    }
}

fn node_width(columns: usize) -> f64 {
    columns as f64 * (CHIP.width + super::GAP) + 2.0 * PADDING
}

/// An upper bound of the elements that [`draw`] will make of a node.
pub fn cost(node: &NodeView, options: &Options) -> usize {
    /// Frame, bridge, rules, routes, tunnel, NIC, and a stack of agents that are not drawn.
    const FIXED: usize = 7;
    let agents = node.pods.iter().filter(|pod| pod.host_network).count().min(MAX_AGENTS);
    let cells = cells(node, options);
    let pods = cells.iter().map(|cell| match cell {
        Cell::Pod { pod, .. } => 2 + pod.isolated.len(),
        Cell::Elided { .. } => 1,
    });
    let bays = CAPACITY - cells.iter().filter(|cell| cell.slot() < CAPACITY).count().min(CAPACITY);
    FIXED + agents + pods.sum::<usize>() + bays
}

fn takes_part(pod: &PodView, options: &Options) -> bool {
    options.participants.pods.contains(&(pod.reference.namespace.clone(), pod.reference.name.clone()))
}

/// The Pod grid of a node. Under the lens, participants close ranks and the others become one stack.
pub fn cells<'a>(node: &'a NodeView, options: &Options) -> Vec<Cell<'a>> {
    let pods = || node.pods.iter().filter(|pod| !pod.host_network);
    let mut cells: Vec<Cell> = if options.lens {
        let shown = pods().filter(|pod| takes_part(pod, options)).take(MAX_PODS);
        shown.enumerate().map(|(slot, pod)| Cell::Pod { slot, pod }).collect()
    } else {
        pods().filter(|pod| pod.slot < MAX_PODS).map(|pod| Cell::Pod { slot: pod.slot, pod }).collect()
    };
    let number = pods().count().saturating_sub(cells.len());
    if number > 0 {
        let slot = if options.lens { cells.len() } else { MAX_PODS };
        cells.push(Cell::Elided { slot, number });
    }
    cells
}

/// Where the parts of one node lie.
struct Plan<'a> {
    node: &'a NodeView,
    anatomy: &'a Anatomy,
    at: Point,
    left: f64,
    right: f64,
    /// The width of each half below the bridge.
    half: f64,
}

/// Draws a node with its upper left corner at `at`; returns its NIC, to be wired to the network between the nodes.
pub fn draw(sketch: &mut Sketch, node: &NodeView, cells: &[Cell], anatomy: &Anatomy, at: Point) -> usize {
    let size = anatomy.size();
    let (left, right) = (at.x + PADDING, at.x + size.width - PADDING);
    let plan = Plan { node, anatomy, at, left, right, half: (right - left - 16.0) / 2.0 };
    sketch.put(plan.node_frame(size));
    let (rules, routes) = plan.stack(sketch);
    let bridge = plan.bridge(sketch, rules);
    for cell in cells {
        plan.cell(sketch, cell, bridge, rules);
    }
    let nic = plan.wire_side(sketch, routes);
    plan.agents(sketch, routes);
    plan.bays(sketch, cells);
    nic
}

impl Plan<'_> {
    fn node_frame(&self, size: Size) -> Element {
        let node = self.node;
        let state = if node.ready { "ready" } else { "not ready" };
        let role = if node.control_plane { "Control plane node" } else { "Node" };
        let frame = Rect::new(self.at.x, self.at.y, size.width, size.height);
        let plain = Element::new(ElementKind::Node, format!("node/{}", node.name), frame);
        Element { system: node.control_plane, ..plain }
            .answering(Some(node.ip))
            .labelled(label::truncate(&node.name, 26), format!("{} · pods {}", node.ip, node.pod_cidr))
            .titled(format!("{role} {}, {}, {state}, pod addresses {}", node.name, node.ip, node.pod_cidr))
            .impaired(!node.ready)
    }

    /// The node's IP stack in two halves; returns (rules, routes).
    fn stack(&self, sketch: &mut Sketch) -> (usize, usize) {
        let y = self.at.y + self.anatomy.stack_top();
        let name = &self.node.name;
        let rules = Rect::new(self.left, y, self.half, STACK);
        let routes = Rect::new(self.right - self.half, y, self.half, STACK);
        let rules = sketch.put(
            Element::new(ElementKind::Rules, format!("rules/{name}"), rules)
                .anchored(Point::new(rules.right() - 32.0, rules.centre().y))
                .labelled("service rules", "")
                .titled(format!("Service rules of {name}: kube-proxy's netfilter NAT and conntrack")),
        );
        let routes = sketch.put(
            Element::new(ElementKind::Routes, format!("routes/{name}"), routes)
                .anchored(Point::new(self.down_x(), routes.centre().y))
                .placed(Place::Node { node: name.clone() })
                .labelled("routes", "")
                .titled(format!("Routing table of {name}")),
        );
        sketch.wire(rules, routes, &[]);
        (rules, routes)
    }

    /// The column in which packets go down to the wire.
    fn down_x(&self) -> f64 {
        self.right - (self.half / 2.0 - 8.0)
    }

    fn bridge(&self, sketch: &mut Sketch, rules: usize) -> Option<usize> {
        let device = self.device(&[DeviceKind::Bridge])?;
        let frame = Rect::new(self.left, self.at.y + self.anatomy.bridge_top(), self.right - self.left, DEVICE);
        let address = device.addresses.first().map(ToString::to_string).unwrap_or_default();
        let anchor = Point::new(sketch.anchor(rules).x, frame.centre().y);
        let bridge = sketch.put(self.device_box(ElementKind::Bridge, device, frame, address).anchored(anchor));
        sketch.wire(bridge, rules, &[]);
        Some(bridge)
    }

    fn device(&self, kinds: &[DeviceKind]) -> Option<&DeviceView> {
        self.node.devices.iter().find(|device| kinds.contains(&device.kind))
    }

    fn device_box(&self, kind: ElementKind, device: &DeviceView, frame: Rect, detail: String) -> Element {
        let node = self.node.name.clone();
        let what = match device.kind {
            DeviceKind::Veth => "veth",
            DeviceKind::Bridge => "bridge",
            DeviceKind::Vxlan => "VXLAN tunnel",
            DeviceKind::IpIp => "IPIP tunnel",
            DeviceKind::Nic => "network card",
        };
        let state = if device.up { "up" } else { "down" };
        let addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
        Element::new(kind, format!("device/{node}/{}", device.name), frame)
            .labelled(label::truncate(&device.name, label::CHIP), detail)
            .titled(format!("{} on {node}: {what}, {state}, MTU {} {}", device.name, device.mtu, addresses.join(", ")).trim_end())
            .placed(Place::Device { node, device: device.name.clone() })
            .impaired(!device.up)
    }

    fn cell(&self, sketch: &mut Sketch, cell: &Cell, bridge: Option<usize>, rules: usize) {
        let frame = self.slot_frame(cell.slot());
        match cell {
            Cell::Pod { pod, .. } => self.pod(sketch, pod, frame, bridge.unwrap_or(rules)),
            Cell::Elided { number, .. } => {
                let pods = label::count(*number, "pod");
                let stack = Element::new(ElementKind::Elided, format!("elided/pods/{}", self.node.name), frame);
                sketch.put(stack.labelled(format!("+{pods}"), "").titled(format!("{pods} on {} not drawn", self.node.name)));
            }
        }
    }

    /// Where a Pod could stand: shows that the room is meant to be there.
    fn bays(&self, sketch: &mut Sketch, cells: &[Cell]) {
        let free = |slot: &usize| !cells.iter().any(|cell| cell.slot() == *slot);
        for slot in (0..CAPACITY.min(self.anatomy.rows * self.anatomy.columns)).filter(free) {
            let id = format!("bay/{}/{slot}", self.node.name);
            sketch.put(Element::new(ElementKind::Bay, id, self.slot_frame(slot)).titled("room for a pod"));
        }
    }

    fn slot_frame(&self, slot: usize) -> Rect {
        let (column, row) = (slot % self.anatomy.columns, slot / self.anatomy.columns);
        super::chip(column, self.at.x + 24.0, self.at.y + HEADER + row as f64 * PITCH)
    }

    fn pod(&self, sketch: &mut Sketch, pod: &PodView, frame: Rect, uplink: usize) {
        let x = frame.centre().x;
        let chip = sketch.put(pod_box(&self.node.name, pod, frame).anchored(Point::new(x, frame.bottom() + 2.0)));
        for direction in &pod.isolated {
            sketch.put(gate(pod, *direction, frame).impaired(!self.anatomy.enforced));
        }
        let Some(device) = self.node.devices.iter().find(|device| device.pod.as_ref() == Some(&pod.reference)) else {
            return;
        };
        let plug = Rect::new(x - 6.0, frame.bottom(), 12.0, 8.0);
        let veth = self.device_box(ElementKind::Veth, device, plug, String::new());
        let veth = sketch.put(veth.anchored(Point::new(x, frame.bottom() + 12.0)));
        sketch.wire(chip, veth, &[]);
        let (rail, trunk) = (frame.bottom() + 16.0, self.at.x + 16.0);
        let port = sketch.anchor(uplink);
        sketch.wire(veth, uplink, &[Point::new(x, rail), Point::new(trunk, rail), Point::new(trunk, port.y)]);
    }

    /// Tunnel and NIC under the routes; packets that need no tunnel pass beside it.
    fn wire_side(&self, sketch: &mut Sketch, routes: usize) -> usize {
        let frame = Rect::new(self.right - self.half, self.at.y + self.anatomy.nic_top(), self.half, DEVICE);
        let anchor = Point::new(self.down_x(), frame.centre().y);
        let nic = match self.device(&[DeviceKind::Nic]) {
            Some(device) => self.device_box(ElementKind::Nic, device, frame, String::new()),
            None => Element::new(ElementKind::Nic, format!("device/{}/", self.node.name), frame).impaired(true),
        };
        let nic = sketch.put(nic.anchored(anchor));
        let Some(device) = self.device(&[DeviceKind::Vxlan, DeviceKind::IpIp]) else {
            sketch.wire(routes, nic, &[]);
            return nic;
        };
        let frame = Rect::new(self.right - self.half, self.at.y + self.anatomy.tunnel_top(), self.half - 32.0, DEVICE);
        let tunnel = self.device_box(ElementKind::Tunnel, device, frame, String::new());
        let tunnel = sketch.put(tunnel.anchored(Point::new(self.down_x(), frame.centre().y)));
        sketch.wire(routes, tunnel, &[]);
        sketch.wire(tunnel, nic, &[]);
        let bypass = self.right - 16.0;
        sketch.wire(routes, nic, &[Point::new(bypass, sketch.anchor(routes).y), Point::new(bypass, anchor.y)]);
        nic
    }

    fn agents(&self, sketch: &mut Sketch, routes: usize) {
        let agents: Vec<&PodView> = self.node.pods.iter().filter(|pod| pod.host_network).collect();
        let shown = if agents.len() > MAX_AGENTS { MAX_AGENTS - 1 } else { agents.len() };
        let width = (self.half - 8.0) / 2.0;
        let top = self.at.y + self.anatomy.tunnel_top();
        let frame = |index: usize| {
            Rect::new(self.left + (index % 2) as f64 * (width + 8.0), top + (index / 2) as f64 * 24.0, width, 20.0)
        };
        let aisle = self.left + self.half + 8.0;
        for (index, pod) in agents.iter().take(shown).enumerate() {
            let mut agent = pod_box(&self.node.name, pod, frame(index));
            agent.kind = ElementKind::Agent;
            agent.address = None;
            agent.label = label::agent(&pod.reference.name, &self.node.name, ((width - 4.0) / 6.8) as usize);
            agent.detail = String::new();
            let agent = sketch.put(agent);
            let (from, to) = (sketch.anchor(agent), sketch.anchor(routes));
            let lane = frame(index).bottom() + 2.0;
            sketch.passage(agent, routes, &[Point::new(from.x, lane), Point::new(aisle, lane), Point::new(aisle, to.y)]);
        }
        let hidden = agents.len() - shown;
        if hidden > 0 {
            let stack = Element::new(ElementKind::Elided, format!("elided/agents/{}", self.node.name), frame(shown));
            let title = format!("{} in the network of {} not drawn", label::count(hidden, "pod"), self.node.name);
            sketch.put(stack.labelled(format!("+{hidden}"), "").titled(title));
        }
    }
}
