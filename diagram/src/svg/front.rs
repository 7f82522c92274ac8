//! What changes from frame to frame: the packet's way, the packet, the hop that matters, rewrites, verdicts.

use super::place;
use super::writer::{circle, escape, line, number, rect, text, write_all};
use crate::geometry::{Point, Rect, Size, segments};
use crate::playback::{Crumb, Frame, RewriteCard, StopKind, Token, VerdictMark};
use crate::rows::Verdict;
use crate::scene::{ElementKind, Scene};

/// The way so far, drawn over the wires and under the boxes.
pub fn trail(frame: &Frame) -> String {
    let mut out = String::new();
    for part in &frame.path {
        let verdict = part.verdict.map_or("travelling", Verdict::word);
        let reply = if part.reply { " reply" } else { "" };
        // Covers the wire, which would show through the gaps of a broken line.
        line(&mut out, "trail-bed", &part.points, 4.0);
        line(&mut out, &format!("trail {verdict}{reply}"), &part.points, 4.0);
        if part.reply {
            line(&mut out, "trail-hollow", &part.points, 4.0);
        }
        chevron(&mut out, &format!("heading-mark {verdict}"), &part.points);
    }
    let last = frame.path.last().filter(|part| part.verdict == Some(Verdict::Dropped));
    if let Some((before, end)) = last.and_then(|part| segments(&part.points).last()) {
        let (dx, dy) = if before.x == end.x { (8.0, 0.0) } else { (0.0, 8.0) };
        line(&mut out, "trail-end", &[Point::new(end.x - dx, end.y - dy), Point::new(end.x + dx, end.y + dy)], 0.0);
    }
    out
}

/// An arrow head in the middle of the longest straight piece, where there is room to see it.
fn chevron(out: &mut String, class: &str, points: &[Point]) {
    let length = |a: &Point, b: &Point| (b.x - a.x).abs() + (b.y - a.y).abs();
    let longest =
        segments(points).reduce(|best, next| if length(&next.0, &next.1) > length(&best.0, &best.1) { next } else { best });
    let Some((a, b)) = longest.filter(|(a, b)| length(a, b) >= 40.0) else { return };
    let (x, y) = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
    let (dx, dy) = ((b.x - a.x) / length(&a, &b), (b.y - a.y) / length(&a, &b));
    let tip = Point::new(x + dx * 5.0, y + dy * 5.0);
    let wing = |side: f64| Point::new(x - dx * 4.0 - dy * 6.0 * side, y - dy * 4.0 + dx * 6.0 * side);
    polygon(out, class, &[tip, wing(1.0), wing(-1.0)]);
}

fn polygon(out: &mut String, class: &str, points: &[Point]) {
    let points: Vec<String> = points.iter().map(|point| format!("{},{}", number(point.x), number(point.y))).collect();
    write_all(out, format_args!("<polygon class=\"{class}\" points=\"{}\"/>", points.join(" ")));
}

/// Everything in front of the boxes.
pub fn front(scene: &Scene, frame: &Frame) -> String {
    let mut out = String::new();
    let element = |id: &Option<String>| id.as_deref().and_then(|id| scene.element(id));
    // A veth is smaller than the packet on it, and the packet marks it well enough.
    if let Some(current) = element(&frame.highlight).filter(|current| current.kind != ElementKind::Veth) {
        let verdict = frame.verdict.as_ref().map_or("", |mark| mark.verdict.word());
        rect(&mut out, &format!("current {verdict}"), grown(current.frame, 3.0), 8.0);
    }
    if let Some(from) = element(&frame.from) {
        tag(&mut out, from.frame, "from");
    }
    if let Some(to) = element(&frame.to).filter(|_| frame.to != frame.from) {
        tag(&mut out, to.frame, "to");
    }
    if let Some(picked) = element(&frame.picked) {
        tag(&mut out, picked.frame, "picked");
    }
    for crumb in &frame.crumbs {
        self::crumb(&mut out, crumb);
    }
    for token in &frame.tokens {
        self::token(&mut out, scene, token);
    }
    let note = frame.verdict.as_ref().map(|mark| note(scene, mark, frame.crumbs.is_empty()));
    if let Some(card) = &frame.rewrite {
        let taken: Vec<Rect> = note.into_iter().chain(frame.verdict.iter().map(|mark| place::around(mark.at))).collect();
        rewrite(&mut out, scene, card, &taken);
    }
    if let Some((mark, note)) = frame.verdict.as_ref().zip(note) {
        verdict(&mut out, mark, note);
    }
    out
}

/// A ring around an element, apart from packets and verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// The one selection of the page: a neutral double ring.
    Selected,
    /// Where the keyboard is.
    Focused,
}

/// The ring as a fragment for the front layer; empty when the scene has no such element.
pub fn ring(scene: &Scene, id: &str, ring: Ring) -> String {
    let mut out = String::new();
    let Some(element) = scene.element(id) else { return out };
    match ring {
        Ring::Selected => {
            rect(&mut out, "selected", grown(element.frame, 3.0), 8.0);
            rect(&mut out, "selected", grown(element.frame, 6.0), 10.0);
        }
        Ring::Focused => rect(&mut out, "focused", grown(element.frame, 8.0), 12.0),
    }
    out
}

fn grown(frame: Rect, by: f64) -> Rect {
    Rect::new(frame.x - by, frame.y - by, frame.width + 2.0 * by, frame.height + 2.0 * by)
}

/// Says which chip is the leg's source and which its destination.
fn tag(out: &mut String, frame: Rect, word: &str) {
    let width = 7.0 * word.chars().count() as f64 + 12.0;
    let pill = Rect::new(frame.x + 4.0, frame.y - 12.0, width, 16.0);
    write_all(out, format_args!("<g class=\"tag {word}\">"));
    rect(out, "box", pill, 8.0);
    text(out, "label middle", Point::new(pill.centre().x, pill.y + 12.0), word);
    out.push_str("</g>");
}

fn crumb(out: &mut String, crumb: &Crumb) {
    let kind = match crumb.kind {
        StopKind::Pass | StopKind::Encapsulation => "",
        StopKind::Rewrite => " rewrite",
        StopKind::End(_) => "",
    };
    let current = if crumb.current { " now" } else { "" };
    write_all(out, format_args!("<g class=\"crumb {kind}{current}\">"));
    circle(out, "box", crumb.at, 9.0);
    text(out, "label middle", Point::new(crumb.at.x, crumb.at.y + 4.0), &crumb.number.to_string());
    out.push_str("</g>");
}

/// An envelope 36×20; a tunnel's envelope is drawn around it.
fn token(out: &mut String, scene: &Scene, token: &Token) {
    // A wire at the edge of the picture is narrower than the envelope on it.
    let half = if token.outer.is_some() { 28.0 } else { 20.0 };
    let (x, y) = (number(token.at.x.min(scene.size.width - half).max(half)), number(token.at.y));
    let reply = if token.reply { " reply" } else { "" };
    let verdict = token.verdict.map_or("", Verdict::word);
    write_all(out, format_args!("<g class=\"token {verdict}{reply}\" transform=\"translate({x} {y})\">"));
    if let Some(outer) = &token.outer {
        rect(out, "outer", Rect::new(-26.0, -28.0, 52.0, 42.0), 4.0);
        text(out, "outer-label middle", Point::new(0.0, -15.0), outer);
    }
    rect(out, "envelope", Rect::new(-18.0, -10.0, 36.0, 20.0), 3.0);
    line(out, "flap", &[Point::new(-17.0, -9.0), Point::new(0.0, -3.0), Point::new(17.0, -9.0)], 0.0);
    text(out, "label middle", Point::new(0.0, 6.0), &token.label);
    out.push_str("</g>");
}

/// The old value struck through above the new one, on amber, beside the element that did it.
fn rewrite(out: &mut String, scene: &Scene, card: &RewriteCard, taken: &[Rect]) {
    const LINE: f64 = 16.0;
    let longest = card.lines.iter().flat_map(|line| [&line.old, &line.new]).map(|text| text.chars().count()).max().unwrap_or(0);
    let size = Size { width: 7.0 * longest as f64 + 40.0, height: 2.0 * LINE * card.lines.len() as f64 + 12.0 };
    // Its right edge under the rules' right edge, so that it stays on the side that routes and tunnel leave free.
    let at = Point::new(card.at.x + 32.0 - size.width / 2.0, card.at.y);
    let frame = place::beside(scene, at, size, 20.0, taken);
    let old_class = if card.progress > 0.0 { "old struck" } else { "old" };
    out.push_str("<g class=\"rewrite-card\">");
    rect(out, "box", frame, 4.0);
    text(out, "mark", Point::new(frame.x + 8.0, frame.y + 18.0), "◆");
    for (index, line) in card.lines.iter().enumerate() {
        let y = frame.y + 18.0 + 2.0 * LINE * index as f64;
        text(out, old_class, Point::new(frame.x + 28.0, y), &line.old);
        if card.progress > 0.0 {
            let (x, y, opacity) = (number(frame.x + 28.0), number(y + LINE), number(card.progress));
            write_all(
                out,
                format_args!("<text class=\"new\" x=\"{x}\" y=\"{y}\" opacity=\"{opacity}\">{}</text>", escape(&line.new)),
            );
        }
    }
    out.push_str("</g>");
}

/// Where the verdict's words stand: near the packet, clear of the mark.
fn note(scene: &Scene, mark: &VerdictMark, close: bool) -> Rect {
    let size = Size { width: 7.2 * mark.text.chars().count() as f64 + 24.0, height: 24.0 };
    // A rejection leaves the rail under the packet free: there the answer goes back. Numbers stand there too.
    let clearance = match mark.verdict {
        Verdict::Rejected => 34.0,
        Verdict::Delivered | Verdict::Dropped | Verdict::Unknown if close => 18.0,
        Verdict::Delivered | Verdict::Dropped | Verdict::Unknown => 26.0,
    };
    place::beside(scene, mark.packet, size, clearance, &[place::around(mark.at)])
}

fn verdict(out: &mut String, mark: &VerdictMark, note: Rect) {
    let word = mark.verdict.word();
    write_all(out, format_args!("<g class=\"verdict {word}\">"));
    if mark.way_back.len() > 1 {
        let back: Vec<Point> = mark.way_back.iter().map(|point| Point::new(point.x + 6.0, point.y + 6.0)).collect();
        line(out, "way-back", &back, 4.0);
        chevron(out, "way-back-head", &back);
    }
    circle(out, "disc", mark.at, 7.0 + 4.0 * mark.progress);
    glyph(out, mark.verdict, mark.at);
    rect(out, "note", note, 12.0);
    text(out, "note-text middle", Point::new(note.centre().x, note.y + 16.0), &mark.text);
    out.push_str("</g>");
}

/// The shape that tells a verdict without colour.
fn glyph(out: &mut String, verdict: Verdict, at: Point) {
    let point = |dx: f64, dy: f64| Point::new(at.x + dx, at.y + dy);
    match verdict {
        Verdict::Delivered => line(out, "glyph", &[point(-4.5, 0.0), point(-1.0, 3.5), point(4.5, -3.5)], 0.0),
        Verdict::Dropped => {
            line(out, "glyph", &[point(-4.0, -4.0), point(4.0, 4.0)], 0.0);
            line(out, "glyph", &[point(4.0, -4.0), point(-4.0, 4.0)], 0.0);
        }
        Verdict::Rejected => polygon(out, "glyph-fill", &[point(0.0, -5.5), point(5.5, 4.0), point(-5.5, 4.0)]),
        Verdict::Unknown => text(out, "glyph-text middle", point(0.0, 5.0), "?"),
    }
}
