//! How long a packet travels and stays, in milliseconds at normal speed. Starting values of the design; a leg that would take
//! longer than [`LONGEST_LEG`] is played proportionally faster, so that no trace outstays its reader.

use super::StopKind;

const PIXELS_PER_MILLISECOND: f64 = 0.4;
const SHORTEST_TRAVEL: f64 = 350.0;
const LONGEST_TRAVEL: f64 = 900.0;
pub const LONGEST_LEG: f64 = 12_000.0;
/// Between the end of one leg and the start of the next.
pub const PAUSE: f64 = 300.0;
/// Of a rewrite's 900: the old value is highlighted, then struck while the new one appears, then both stay.
pub const HIGHLIGHT: f64 = 200.0;
pub const MORPH: f64 = 250.0;
const SETTLE: f64 = 450.0;
/// With reduced motion a hop is a still picture that has to be read.
pub const STILL: f64 = 1_200.0;

pub fn travel(pixels: f64) -> f64 {
    (pixels / PIXELS_PER_MILLISECOND).clamp(SHORTEST_TRAVEL, LONGEST_TRAVEL)
}

/// How long a packet stays where `kind` happens.
pub fn dwell(kind: StopKind) -> f64 {
    match kind {
        StopKind::Pass => 150.0,
        StopKind::Rewrite => HIGHLIGHT + MORPH + SETTLE,
        // An envelope opens or closes as a verdict is read: one glance.
        StopKind::Encapsulation | StopKind::End(_) => 450.0,
    }
}

/// When, after its arrival, all that happens at a stop is on display.
pub fn settled(kind: StopKind) -> f64 {
    match kind {
        StopKind::Pass | StopKind::Encapsulation => 0.0,
        StopKind::Rewrite => HIGHLIGHT + MORPH,
        StopKind::End(_) => 150.0,
    }
}
