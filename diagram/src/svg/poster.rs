//! A still that tells the whole story of an exchange: the deciding leg's way numbered hop by hop, its verdict, and the
//! captions as text below. For pages without scripts, for print, for previews.

use super::writer::{text, write_all};
use super::{Dress, content, open};
use crate::geometry::Point;
use crate::playback::{Motion, Playback};
use crate::rows::{self, Verdict};
use crate::scene::Scene;
use hoplab_core::trace::{Direction, Exchange};

const LINE: f64 = 20.0;
const MARGIN: f64 = 16.0;
/// Above the picture: the command and how it ended.
const HEADLINE: f64 = 56.0;
/// Below the picture; more hops than this end in an ellipsis, the table has them all.
const MAX_CAPTIONS: usize = 30;

/// The poster as a file of its own.
pub fn poster(scene: &Scene, exchange: &Exchange, dress: Dress) -> String {
    let leg = deciding_leg(exchange);
    let playback = Playback::with_motion(scene, exchange, Motion::Reduced);
    let frame = playback.still(leg);
    let (verdict, ended) = rows::outcome(&exchange.outcome);
    let mut captions: Vec<String> =
        playback.stops().iter().filter(|stop| stop.leg == leg).map(|stop| format!("{}. {}", stop.number, stop.caption)).collect();
    if captions.len() > MAX_CAPTIONS {
        captions.truncate(MAX_CAPTIONS);
        captions.push("…".to_owned());
    }
    let below = HEADLINE + scene.size.height;
    let height = below + LINE * (captions.len() + 1) as f64;
    let title = format!("{}: {ended}", exchange.title);
    let mut out = open(scene, height, &title, &captions.join(" "), dress);
    write_all(&mut out, format_args!("<g class=\"story {}\">", verdict.word()));
    text(&mut out, "name", Point::new(MARGIN, 28.0), &format!("{} — {} {ended}", exchange.title, verdict.glyph()));
    text(&mut out, "quiet", Point::new(MARGIN, 46.0), &frame.leg_label);
    for (index, caption) in captions.iter().enumerate() {
        text(&mut out, "label", Point::new(MARGIN, below + LINE * (index + 1) as f64), caption);
    }
    write_all(
        &mut out,
        format_args!("</g><g transform=\"translate(0 {HEADLINE})\">{}</g></svg>\n", content(scene, Some(&frame))),
    );
    out
}

/// The leg that explains the outcome: the last that was not delivered, else the last request.
fn deciding_leg(exchange: &Exchange) -> usize {
    let legs = || exchange.legs.iter().enumerate().rev();
    let failed = legs().find(|(_, leg)| leg.trace.hops.last().and_then(rows::verdict) != Some(Verdict::Delivered));
    let request = || legs().find(|(_, leg)| leg.direction == Direction::Request);
    failed.or_else(request).map_or(0, |(index, _)| index)
}
