//! The simulated terminal: a shell grammar, the machines one can be on, and the programs they have. A command is an `async`
//! function over a [`Process`]; nothing in it blocks, each poll is short, and virtual time passes only while it sleeps.

mod commands;
mod job;
mod machine;
mod process;
mod stream;

pub use job::{Job, Progress};
pub use machine::Machine;
pub use process::{Process, SharedWorld};
pub use stream::{Input, Output, pipe};
