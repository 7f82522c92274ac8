//! A learner at a lab: the terminal, the journal, the checks. Rebuilding it from its journal gives the same session, because
//! nothing in it depends on anything but the lab and what the learner did.

use super::check::{Evidence, check};
use super::{CheckResult, Entry, Journal, Lab};
use crate::api::Cni;
use crate::clock::Duration;
use crate::diagnostic::Diagnostic;
use crate::shell::{Chunk, Progress, SharedWorld, Terminal, Update, run_script};
use crate::trace::Exchange;
use crate::world::World;
use std::cell::RefCell;
use std::rc::Rc;

/// A journal's command that does not end by itself within so many polls is taken as interrupted there.
const MAX_REPLAY_POLLS: u64 = 1_000_000;

pub struct Session {
    lab: Rc<Lab>,
    world: SharedWorld,
    terminal: Terminal,
    journal: Journal,
    /// Polls since the last text was given.
    polls: u64,
    /// Something may still happen in the terminal without the learner doing anything.
    busy: bool,
    /// What was printed while the session was rebuilt; the next poll brings it.
    replayed: Vec<Chunk>,
}

/// What one poll of the session brought.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionEvent {
    pub output: Vec<Chunk>,
    pub progress: Progress,
    /// Conversations that ended since the last poll.
    pub exchanges: Vec<Exchange>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    pub checks: Vec<CheckResult>,
}

impl StepResult {
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// The one failure that is shown.
    pub fn first_failure(&self) -> Option<&CheckResult> {
        self.checks.iter().find(|check| !check.passed)
    }
}

impl Session {
    pub fn start(lab: Rc<Lab>, cni: Option<Cni>) -> Result<Self, Vec<Diagnostic>> {
        let world = Rc::new(RefCell::new(World::from_scene(&lab.scene, "cluster.yaml", cni)?));
        if !lab.start.is_empty() {
            run_script(&world, &lab.start);
        }
        let journal = Journal { lab: lab.slug.clone(), cni, ..Journal::default() };
        Ok(Self { terminal: Terminal::new(Rc::clone(&world)), lab, world, journal, polls: 0, busy: true, replayed: Vec::new() })
    }

    /// The session that a journal describes. Entries a newer lab does not understand are replayed as they are: commands simply fail.
    pub fn resume(lab: Rc<Lab>, journal: Journal) -> Result<Self, Vec<Diagnostic>> {
        let mut session = Self::start(lab, journal.cni)?;
        let entries = journal.entries.iter().zip(journal.entries.iter().skip(1).map(Some).chain([None]));
        for (entry, next) in entries {
            match entry {
                Entry::Elapsed(milliseconds) => session.elapse(Duration::from_millis(*milliseconds)),
                Entry::EndOfInput => session.end_input(),
                Entry::Interrupted { .. } => session.interrupt(),
                Entry::Submitted(text) => session.submit(text),
            }
            let limit = match next {
                Some(Entry::Interrupted { polls }) => *polls,
                _ => MAX_REPLAY_POLLS,
            };
            session.run_up_to(limit);
        }
        session.journal = journal;
        session.busy = true;
        Ok(session)
    }

    pub fn lab(&self) -> &Rc<Lab> {
        &self.lab
    }

    pub fn world(&self) -> &SharedWorld {
        &self.world
    }

    pub fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// False while the terminal waits for the learner, at its prompt or inside a program that reads.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The parts of the journal that do not change the cluster: the step on the page, hints opened.
    pub fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Gives text to the terminal: commands, or input to the one that runs.
    pub fn submit(&mut self, text: &str) {
        self.journal.entries.push(Entry::Submitted(text.to_owned()));
        self.polls = 0;
        self.busy = true;
        self.terminal.submit(text);
    }

    pub fn interrupt(&mut self) {
        self.journal.entries.push(Entry::Interrupted { polls: self.polls });
        self.busy = true;
        self.terminal.interrupt();
    }

    pub fn end_input(&mut self) {
        self.journal.entries.push(Entry::EndOfInput);
        self.busy = true;
        self.terminal.end_input();
    }

    /// Time that passed for the learner while nothing ran.
    pub fn elapse(&mut self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        match self.journal.entries.last_mut() {
            Some(Entry::Elapsed(before)) => *before = before.saturating_add(milliseconds),
            _ => self.journal.entries.push(Entry::Elapsed(milliseconds)),
        }
        self.world.borrow_mut().advance(Duration::from_millis(milliseconds));
    }

    /// Runs the terminal a little. Where a command waits for time, virtual time jumps there.
    pub fn poll(&mut self) -> SessionEvent {
        let seen = self.world.borrow().exchanges().last().map_or(0, |exchange| exchange.id);
        self.polls += 1;
        let Update { chunks, progress } = self.terminal.poll();
        self.busy = progress != Progress::WaitingForInput;
        if let Progress::WaitingUntil(moment) = progress {
            let mut world = self.world.borrow_mut();
            let wait = moment.since(world.now());
            world.advance(wait);
        }
        let exchanges = self.world.borrow().exchanges().iter().filter(|exchange| exchange.id > seen).cloned().collect();
        let mut output = core::mem::take(&mut self.replayed);
        output.extend(chunks);
        SessionEvent { output, progress, exchanges }
    }

    pub fn answer(&mut self, question: &str, answer: &str) {
        self.journal.answers.insert(question.to_owned(), answer.to_owned());
    }

    /// Asks every check of a step.
    pub fn check(&self, step: usize) -> StepResult {
        let Some(step) = self.lab.steps.get(step) else { return StepResult { checks: Vec::new() } };
        let evidence = Evidence {
            world: &self.world,
            commands: &self.terminal.records(),
            questions: &step.questions,
            answers: &self.journal.answers,
        };
        StepResult { checks: step.checks.iter().map(|one| check(&one.name, &one.expect, &evidence)).collect() }
    }

    fn run_up_to(&mut self, limit: u64) {
        while self.busy && self.polls < limit {
            self.replayed = self.poll().output;
        }
    }
}
