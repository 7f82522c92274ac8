//! Running programs side by side. Everything is polled together; the job's waker says whether another round could get further.

use super::Process;
use core::pin::{Pin, pin};
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// 128 + SIGPIPE.
const BROKEN_PIPE: i32 = 141;
/// 128 + SIGINT.
pub(super) const INTERRUPTED: i32 = 130;

pub(super) type Task<'a> = Pin<Box<dyn Future<Output = i32> + 'a>>;

/// Runs all to their ends. Each is dropped as soon as it is done, which closes its streams.
pub(super) async fn all(tasks: Vec<Task<'_>>) -> Vec<i32> {
    let mut tasks: Vec<Result<i32, Task<'_>>> = tasks.into_iter().map(Err).collect();
    poll_fn(|context| {
        for slot in &mut tasks {
            if let Err(task) = slot
                && let Poll::Ready(status) = task.as_mut().poll(context)
            {
                *slot = Ok(status);
            }
        }
        let statuses: Result<Vec<i32>, ()> = tasks.iter().map(|slot| slot.as_ref().copied().map_err(|_| ())).collect();
        statuses.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// Runs a program while `reader` takes what it prints.
pub(super) async fn with_reader<T>(task: Task<'_>, reader: impl Future<Output = T>) -> (i32, T) {
    let mut reader = pin!(reader);
    let (mut task, mut status, mut read) = (Some(task), 0, None);
    poll_fn(|context| {
        if let Some(running) = &mut task
            && let Poll::Ready(ended) = running.as_mut().poll(context)
        {
            status = ended;
            task = None;
        }
        if read.is_none()
            && let Poll::Ready(text) = reader.as_mut().poll(context)
        {
            read = Some(text);
        }
        match (task.is_none(), read.take()) {
            (true, Some(text)) => Poll::Ready((status, text)),
            (_, kept) => {
                read = kept;
                Poll::Pending
            }
        }
    })
    .await
}

/// Ends a program that printed into a pipe which nobody reads, as SIGPIPE does. The flag is that of its process.
pub(super) async fn until_broken_pipe(broken_pipe: Rc<Cell<bool>>, program: impl Future<Output = i32>) -> i32 {
    let mut program = pin!(program);
    poll_fn(|context| match program.as_mut().poll(context) {
        Poll::Ready(status) => Poll::Ready(status),
        Poll::Pending if broken_pipe.get() => {
            context.waker().wake_by_ref();
            Poll::Ready(BROKEN_PIPE)
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Drops what runs when Ctrl-C is pressed, unless a shell further in took it.
pub(super) async fn until_interrupted<T>(process: &Process, program: impl Future<Output = T>) -> Option<T> {
    let mut program = pin!(program);
    poll_fn(|context| match program.as_mut().poll(context) {
        Poll::Ready(status) => Poll::Ready(Some(status)),
        Poll::Pending if process.alarm.is_interrupted() => {
            process.alarm.interrupt(false);
            context.waker().wake_by_ref();
            Poll::Ready(None)
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}
