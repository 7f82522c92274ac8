//! The terminal: a shell on the laptop that someone types to. It never lets time pass by itself: its owner polls, shows what came
//! out, and advances the world when everything waits for time.

use super::interpreter::{Dialect, Origin, Shell};
use super::journal::{CommandRecord, Journal};
use super::screen::{Chunk, ChunkKind, Screen};
use super::{Input, Job, Machine, Output, Process, Progress, SharedWorld, complete};
use std::cell::{Ref, RefCell};
use std::rc::Rc;

pub struct Terminal {
    process: Process,
    screen: Screen,
    journal: Journal,
    history: Rc<RefCell<Vec<String>>>,
    job: Job,
    prompt: String,
    status: Rc<std::cell::Cell<i32>>,
}

/// What a poll brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// In the order in which they were printed.
    pub chunks: Vec<Chunk>,
    /// [`Progress::Finished`] never: a shell that ends is followed by a new one.
    pub progress: Progress,
}

impl Terminal {
    pub fn new(world: SharedWorld) -> Self {
        let screen = Screen::default();
        let process = Process::new(&world, Machine::Laptop, &screen, &["bash"]);
        let stdin = Input::keyboard(process.alarm.clone(), screen.clone());
        let process = Process {
            stdin,
            stdout: Output::screen(&screen, ChunkKind::Stdout, true),
            stderr: Output::screen(&screen, ChunkKind::Stderr, true),
            ..process
        };
        let journal = Journal::new(screen.clone());
        let history = Rc::default();
        let status = Rc::default();
        let job = start_shell(&process, &journal, &history, &status);
        Self { process, screen, journal, history, job, prompt: String::new(), status }
    }

    /// Types text, one or many lines; the last is ended for you. Nothing runs before [`Terminal::poll`]. Lines are read by the
    /// shell when it is ready for them, or by the program that runs, if it reads its input.
    pub fn submit(&mut self, text: &str) {
        let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.process.stdin.type_text(&text);
    }

    /// Ctrl-D on an empty line.
    pub fn end_input(&mut self) {
        self.process.stdin.type_end();
    }

    /// Ctrl-C: ends what runs, or drops the line that is being typed.
    pub fn interrupt(&mut self) {
        self.process.stdin.discard();
        self.screen.push(ChunkKind::Echo, b"^C\n");
        self.process.alarm.interrupt(true);
    }

    /// Runs until everything waits, or until the turn is over.
    pub fn poll(&mut self) -> Update {
        let mut progress = self.job.poll();
        if let Progress::Finished(_) = progress {
            self.job = start_shell(&self.process, &self.journal, &self.history, &self.status);
            progress = Progress::Running;
        }
        let chunks = self.screen.take();
        if let Some(last) = chunks.last() {
            self.prompt = if last.kind == ChunkKind::Prompt { last.text.clone() } else { String::new() };
        }
        Update { chunks, progress }
    }

    /// The prompt that waits for a line; empty while a program runs.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// Lines that were run, oldest first.
    pub fn history(&self) -> Vec<String> {
        self.history.borrow().clone()
    }

    /// What was run and what came of it, oldest first. The last may still be running.
    pub fn records(&self) -> Ref<'_, Vec<CommandRecord>> {
        self.journal.records()
    }

    /// The exit status of the last command line.
    pub fn status(&self) -> i32 {
        self.status.get()
    }

    /// What could stand at the cursor, a byte offset into the line.
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        complete::complete(&self.process, line, cursor)
    }

    pub fn world(&self) -> &SharedWorld {
        &self.process.world
    }
}

/// Words that could stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The byte offset at which the word begins that a candidate would replace.
    pub start: usize,
    /// Sorted; a directory ends in a slash.
    pub candidates: Vec<String>,
}

fn start_shell(
    process: &Process,
    journal: &Journal,
    history: &Rc<RefCell<Vec<String>>>,
    status: &Rc<std::cell::Cell<i32>>,
) -> Job {
    let mut shell = Shell::new(process.clone(), Origin::Terminal, Dialect::Bash);
    shell.journal = Some(journal.clone());
    shell.history = Rc::clone(history);
    shell.shown_status = Rc::clone(status);
    Job::new(async move { shell.read_and_run().await }, process.alarm.clone())
}
