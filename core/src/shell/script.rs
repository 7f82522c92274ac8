//! Running commands to their end at once: for the command line, labs and tests.

use super::interpreter::{Dialect, Origin, Shell};
use super::journal::{CommandRecord, Journal};
use super::screen::{ChunkKind, Screen};
use super::{Input, Job, Machine, Output, Process, Progress, SharedWorld};
use crate::clock::Duration;
use std::rc::Rc;

/// Virtual time that a script may take. Longer than any lab, shorter than `sleep infinity`.
const MAX_TIME: Duration = Duration::from_secs(7 * 86_400);
/// Polls of a script: about half a million commands.
const MAX_POLLS: usize = 10_000;
/// Bytes that a script may print.
const MAX_OUTPUT: u64 = 32 << 20;

/// What a script printed and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptOutput {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
    /// One for each command line.
    pub commands: Vec<CommandRecord>,
}

/// Runs a text as if it were pasted into a fresh terminal on the laptop, but without prompts: an error in one line does not
/// keep the next from running, and a program that reads its input reads the lines below. The status is that of the last command.
pub fn run_script(world: &SharedWorld, text: &str) -> ScriptOutput {
    let screen = Screen::default();
    let process = Process::new(world, Machine::Laptop, &screen, &["bash"]);
    let typed = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let process = Process { stdin: Input::from_bytes(typed.as_bytes()), ..process };
    let journal = Journal::new(screen.clone());
    let mut shell = Shell::new(process.clone(), Origin::Terminal, Dialect::Bash);
    shell.journal = Some(journal.clone());
    let status = finish(process, &screen, async move { shell.read_and_run().await });
    ScriptOutput { commands: journal.records().clone(), ..status }
}

/// Runs one program with its arguments on the laptop: `["bash", "-c", "…"]`, `["kubectl", "get", "pods"]`.
pub fn run_program(world: &SharedWorld, argv: &[&str]) -> ScriptOutput {
    let screen = Screen::default();
    let process = Process::new(world, Machine::Laptop, &screen, argv);
    let running = process.clone();
    finish(process, &screen, async move { super::run(running).await })
}

fn finish(process: Process, screen: &Screen, future: impl Future<Output = i32> + 'static) -> ScriptOutput {
    let world = Rc::clone(&process.world);
    let end = process.now() + MAX_TIME;
    let mut job = Job::new(future, process.alarm.clone());
    let mut output = ScriptOutput { status: TIMED_OUT, ..ScriptOutput::default() };
    for _ in 0..MAX_POLLS {
        match job.poll() {
            Progress::Finished(status) => {
                output.status = status;
                break;
            }
            Progress::Running => {}
            Progress::WaitingUntil(until) if until <= end => {
                let mut world = world.borrow_mut();
                let wait = until - world.now();
                world.advance(wait);
            }
            Progress::WaitingUntil(_) | Progress::WaitingForInput => break,
        }
        if screen.printed() > MAX_OUTPUT {
            break;
        }
    }
    drop(job);
    for chunk in screen.take() {
        match chunk.kind {
            ChunkKind::Stdout => output.stdout.push_str(&chunk.text),
            ChunkKind::Stderr => output.stderr.push_str(&chunk.text),
            ChunkKind::Prompt | ChunkKind::Echo | ChunkKind::Sent { .. } => {}
        }
    }
    output
}

/// As `timeout` says it: the script did not end by itself.
const TIMED_OUT: i32 = 124;

impl Process {
    /// A program on a machine, as its login shell would start it, with nobody at the keyboard.
    pub(super) fn new(world: &SharedWorld, machine: Machine, screen: &Screen, argv: &[&str]) -> Self {
        let environment = machine.environment();
        Self {
            world: Rc::clone(world),
            directory: environment.get("PWD").cloned().unwrap_or_default(),
            environment,
            machine,
            argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
            stdin: Input::empty(),
            stdout: Output::screen(screen, ChunkKind::Stdout, false),
            stderr: Output::screen(screen, ChunkKind::Stderr, false),
            alarm: Default::default(),
            broken_pipe: Rc::default(),
            level: 0,
        }
    }
}
