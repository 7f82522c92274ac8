//! Pictures of a cluster: [`layout`] turns a snapshot into a [`Scene`], `svg` writes it, [`Playback`] moves an exchange's
//! packets through it as a pure function of time, and [`rows`] tells the same story as a table.
//!
//! Input: `world::Snapshot` and `trace::Exchange` values, a width, a time. Invariant: equal input, equal bytes, natively and in
//! wasm. Performs no IO, asks no clock, knows no browser, and decides nothing about networking: what it says is what the
//! trace says.
//!
//! A page keeps four `<g>` in one `<svg class="hoplab-diagram">`: [`svg::ground`] and [`svg::boxes`] are written when the scene
//! changes, [`svg::trail`] and [`svg::front`] on every frame. Boxes carry `data-id`, an [`Element`]'s id. A file of its own is
//! one call: [`svg::document`] or [`svg::poster`].

mod geometry;
mod label;
mod layout;
mod playback;
mod rows;
mod scene;
pub mod svg;

pub use geometry::{Point, Rect, Size};
pub use layout::{MAX_ELEMENTS, Options, Participants, layout};
pub use playback::{Crumb, Frame, Motion, PathPart, Playback, RewriteCard, RewriteLine, Stop, StopKind, Token, VerdictMark};
pub use rows::{Row, Verdict, outcome, rows};
pub use scene::{Element, ElementKind, Heading, Link, Scene, Slots};

/// The palette and every drawing rule, for the page and for files that stand alone. No rule depends on a script or a font.
pub const THEME_CSS: &str = include_str!("../theme.css");
