//! The simulated terminal: a shell grammar, the machines one can be on, and the programs they have. A command is an `async`
//! function over a [`Process`]; nothing in it blocks, each poll is short, and virtual time passes only while it sleeps.

mod commands;
mod complete;
mod escape;
mod files;
mod grammar;
mod interpreter;
mod job;
mod join;
mod journal;
mod machine;
mod process;
mod regex;
mod screen;
mod script;
mod stream;
mod terminal;

pub use commands::{Program, find};
pub use files::{FileError, Stat};
pub use job::{Job, Progress};
pub use journal::CommandRecord;
pub use machine::Machine;
pub use process::{Process, SharedWorld};
pub use screen::{Chunk, ChunkKind};
pub use script::{ScriptOutput, run_program, run_script};
pub use stream::{BrokenPipe, Input, Output, pipe};
pub use terminal::{Completion, Terminal, Update};

use std::rc::Rc;

/// Runs the program that `process.argv` names on `process.machine` to its exit status: 127, without a message, if the machine
/// has none of that name ([`find`] tells beforehand).
pub async fn run(process: Process) -> i32 {
    let name = process.argv.first().cloned().unwrap_or_default();
    let Some(program) = find(&process, &name) else {
        return 127;
    };
    if process.level >= interpreter::MAX_LEVEL {
        process.print_error("hoplab: programs are nested too deeply\n").await;
        return 2;
    }
    let process = Process { broken_pipe: Rc::default(), level: process.level + 2, ..process };
    let broken_pipe = Rc::clone(&process.broken_pipe);
    join::until_broken_pipe(broken_pipe, program(process)).await
}
