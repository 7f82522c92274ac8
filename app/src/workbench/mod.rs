//! A learner at a lab, as signals. Components read the signals and call the verbs; only this module touches the session.

mod player;
pub mod progress;
mod pump;
mod screen;

pub use player::UsePlayer;
pub use screen::{Piece, Screen};

use crate::browser;
use crate::settings::use_settings;
use hoplab_core::api::Cni;
use hoplab_core::clock::Duration;
use hoplab_core::lab::{Journal, Lab, Session, StepResult};
use hoplab_core::shell::{Chunk, ChunkKind};
use hoplab_core::trace::Exchange;
use hoplab_core::world::Snapshot;
use leptos::prelude::*;
use std::rc::Rc;
use std::sync::Arc;

/// Exchanges offered for playing; older ones leave the list, not the session.
const MAX_EXCHANGES: usize = 100;

/// At most so much of the time between two commands passes in the cluster too: a learner who thinks does not want Pods to age.
const MAX_IDLE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
pub struct UseWorkbench {
    session: StoredValue<Session, LocalStorage>,
    lab: StoredValue<Rc<Lab>, LocalStorage>,
    pub screen: StoredValue<Screen, LocalStorage>,
    /// Counts up whenever the screen has something new.
    pub printed: RwSignal<u64>,
    pub prompt: RwSignal<String>,
    pub running: RwSignal<bool>,
    /// Texts that wait until the command that runs has ended, oldest first.
    pub queue: RwSignal<Vec<String>>,
    pub snapshot: RwSignal<Arc<Snapshot>>,
    /// Newest last.
    pub exchanges: RwSignal<Vec<Arc<Exchange>>>,
    pub player: UsePlayer,
    pub step: RwSignal<usize>,
    pub result: RwSignal<Arc<StepResult>>,
    pub journal: RwSignal<Journal>,
    /// Something to tell the learner that is no part of the lab.
    pub notice: RwSignal<Option<String>>,
    /// When the cluster last moved with the learner's clock, in the browser's milliseconds.
    last_moved: StoredValue<f64>,
    pump: StoredValue<pump::State>,
}

impl UseWorkbench {
    pub fn new(session: Session, notice: Option<String>) -> Self {
        let snapshot = RwSignal::new(Arc::new(session.world().borrow().snapshot()));
        let exchanges: Vec<_> = session.world().borrow().exchanges().iter().cloned().map(Arc::new).collect();
        let player = UsePlayer::new(snapshot, use_settings());
        let journal = session.journal().clone();
        let step = journal.step.min(session.lab().steps.len().saturating_sub(1));
        if let Some(newest) = exchanges.last() {
            player.show_end_of(Arc::clone(newest));
        }
        let workbench = Self {
            lab: StoredValue::new_local(Rc::clone(session.lab())),
            screen: StoredValue::new_local(Screen::default()),
            printed: RwSignal::new(0),
            prompt: RwSignal::new(String::new()),
            running: RwSignal::new(false),
            queue: RwSignal::new(Vec::new()),
            snapshot,
            exchanges: RwSignal::new(exchanges),
            player,
            step: RwSignal::new(step),
            result: RwSignal::new(Arc::new(session.check(step))),
            journal: RwSignal::new(journal),
            notice: RwSignal::new(notice),
            last_moved: StoredValue::new(browser::now()),
            pump: StoredValue::new(pump::State::default()),
            session: StoredValue::new_local(session),
        };
        workbench.wake();
        pump::follow_time(workbench);
        workbench
    }

    pub fn lab(&self) -> Rc<Lab> {
        self.lab.get_value()
    }

    /// Gives text to the terminal, as if it had been typed or pasted. While a command runs it waits its turn.
    pub fn submit(&self, text: &str) {
        if self.running.get_untracked() {
            self.queue.update(|queue| queue.push(text.to_owned()));
            return;
        }
        self.let_time_pass(true);
        progress::mark_running(&self.lab().slug, true);
        self.session.update_value(|session| session.submit(text));
        self.keep();
        self.running.set(true);
        self.wake();
    }

    /// Ctrl-C: ends what runs and drops what waits.
    pub fn interrupt(&self) {
        self.queue.set(Vec::new());
        self.session.update_value(Session::interrupt);
        self.keep();
        self.wake();
    }

    /// Ctrl-D on an empty line.
    pub fn end_input(&self) {
        self.session.update_value(Session::end_input);
        self.keep();
        self.wake();
    }

    /// Prints possible completions, as a shell does after Tab.
    pub fn list(&self, words: &[String]) {
        let text = format!("{}\n", words.join("  "));
        self.screen.update_value(|screen| screen.append(vec![Chunk { kind: ChunkKind::Stdout, text }]));
        self.printed.update(|count| *count += 1);
    }

    pub fn answer(&self, question: &str, answer: &str) {
        self.session.update_value(|session| session.answer(question, answer));
        self.recheck();
    }

    pub fn go_to(&self, step: usize) {
        self.step.set(step);
        self.session.update_value(|session| session.journal_mut().step = step);
        self.recheck();
    }

    pub fn open_hint(&self) {
        let step = self.step_slug();
        self.session.update_value(|session| *session.journal_mut().hints.entry(step).or_default() += 1);
        self.keep();
    }

    /// Plays a conversation from its start.
    pub fn play(&self, exchange: Arc<Exchange>) {
        self.player.load(exchange);
        self.player.play();
        self.wake();
    }

    /// The conversation with this number, if it is still kept.
    pub fn exchange(&self, id: u64) -> Option<Arc<Exchange>> {
        self.exchanges.with_untracked(|all| all.iter().find(|exchange| exchange.id == id).map(Arc::clone))
    }

    /// Throws the learner's work away and starts again, on the same network plugin or another.
    pub fn reset(&self, cni: Option<Cni>) {
        let lab = self.lab();
        match Session::start(Rc::clone(&lab), cni) {
            Ok(session) => {
                progress::forget(&lab.slug);
                self.snapshot.set(Arc::new(session.world().borrow().snapshot()));
                self.session.set_value(session);
                self.queue.set(Vec::new());
                self.screen.update_value(Screen::clear);
                self.printed.update(|count| *count += 1);
                self.exchanges.set(Vec::new());
                self.player.unload();
                self.go_to(0);
                self.wake();
            }
            Err(faults) => self.notice.set(faults.first().map(ToString::to_string)),
        }
    }

    pub fn session<T>(&self, read: impl FnOnce(&Session) -> T) -> T {
        self.session.with_value(read)
    }

    fn with_session<T>(&self, change: impl FnOnce(&mut Session) -> T) -> T {
        self.session.try_update_value(change).expect("the workbench outlives its components")
    }

    fn step_slug(&self) -> String {
        let step = self.step.get_untracked();
        self.lab().steps.get(step).map(|step| step.slug.clone()).unwrap_or_default()
    }

    /// Asks the step's checks again. A step is done once all of its checks have been true together.
    fn recheck(&self) {
        let step = self.step.get_untracked();
        let result = self.session.with_value(|session| session.check(step));
        let slug = self.step_slug();
        if result.passed() && !result.checks.is_empty() {
            self.session.update_value(|session| {
                let done = &mut session.journal_mut().done;
                if !done.contains(&slug) {
                    done.push(slug);
                }
            });
        }
        self.result.set(Arc::new(result));
        self.keep();
    }

    fn keep(&self) {
        let journal = self.session.with_value(|session| session.journal().clone());
        if let Err(why) = progress::keep(&journal) {
            self.notice.set(Some(why));
        }
        self.journal.set(journal);
    }

    /// Takes over what the cluster looks like now.
    fn refresh(&self) {
        let snapshot = self.session.with_value(|session| session.world().borrow().snapshot());
        if snapshot.revision != self.snapshot.with_untracked(|old| old.revision) {
            self.snapshot.set(Arc::new(snapshot));
        }
    }

    /// Lets the cluster's clock follow the learner's. Not `all`: only where something is about to happen anyway.
    fn let_time_pass(&self, all: bool) {
        let now = browser::now();
        let passed = Duration::from_millis((now - self.last_moved.get_value()).max(0.0) as u64).min(MAX_IDLE);
        let something_happens = self.session.with_value(|session| {
            let world = session.world().borrow();
            world.next_deadline().is_some_and(|deadline| deadline <= world.now() + MAX_IDLE)
        });
        if all || something_happens {
            self.last_moved.set_value(now);
            self.session.update_value(|session| session.elapse(passed));
            self.refresh();
        }
    }
}

/// The workbench of the lab on the page.
pub fn use_workbench() -> UseWorkbench {
    expect_context()
}
