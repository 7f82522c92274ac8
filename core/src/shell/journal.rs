//! What a terminal ran and what came of it. Lab checks read it.

use super::Process;
use super::screen::Screen;
use crate::clock::Instant;
use core::ops::Range;
use std::cell::{Ref, RefCell};
use std::rc::Rc;

/// One command line, which may hold many commands and span several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    pub line: String,
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    /// Ids of the exchanges it caused.
    pub exchanges: Range<u64>,
    pub started: Instant,
    pub finished: Instant,
}

/// Shared by a terminal and its shell.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    screen: Screen,
    records: Rc<RefCell<Vec<CommandRecord>>>,
}

impl Journal {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, records: Rc::default() }
    }

    pub(super) fn begin(&self, line: &str, process: &Process) {
        let next = next_exchange(process);
        let now = process.now();
        self.screen.start_capture();
        self.records.borrow_mut().push(CommandRecord {
            line: line.to_owned(),
            status: 0,
            stdout: String::new(),
            stderr: String::new(),
            exchanges: next..next,
            started: now,
            finished: now,
        });
    }

    pub(super) fn end(&self, status: i32, process: &Process) {
        let (stdout, stderr) = self.screen.end_capture();
        if let Some(record) = self.records.borrow_mut().last_mut() {
            record.status = status;
            record.stdout = stdout;
            record.stderr = stderr;
            record.exchanges.end = next_exchange(process);
            record.finished = process.now();
            if !record.exchanges.is_empty() {
                self.screen.push_sent(record.exchanges.start, record.exchanges.end - 1);
            }
        }
    }

    /// Lent, not copied: a record holds all that its command printed.
    pub(super) fn records(&self) -> Ref<'_, Vec<CommandRecord>> {
        self.records.borrow()
    }
}

/// The id that the next exchange will have.
fn next_exchange(process: &Process) -> u64 {
    process.world.borrow().exchanges().last().map_or(1, |exchange| exchange.id + 1)
}
