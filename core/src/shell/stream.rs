//! Byte streams between programs. A pipe is bounded, so a program that prints for ever waits for its reader, and printing into a
//! pipe that nobody reads ends the program as SIGPIPE does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// Linux's default pipe capacity.
const CAPACITY: usize = 65_536;

#[derive(Debug, Default)]
struct Channel {
    bytes: VecDeque<u8>,
    writers: usize,
    readers: usize,
    /// A terminal's stream never fills up: the page takes it as it comes.
    unbounded: bool,
}

/// The reading end.
#[derive(Debug)]
pub struct Input {
    channel: Rc<RefCell<Channel>>,
}

/// The writing end.
#[derive(Debug)]
pub struct Output {
    channel: Rc<RefCell<Channel>>,
}

/// A pipe with a bounded buffer.
pub fn pipe() -> (Output, Input) {
    channel(false)
}

/// A stream to or from the terminal, which takes everything at once.
pub(super) fn terminal_stream() -> (Output, Input) {
    channel(true)
}

fn channel(unbounded: bool) -> (Output, Input) {
    let channel = Rc::new(RefCell::new(Channel { bytes: VecDeque::new(), writers: 1, readers: 1, unbounded }));
    (Output { channel: Rc::clone(&channel) }, Input { channel })
}

impl Output {
    /// Writes text; waits while the pipe is full. `Err` when nobody reads any more.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        for part in bytes.chunks(CAPACITY) {
            poll_fn(|_| {
                let mut channel = self.channel.borrow_mut();
                if channel.readers == 0 {
                    return Poll::Ready(Err(BrokenPipe));
                }
                if !channel.unbounded && !channel.bytes.is_empty() && channel.bytes.len() + part.len() > CAPACITY {
                    return Poll::Pending;
                }
                channel.bytes.extend(part);
                Poll::Ready(Ok(()))
            })
            .await?;
        }
        Ok(())
    }
}

/// Nobody reads this pipe any more.
#[derive(Debug, PartialEq, Eq)]
pub struct BrokenPipe;

impl Input {
    /// One line with its newline (the last may lack it), or `None` at the end.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        poll_fn(|_| {
            let mut channel = self.channel.borrow_mut();
            let newline = channel.bytes.iter().position(|&byte| byte == b'\n');
            match newline {
                Some(at) => Poll::Ready(Some(channel.bytes.drain(..=at).collect())),
                // A pipe that is full without a newline must be drained, or both ends wait for ever.
                None if channel.writers > 0 && (channel.unbounded || channel.bytes.len() < CAPACITY) => Poll::Pending,
                None if channel.bytes.is_empty() => Poll::Ready(None),
                None => Poll::Ready(Some(channel.bytes.drain(..).collect())),
            }
        })
        .await
    }

    /// Whatever is there, waiting for at least one byte; `None` at the end.
    pub async fn read_some(&self) -> Option<Vec<u8>> {
        poll_fn(|_| {
            let mut channel = self.channel.borrow_mut();
            match (channel.bytes.is_empty(), channel.writers) {
                (false, _) => Poll::Ready(Some(channel.bytes.drain(..).collect())),
                (true, 0) => Poll::Ready(None),
                (true, _) => Poll::Pending,
            }
        })
        .await
    }

    /// Everything up to the end of the stream.
    pub async fn read_to_end(&self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(part) = self.read_some().await {
            all.extend(part);
        }
        all
    }

    /// What is there now, without waiting.
    pub fn take(&self) -> Vec<u8> {
        self.channel.borrow_mut().bytes.drain(..).collect()
    }
}

impl Clone for Output {
    fn clone(&self) -> Self {
        self.channel.borrow_mut().writers += 1;
        Self { channel: Rc::clone(&self.channel) }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.channel.borrow_mut().writers -= 1;
    }
}

impl Clone for Input {
    fn clone(&self) -> Self {
        self.channel.borrow_mut().readers += 1;
        Self { channel: Rc::clone(&self.channel) }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.channel.borrow_mut().readers -= 1;
    }
}
