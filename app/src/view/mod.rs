//! What is on the page. One component per file; none of them computes anything about networks.

mod checks;
mod cluster;
mod header;
mod headers;
mod inspector;
mod keys;
mod log;
mod playback_bar;
mod questions;
mod scene;
mod step_pane;
mod talk;
mod terminal;
mod trace_table;
mod workbench;

pub use header::Header;
pub use workbench::Workbench;
