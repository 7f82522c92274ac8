//! Background jobs: they go on whenever their shell is polled, and end with it.

use super::{MAX_PROCESSES, Shell};
use crate::shell::grammar::AndOr;
use crate::shell::{Input, join};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Shared between a shell and whoever polls it.
#[derive(Clone, Default)]
pub(super) struct Background {
    jobs: Rc<RefCell<Vec<BackgroundJob>>>,
    last_pid: Rc<std::cell::Cell<Option<usize>>>,
}

struct BackgroundJob {
    number: usize,
    pid: usize,
    text: String,
    state: State,
}

enum State {
    Running(join::Task<'static>),
    Ended(i32),
}

impl core::fmt::Debug for Background {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Background").field("last_pid", &self.last_pid).finish_non_exhaustive()
    }
}

impl Background {
    pub(super) fn last_pid(&self) -> Option<usize> {
        self.last_pid.get()
    }

    fn poll(&self, context: &mut Context<'_>) {
        // Taken out, so that a job can look at the list itself.
        let mut jobs = self.jobs.take();
        for job in &mut jobs {
            if let State::Running(task) = &mut job.state
                && let Poll::Ready(status) = task.as_mut().poll(context)
            {
                job.state = State::Ended(status);
                context.waker().wake_by_ref();
            }
        }
        let started_meanwhile = self.jobs.take();
        jobs.extend(started_meanwhile);
        self.jobs.replace(jobs);
    }

    /// Runs `main` and the background jobs until `main` is done.
    pub(super) async fn alongside<T>(&self, main: impl Future<Output = T>) -> T {
        let mut main = pin!(main);
        poll_fn(|context| {
            let result = main.as_mut().poll(context);
            self.poll(context);
            result
        })
        .await
    }

    fn finished(&self, pid: Option<usize>) -> bool {
        let jobs = self.jobs.borrow();
        !jobs.iter().any(|job| pid.is_none_or(|pid| pid == job.pid) && matches!(job.state, State::Running(_)))
    }

    /// Lines of `jobs`; what has ended is said once and forgotten.
    pub(super) fn report(&self, only_ended: bool) -> String {
        let mut jobs = self.jobs.borrow_mut();
        let last = jobs.last().map(|job| job.number);
        let mut text = String::new();
        jobs.retain(|job| {
            let mark = if Some(job.number) == last { '+' } else { ' ' };
            let (state, ended) = match job.state {
                State::Running(_) => ("Running".to_owned(), false),
                State::Ended(0) => ("Done".to_owned(), true),
                State::Ended(status) => (format!("Exit {status}"), true),
            };
            if ended || !only_ended {
                let ampersand = if ended { "" } else { " &" };
                text.push_str(&format!("[{}]{mark}  {state:<24}{}{ampersand}\n", job.number, job.text));
            }
            !ended
        });
        text
    }

    /// Ends the job that `%1` or a process id names.
    pub(super) fn kill(&self, target: &str) -> bool {
        let mut jobs = self.jobs.borrow_mut();
        let names = |job: &BackgroundJob| match target.strip_prefix('%') {
            Some(number) => number.parse() == Ok(job.number),
            None => target.parse() == Ok(job.pid),
        };
        match jobs.iter_mut().find(|job| names(job)) {
            Some(job) => {
                // 128 + SIGTERM
                job.state = State::Ended(143);
                true
            }
            None => false,
        }
    }
}

impl Shell {
    pub(super) async fn start_background(&mut self, and_or: &Rc<AndOr>) {
        if self.process.alarm.processes() >= MAX_PROCESSES {
            self.complain("fork: Resource temporarily unavailable").await;
            self.status = 254;
            return;
        }
        let mut child = self.fork();
        child.process.stdin = Input::empty();
        let list = Rc::clone(and_or);
        let broken_pipe = Rc::clone(&child.process.broken_pipe);
        let task = async move {
            join::until_broken_pipe(broken_pipe, async move {
                let _ended = child.run_and_or(&list).await;
                child.status
            })
            .await
        };
        let number = self.background.jobs.borrow().iter().map(|job| job.number).max().unwrap_or(0) + 1;
        let pid = self.background.last_pid.get().unwrap_or(2_000) + 1;
        self.background.last_pid.set(Some(pid));
        let job = BackgroundJob { number, pid, text: and_or.text.clone(), state: State::Running(Box::pin(task)) };
        self.background.jobs.borrow_mut().push(job);
        if self.is_at_terminal() {
            self.process.print_error(format!("[{number}] {pid}\n")).await;
        }
        self.status = 0;
    }

    /// `wait`: for all, or for one, whose status it gives.
    pub(super) async fn wait_for(&mut self, pid: Option<usize>) -> i32 {
        let background = self.background.clone();
        poll_fn(|_| if background.finished(pid) { Poll::Ready(()) } else { Poll::Pending }).await;
        let mut jobs = background.jobs.borrow_mut();
        let mut status = if pid.is_some() { 127 } else { 0 };
        jobs.retain(|job| {
            let waited = pid.is_none_or(|pid| pid == job.pid);
            if let (true, Some(_), State::Ended(ended)) = (waited, pid, &job.state) {
                status = *ended;
            }
            !waited
        });
        status
    }
}
