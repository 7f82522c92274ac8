//! Points, boxes and orthogonal polylines, in pixels; x grows to the right, y down.

use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Point {
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl Rect {
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn centre(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether the insides meet; boxes that only touch do not overlap.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    pub fn contains(&self, other: &Rect) -> bool {
        self.x <= other.x && self.y <= other.y && self.right() >= other.right() && self.bottom() >= other.bottom()
    }

    /// Whether an axis-parallel segment runs through the inside.
    pub fn is_crossed_by(&self, a: Point, b: Point) -> bool {
        a.x.min(b.x) < self.right() && a.x.max(b.x) > self.x && a.y.min(b.y) < self.bottom() && a.y.max(b.y) > self.y
    }
}

/// The length of an orthogonal polyline.
pub fn length(line: &[Point]) -> f64 {
    segments(line).map(|(a, b)| distance(a, b)).sum()
}

/// The first `wanted` pixels of a polyline; the whole line when it is shorter.
pub fn prefix(line: &[Point], wanted: f64) -> Vec<Point> {
    let mut left = wanted.max(0.0);
    let mut result: Vec<Point> = line.first().copied().into_iter().collect();
    for (a, b) in segments(line) {
        let step = distance(a, b);
        if step <= left {
            result.push(b);
            left -= step;
            continue;
        }
        if left > 0.0 {
            let share = left / step;
            result.push(Point::new(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share));
        }
        break;
    }
    result
}

/// The part of a polyline that [`prefix`] leaves.
pub fn suffix(line: &[Point], skipped: f64) -> Vec<Point> {
    let reversed: Vec<Point> = line.iter().rev().copied().collect();
    let mut rest = prefix(&reversed, length(line) - skipped);
    rest.reverse();
    rest
}

/// Joins polylines end to start and keeps only the corners: a way that goes into a side street and back does not enter it.
pub fn join(parts: impl IntoIterator<Item = Vec<Point>>) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::new();
    for point in parts.into_iter().flatten() {
        while let [.., a, b] = line.as_slice()
            && is_straight(*a, *b, point)
        {
            line.pop();
        }
        if line.last() != Some(&point) {
            line.push(point);
        }
    }
    line
}

pub fn segments(line: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    line.iter().copied().zip(line.iter().copied().skip(1))
}

fn distance(a: Point, b: Point) -> f64 {
    (b.x - a.x).abs() + (b.y - a.y).abs()
}

fn is_straight(a: Point, b: Point, c: Point) -> bool {
    (a.x == b.x && b.x == c.x) || (a.y == b.y && b.y == c.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn a_way_through_a_junction_does_not_visit_its_middle() {
        // Down to a bus, to its middle, back, and up: the visit to the middle is left out.
        let joined = join([line(&[(0.0, 0.0), (0.0, 9.0), (50.0, 9.0)]), line(&[(50.0, 9.0), (20.0, 9.0), (20.0, 0.0)])]);
        assert_eq!(joined, line(&[(0.0, 0.0), (0.0, 9.0), (20.0, 9.0), (20.0, 0.0)]));
        // In and out again by the same way.
        assert_eq!(join([line(&[(0.0, 0.0), (0.0, 9.0), (5.0, 9.0), (0.0, 9.0), (0.0, 0.0)])]), line(&[(0.0, 0.0)]));
    }

    #[test]
    fn a_polyline_splits_without_losing_length() {
        let whole = line(&[(0.0, 0.0), (0.0, 10.0), (30.0, 10.0)]);
        for at in [0.0, 4.0, 10.0, 25.0, 40.0] {
            assert_eq!(length(&prefix(&whole, at)), at);
            assert_eq!(length(&prefix(&whole, at)) + length(&suffix(&whole, at)), length(&whole));
        }
    }
}
