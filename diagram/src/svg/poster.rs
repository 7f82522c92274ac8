//! A still that tells the whole story of an exchange: the deciding leg's way numbered hop by hop, its verdict, and the
//! captions as text below. For pages without scripts, for print, for previews.

use super::writer::{text, write_all};
use super::{Dress, content, open};
use crate::geometry::Point;
use crate::label;
use crate::playback::{Motion, Playback};
use crate::rows::{self, Verdict};

use crate::scene::Scene;
use hoplab_core::trace::{Direction, Exchange};

const LINE: f64 = 20.0;
const MARGIN: f64 = 16.0;
/// A character of a caption in the widest font a system falls back to; SVG breaks no lines by itself.
const CHARACTER: f64 = 6.8;
/// Below the picture; more hops than this end in an ellipsis, the table has them all.
const MAX_CAPTIONS: usize = 30;

/// The poster as a file of its own.
pub fn poster(scene: &Scene, exchange: &Exchange, dress: Dress) -> String {
    let leg = deciding_leg(exchange);
    let playback = Playback::with_motion(scene, exchange, Motion::Reduced);
    let frame = playback.still(leg);
    let (verdict, ended) = rows::outcome(&exchange.outcome);
    let room = ((scene.size.width - 2.0 * MARGIN) / CHARACTER) as usize;
    let stops = playback.stops().iter().filter(|stop| stop.leg == leg);
    let captions: Vec<String> = stops.map(|stop| format!("{}. {}", stop.number, stop.caption)).collect();
    let mut lines: Vec<String> = captions.iter().take(MAX_CAPTIONS).flat_map(|caption| wrap(caption, room)).collect();
    if captions.len() > MAX_CAPTIONS {
        lines.push("…".to_owned());
    }
    let headline = wrap(&format!("{} — {} {ended}", exchange.title, verdict.glyph()), room * 4 / 5);
    let above = LINE * (headline.len() + 2) as f64;
    let below = above + scene.size.height;
    let height = below + LINE * (lines.len() + 1) as f64;
    let title = format!("{}: {ended}", exchange.title);
    let mut out = open(scene, height, &title, &captions.join(" "), dress);
    write_all(&mut out, format_args!("<g class=\"story {}\">", verdict.word()));
    for (index, line) in headline.iter().enumerate() {
        text(&mut out, "name", Point::new(MARGIN, 8.0 + LINE * (index + 1) as f64), line);
    }
    text(&mut out, "quiet", Point::new(MARGIN, above - 14.0), &label::truncate(&frame.leg_label, room));
    for (index, line) in lines.iter().enumerate() {
        text(&mut out, "label", Point::new(MARGIN, below + LINE * (index + 1) as f64), line);
    }
    write_all(&mut out, format_args!("</g><g transform=\"translate(0 {above})\">{}</g></svg>\n", content(scene, Some(&frame))));
    out
}

/// Lines of at most `room` characters, broken between words; later lines are indented.
fn wrap(sentence: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("\u{a0}\u{a0}\u{a0}{}", label::truncate(word, room.saturating_sub(3)))),
            None => lines.push(label::truncate(word, room)),
        }
    }
    lines
}

/// The leg that explains the outcome: the last that was not delivered, else the last request.
fn deciding_leg(exchange: &Exchange) -> usize {
    let legs = || exchange.legs.iter().enumerate().rev();
    let failed = legs().find(|(_, leg)| leg.trace.hops.last().and_then(rows::verdict) != Some(Verdict::Delivered));
    let request = || legs().find(|(_, leg)| leg.direction == Direction::Request);
    failed.or_else(request).map_or(0, |(index, _)| index)
}
