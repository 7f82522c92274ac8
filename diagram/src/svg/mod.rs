//! Scene and Frame → SVG text. Four layers from back to front, so that a page redraws only what changes:
//! [`ground`] (nodes and wires), [`trail`] (the packet's way), [`boxes`] (everything with a name), [`front`] (packets, marks).
//! Classes carry the looks (`theme.css`), never style attributes. Equal input, equal bytes.

mod front;
mod place;
mod poster;
mod writer;

pub use front::{Ring, front, ring, trail};
pub use poster::poster;

use crate::geometry::{Point, Rect};
use crate::playback::Frame;
use crate::scene::{Element, ElementKind, Scene};
use hoplab_core::api::PolicyType;
use writer::{escape, line, number, rect, text, write_all};

/// How a document is dressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dress {
    /// Inside a page that has [`crate::THEME_CSS`].
    #[default]
    Page,
    /// A file of its own: carries the rules and follows the reader's light or dark preference.
    Standalone,
    /// A file of its own, always light, or always dark.
    Light,
    Dark,
}

/// A whole SVG document: the scene, and a moment of an exchange in it.
pub fn document(scene: &Scene, frame: Option<&Frame>, dress: Dress) -> String {
    let mut out = open(scene, scene.size.height, &scene.title, &scene.description, dress);
    out.push_str(&content(scene, frame));
    out.push_str("</svg>\n");
    out
}

fn content(scene: &Scene, frame: Option<&Frame>) -> String {
    let layer = |name: &str, content: String| format!("<g class=\"layer-{name}\">{content}</g>");
    [
        layer("ground", ground(scene)),
        layer("trail", frame.map(trail).unwrap_or_default()),
        layer("boxes", boxes(scene)),
        layer("front", frame.map(|frame| front(scene, frame)).unwrap_or_default()),
    ]
    .concat()
}

fn open(scene: &Scene, height: f64, title: &str, description: &str, dress: Dress) -> String {
    let (width, height) = (number(scene.size.width), number(height));
    let theme = match dress {
        Dress::Page | Dress::Standalone => "",
        Dress::Light => " data-theme=\"light\"",
        Dress::Dark => " data-theme=\"dark\"",
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hoplab-diagram\" role=\"img\"{theme} \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\"><title>{}</title><desc>{}</desc>",
        escape(title),
        escape(description)
    );
    if dress != Dress::Page {
        write_all(
            &mut out,
            format_args!("<style>{}</style><rect class=\"paper\" width=\"100%\" height=\"100%\"/>", crate::THEME_CSS),
        );
    }
    out
}

/// Nodes, headings and wires.
pub fn ground(scene: &Scene) -> String {
    let mut out = String::new();
    for element in &scene.elements {
        match element.kind {
            ElementKind::Node => node(&mut out, element),
            ElementKind::Bay => rect(&mut out, "bay", element.frame, 6.0),
            ElementKind::Lane => text(&mut out, "heading", Point::new(element.frame.x, element.frame.y + 12.0), &element.label),
            _ => {}
        }
    }
    for link in scene.links.iter().filter(|link| link.drawn) {
        line(&mut out, "wire", &link.points, 4.0);
    }
    // Over the wires: they end at the cable.
    for element in scene.elements.iter().filter(|element| element.kind == ElementKind::Underlay) {
        underlay(&mut out, element);
    }
    out
}

/// Every box with a name.
pub fn boxes(scene: &Scene) -> String {
    let mut out = String::new();
    for element in &scene.elements {
        match element.kind {
            ElementKind::Node | ElementKind::Lane | ElementKind::Bay | ElementKind::Underlay => {}
            ElementKind::Pod | ElementKind::Service | ElementKind::External => chip(&mut out, element),
            ElementKind::Policy => strip(&mut out, element),
            ElementKind::Gate { direction } => gate(&mut out, element, direction),
            ElementKind::Veth => plain(&mut out, element, 2.0),
            ElementKind::Bridge | ElementKind::Rules | ElementKind::Routes | ElementKind::Tunnel | ElementKind::Nic => {
                bar(&mut out, element);
            }
            ElementKind::Agent | ElementKind::Elided => pill(&mut out, element),
        }
    }
    out
}

fn class(element: &Element) -> String {
    let kind = match element.kind {
        ElementKind::Lane => "lane",
        ElementKind::Service => "service",
        ElementKind::Policy => "policy",
        ElementKind::Node => "node",
        ElementKind::Pod => "pod",
        ElementKind::Bay => "bay",
        ElementKind::Gate { .. } => "gate",
        ElementKind::Veth => "veth",
        ElementKind::Bridge => "bridge",
        ElementKind::Rules => "rules",
        ElementKind::Routes => "routes",
        ElementKind::Tunnel => "tunnel",
        ElementKind::Nic => "nic",
        ElementKind::Agent => "agent",
        ElementKind::Underlay => "underlay",
        ElementKind::External => "external",
        ElementKind::Elided => "elided",
    };
    let impaired = if element.impaired { " impaired" } else { "" };
    let system = if element.system { " system" } else { "" };
    format!("{kind}{impaired}{system}")
}

fn group(out: &mut String, element: &Element, content: impl FnOnce(&mut String)) {
    let (class, id) = (class(element), escape(&element.id));
    write_all(out, format_args!("<g class=\"{class}\" data-id=\"{id}\"><title>{}</title>", escape(&element.title)));
    content(out);
    out.push_str("</g>");
}

fn node(out: &mut String, element: &Element) {
    let Rect { x, y, .. } = element.frame;
    group(out, element, |out| {
        rect(out, "box", element.frame, 8.0);
        text(out, "name", Point::new(x + 12.0, y + 20.0), &element.label);
        text(out, "quiet", Point::new(x + 12.0, y + 36.0), &element.detail);
        let state = if element.impaired {
            "NotReady"
        } else if element.system {
            "control plane"
        } else {
            ""
        };
        text(out, "quiet end", Point::new(element.frame.right() - 12.0, y + 20.0), state);
    });
}

/// A cable with its name below, so that a packet's way along it stays readable.
fn underlay(out: &mut String, element: &Element) {
    let Rect { x, width, .. } = element.frame;
    group(out, element, |out| {
        rect(out, "box", Rect::new(x, element.anchor.y - 4.0, width, 8.0), 4.0);
        text(out, "quiet", Point::new(x, element.frame.bottom() - 4.0), &element.label);
    });
}

fn chip(out: &mut String, element: &Element) {
    let Rect { x, y, .. } = element.frame;
    group(out, element, |out| {
        rect(out, "box", element.frame, 6.0);
        text(out, "label", Point::new(x + 6.0, y + 16.0), &element.label);
        text(out, "quiet", Point::new(x + 6.0, y + 30.0), &element.detail);
    });
}

fn strip(out: &mut String, element: &Element) {
    let at = Point::new(element.frame.x + 6.0, element.frame.centre().y + 4.0);
    group(out, element, |out| {
        rect(out, "box", element.frame, 4.0);
        text(out, "small", at, &element.label);
    });
}

fn bar(out: &mut String, element: &Element) {
    let y = element.frame.centre().y + 4.0;
    group(out, element, |out| {
        rect(out, "box", element.frame, 4.0);
        text(out, "label", Point::new(element.frame.x + 8.0, y), &element.label);
        text(out, "quiet end", Point::new(element.frame.right() - 8.0, y), &element.detail);
    });
}

fn pill(out: &mut String, element: &Element) {
    let at = Point::new(element.frame.centre().x, element.frame.centre().y + 4.0);
    group(out, element, |out| {
        rect(out, "box", element.frame, 4.0);
        text(out, "quiet middle", at, &element.label);
    });
}

fn plain(out: &mut String, element: &Element, radius: f64) {
    group(out, element, |out| rect(out, "box", element.frame, radius));
}

/// A bar with an arrow head: in points up to the Pod, out points down to the wire.
fn gate(out: &mut String, element: &Element, direction: PolicyType) {
    let centre = element.frame.centre();
    let tip = match direction {
        PolicyType::Ingress => -3.0,
        PolicyType::Egress => 3.0,
    };
    let arrow = [Point::new(centre.x - 4.0, centre.y - tip / 2.0), Point::new(centre.x, centre.y + tip / 2.0 + tip / 3.0)];
    let [left, middle] = arrow;
    let right = Point::new(centre.x + 4.0, left.y);
    group(out, element, |out| {
        rect(out, "box", element.frame, 3.0);
        line(out, "arrow", &[left, middle, right], 0.0);
    });
}
