//! What is on the page. One component per file; none of them computes anything about networks.

mod header;
mod help;
mod inspector;
mod playback_bar;
mod scene;
mod step_pane;
mod terminal;
mod trace_table;
mod workbench;

pub use header::Header;
pub use workbench::Workbench;
