//! A scene while it is being drawn: boxes are put down, wires are laid between their anchors.

use crate::geometry::{self, Point, Rect};
use crate::scene::{Element, ElementKind, Link};
use hoplab_core::api::ObjectRef;
use hoplab_core::net::IpAddr;
use hoplab_core::trace::Place;

#[derive(Default)]
pub struct Sketch {
    pub elements: Vec<Element>,
    pub links: Vec<Link>,
}

impl Sketch {
    pub fn put(&mut self, element: Element) -> usize {
        self.elements.push(element);
        self.elements.len() - 1
    }

    /// Lays a wire from anchor to anchor through the corners `via`.
    pub fn wire(&mut self, from: usize, to: usize, via: &[Point]) {
        self.lay(from, to, via, true);
    }

    /// A way that packets take inside a machine and that has no wire.
    pub fn passage(&mut self, from: usize, to: usize, via: &[Point]) {
        self.lay(from, to, via, false);
    }

    pub fn anchor(&self, index: usize) -> Point {
        self.elements.get(index).map(|element| element.anchor).unwrap_or_default()
    }

    fn lay(&mut self, from: usize, to: usize, via: &[Point], drawn: bool) {
        let points = geometry::join([vec![self.anchor(from)], via.to_vec(), vec![self.anchor(to)]]);
        self.links.push(Link { from, to, points, drawn });
    }
}

impl Element {
    pub fn new(kind: ElementKind, id: impl Into<String>, frame: Rect) -> Self {
        Self {
            id: id.into(),
            kind,
            frame,
            anchor: frame.centre(),
            place: None,
            object: None,
            address: None,
            label: String::new(),
            detail: String::new(),
            title: String::new(),
            impaired: false,
            system: false,
        }
    }

    pub fn anchored(mut self, anchor: Point) -> Self {
        self.anchor = anchor;
        self
    }

    pub fn placed(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn of(mut self, object: &ObjectRef) -> Self {
        self.system = object.namespace == "kube-system" || (object.namespace == "default" && object.name == "kubernetes");
        self.object = Some(object.clone());
        self
    }

    pub fn answering(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    pub fn labelled(mut self, label: impl Into<String>, detail: impl Into<String>) -> Self {
        self.label = label.into();
        self.detail = detail.into();
        self
    }

    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    pub fn impaired(mut self, impaired: bool) -> Self {
        self.impaired = impaired;
        self
    }
}
