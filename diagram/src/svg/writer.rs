//! SVG as text. Everything that came from a name, a sentence or a file passes through [`escape`]; nothing writes style
//! attributes, so that a strict Content-Security-Policy has nothing to refuse.

use crate::geometry::{Point, Rect};
use core::fmt::Write;

/// Makes text safe inside elements and double-quoted attributes, and drops control characters that XML does not allow.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}

/// A coordinate with at most one decimal, the same on every machine.
pub fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        _ => format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10),
    }
}

pub fn rect(out: &mut String, class: &str, frame: Rect, radius: f64) {
    let Rect { x, y, width, height } = frame;
    write_all(
        out,
        format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            number(x),
            number(y),
            number(width),
            number(height),
            number(radius)
        ),
    );
}

pub fn circle(out: &mut String, class: &str, at: Point, radius: f64) {
    let (x, y, r) = (number(at.x), number(at.y), number(radius));
    write_all(out, format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"));
}

/// `class` also says where the text is anchored.
pub fn text(out: &mut String, class: &str, at: Point, content: &str) {
    if content.is_empty() {
        return;
    }
    let (x, y) = (number(at.x), number(at.y));
    write_all(out, format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(content)));
}

/// A polyline with corners rounded by `radius` pixels.
pub fn line(out: &mut String, class: &str, points: &[Point], radius: f64) {
    let mut data = String::new();
    for (index, point) in points.iter().enumerate() {
        let neighbours = index.checked_sub(1).and_then(|before| points.get(before)).zip(points.get(index + 1));
        match neighbours {
            Some((before, after)) => {
                let (start, end) = (toward(*point, *before, radius), toward(*point, *after, radius));
                let [sx, sy, px, py, ex, ey] = [start.x, start.y, point.x, point.y, end.x, end.y].map(number);
                write_all(&mut data, format_args!("L{sx} {sy}Q{px} {py} {ex} {ey}"));
            }
            None => {
                let command = if index == 0 { 'M' } else { 'L' };
                write_all(&mut data, format_args!("{command}{} {}", number(point.x), number(point.y)));
            }
        }
    }
    write_all(out, format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
}

/// `radius` pixels from `corner` toward `other`, at most half-way.
fn toward(corner: Point, other: Point, radius: f64) -> Point {
    let (dx, dy) = (other.x - corner.x, other.y - corner.y);
    let length = dx.abs() + dy.abs();
    if length <= 0.0 {
        return corner;
    }
    let step = radius.min(length / 2.0) / length;
    Point::new(corner.x + dx * step, corner.y + dy * step)
}

pub fn write_all(out: &mut String, arguments: core::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("writing to a String does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        assert_eq!(escape("<script>\"&'\u{0}\u{b}"), "&lt;script&gt;&quot;&amp;&#39;");
    }

    #[test]
    fn numbers_are_short_and_signed() {
        for (value, expected) in [(8.0, "8"), (8.25, "8.3"), (-0.5, "-0.5"), (-0.04, "0"), (1234.06, "1234.1")] {
            assert_eq!(number(value), expected);
        }
    }
}
