//! Room for notes: a card is put where it hides least of what has a name.

use crate::geometry::{Point, Rect, Size};
use crate::scene::{Element, ElementKind, Scene};

/// The part of a node's box that has its name.
const NODE_HEADING: Size = Size { width: 224.0, height: 40.0 };

/// Of several places around `at`, the one that covers least; earlier ones win ties. Always inside the scene, never on `at`
/// itself nor on what is to be avoided.
pub fn beside(scene: &Scene, at: Point, size: Size, clearance: f64, avoid: &[Rect]) -> Rect {
    let Size { width, height } = size;
    let (below, above) = (at.y + clearance, at.y - clearance - height);
    let (right, left) = (at.x + clearance, at.x - clearance - width);
    let centred = at.x - width / 2.0;
    let candidates = [
        (centred, below),
        (right, at.y - height / 2.0),
        (left, at.y - height / 2.0),
        (at.x - 32.0, below),
        (at.x + 32.0 - width, below),
        (centred, above),
        (at.x - 32.0, above),
        (at.x + 32.0 - width, above),
    ];
    let past = avoid.iter().flat_map(|taken| {
        let y = taken.centre().y - height / 2.0;
        let x = taken.centre().x - width / 2.0;
        [(x, taken.bottom() + 6.0), (taken.right() + 6.0, y), (taken.x - 6.0 - width, y)]
    });
    let inside = |(x, y): (f64, f64)| {
        let x = x.min(scene.size.width - width - 4.0).max(4.0);
        let y = y.min(scene.size.height - height - 4.0).max(4.0);
        Rect::new(x, y, width, height)
    };
    let spot = around(at);
    let spots = || avoid.iter().chain([&spot]);
    let covered = |card: &Rect| covered(scene, card) + 10_000.0 * spots().filter(|spot| card.overlaps(spot)).count() as f64;
    let [first, rest @ ..] = candidates;
    let first = inside(first);
    let others = rest.into_iter().chain(past).map(inside);
    let choose = |(best, least): (Rect, f64), candidate: Rect| {
        let area = covered(&candidate);
        if area < least { (candidate, area) } else { (best, least) }
    };
    others.fold((first, covered(&first)), choose).0
}

/// What a mark or a packet at `at` covers of itself.
pub fn around(at: Point) -> Rect {
    Rect::new(at.x - 11.0, at.y - 8.0, 22.0, 16.0)
}

/// Covered area, weighted by how much a reader needs what is under it.
fn covered(scene: &Scene, card: &Rect) -> f64 {
    let weight = |kind: ElementKind| match kind {
        ElementKind::Pod | ElementKind::Service | ElementKind::External => 4.0,
        ElementKind::Policy | ElementKind::Gate { .. } | ElementKind::Lane => 3.0,
        ElementKind::Bridge | ElementKind::Rules | ElementKind::Routes | ElementKind::Tunnel | ElementKind::Nic => 2.0,
        ElementKind::Veth | ElementKind::Underlay | ElementKind::Elided => 1.0,

        ElementKind::Node | ElementKind::Bay | ElementKind::Agent => 0.0,
    };
    let area = |a: &Rect, b: &Rect| {
        let width = a.right().min(b.right()) - a.x.max(b.x);
        let height = a.bottom().min(b.bottom()) - a.y.max(b.y);
        width.max(0.0) * height.max(0.0)
    };
    let hidden = |element: &Element| match element.kind {
        ElementKind::Node => area(&Rect { height: NODE_HEADING.height, width: NODE_HEADING.width, ..element.frame }, card),
        kind => weight(kind) * area(&element.frame, card),
    };
    scene.elements.iter().map(hidden).sum()
}
