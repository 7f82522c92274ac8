//! Byte streams between programs, files and the terminal. A pipe is bounded, so a program that prints for ever waits for its
//! reader, and printing into a pipe that nobody reads ends the program as SIGPIPE does. Whoever waits is woken when bytes moved
//! or an end closed; nothing here knows what the bytes mean.

use super::files::OpenFile;
use super::process::Alarm;
use super::screen::{ChunkKind, Screen};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Linux's default pipe capacity.
const CAPACITY: usize = 65_536;

/// The reading end.
#[derive(Clone, Debug)]
pub struct Input {
    reader: Reader,
    terminal: bool,
}

/// The writing end.
#[derive(Clone, Debug)]
pub struct Output {
    sink: Sink,
}

#[derive(Clone, Debug)]
enum Sink {
    Pipe(Writer),
    Screen { screen: Screen, kind: ChunkKind, terminal: bool },
    File(OpenFile),
    Null,
}

#[derive(Debug, Default)]
struct Channel {
    bytes: VecDeque<u8>,
    writers: usize,
    readers: usize,
    waiting: Option<Waker>,
    keyboard: Option<Keyboard>,
}

/// What a terminal's input has beyond a pipe's: it echoes, and Ctrl-D ends it once.
#[derive(Debug)]
struct Keyboard {
    alarm: Alarm,
    screen: Screen,
    ends: usize,
}

/// A pipe with a bounded buffer.
pub fn pipe() -> (Output, Input) {
    let channel = Rc::new(RefCell::new(Channel { writers: 1, readers: 1, ..Channel::default() }));
    let writer = Writer(Rc::clone(&channel));
    (Output { sink: Sink::Pipe(writer) }, Input { reader: Reader(channel), terminal: false })
}

impl Channel {
    fn wake(&mut self) {
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// Takes `count` bytes, which lets a writer go on.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let taken: Vec<u8> = self.bytes.drain(..count).collect();
        if let Some(keyboard) = &self.keyboard {
            keyboard.screen.push(ChunkKind::Echo, &taken);
        }
        self.wake();
        taken
    }

    fn wait<T>(&mut self, context: &Context<'_>) -> Poll<T> {
        self.waiting = Some(context.waker().clone());
        if let Some(keyboard) = &self.keyboard {
            keyboard.alarm.expect_input();
        }
        Poll::Pending
    }

    /// Nothing is there and nothing will come. A Ctrl-D is used up by this.
    fn ends_here(&mut self) -> bool {
        match &mut self.keyboard {
            Some(keyboard) if keyboard.ends > 0 => {
                keyboard.ends -= 1;
                true
            }
            _ => self.writers == 0,
        }
    }
}

impl Output {
    /// Takes everything and keeps nothing: `/dev/null`.
    pub fn null() -> Self {
        Self { sink: Sink::Null }
    }

    pub(super) fn file(file: OpenFile) -> Self {
        Self { sink: Sink::File(file) }
    }

    pub(super) fn screen(screen: &Screen, kind: ChunkKind, terminal: bool) -> Self {
        Self { sink: Sink::Screen { screen: screen.clone(), kind, terminal } }
    }

    /// A person is looking at it: `ls` prints columns.
    pub fn is_terminal(&self) -> bool {
        matches!(self.sink, Sink::Screen { terminal: true, .. })
    }

    /// The same place, but the writer takes it for a pipe: `kubectl exec` without `-t`.
    pub fn without_terminal(&self) -> Self {
        match &self.sink {
            Sink::Screen { screen, kind, .. } => Self::screen(screen, *kind, false),
            Sink::Pipe(_) | Sink::File(_) | Sink::Null => self.clone(),
        }
    }

    /// The screen it ends at, for prompts.
    pub(super) fn as_screen(&self) -> Option<&Screen> {
        match &self.sink {
            Sink::Screen { screen, .. } => Some(screen),
            Sink::Pipe(_) | Sink::File(_) | Sink::Null => None,
        }
    }

    /// Writes text; waits while the pipe is full. `Err` when nobody reads any more.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        match &self.sink {
            Sink::Pipe(writer) => writer.write(bytes).await,
            Sink::Screen { screen, kind, .. } => {
                screen.push(*kind, bytes);
                Ok(())
            }
            Sink::File(file) => {
                file.append(bytes);
                Ok(())
            }
            Sink::Null => Ok(()),
        }
    }
}

/// Nobody reads this pipe any more.
#[derive(Debug, PartialEq, Eq)]
pub struct BrokenPipe;

impl Input {
    /// Ends at once: `/dev/null`.
    pub fn empty() -> Self {
        Self::from_bytes(&[])
    }

    /// A file's or here-document's contents.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let channel = Channel { bytes: bytes.iter().copied().collect(), readers: 1, ..Channel::default() };
        Self { reader: Reader(Rc::new(RefCell::new(channel))), terminal: false }
    }

    pub(super) fn keyboard(alarm: Alarm, screen: Screen) -> Self {
        let keyboard = Some(Keyboard { alarm, screen, ends: 0 });
        let channel = Channel { writers: 1, readers: 1, keyboard, ..Channel::default() };
        Self { reader: Reader(Rc::new(RefCell::new(channel))), terminal: true }
    }

    /// Someone types at the other end: a shell that reads it prints prompts.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The same bytes, but the reader takes it for a pipe: `kubectl exec -i` without `-t`.
    pub fn without_terminal(&self) -> Self {
        Self { terminal: false, ..self.clone() }
    }

    /// One line with its newline (the last may lack it), or `None` at the end.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        poll_fn(|context| {
            let mut channel = self.reader.0.borrow_mut();
            if let Some(at) = channel.bytes.iter().position(|&byte| byte == b'\n') {
                return Poll::Ready(Some(channel.take(at + 1)));
            }
            // A pipe that is full without a newline must be drained, or both ends wait for ever.
            let full = channel.keyboard.is_none() && channel.bytes.len() >= CAPACITY;
            if !full && !channel.ends_here() {
                return channel.wait(context);
            }
            let rest = channel.bytes.len();
            Poll::Ready((rest > 0).then(|| channel.take(rest)))
        })
        .await
    }

    /// Whatever is there, waiting for at least one byte; `None` at the end.
    pub async fn read_some(&self) -> Option<Vec<u8>> {
        poll_fn(|context| {
            let mut channel = self.reader.0.borrow_mut();
            let count = channel.bytes.len();
            if count > 0 {
                Poll::Ready(Some(channel.take(count)))
            } else if channel.ends_here() {
                Poll::Ready(None)
            } else {
                channel.wait(context)
            }
        })
        .await
    }

    /// Everything up to the end of the stream, or as soon as there are `most` bytes, whatever has come.
    pub(super) async fn read_at_most(&self, most: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < most
            && let Some(part) = self.read_some().await
        {
            all.extend(part);
        }
        all
    }

    /// Everything up to the end of the stream.
    pub async fn read_to_end(&self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(part) = self.read_some().await {
            all.extend(part);
        }
        all
    }

    /// Up to `most` typed lines without echo, waiting for the first; `None` at the end. For a shell, which echoes what it used.
    pub(super) async fn read_lines(&self, most: usize) -> Option<String> {
        poll_fn(|context| {
            let mut channel = self.reader.0.borrow_mut();
            let ends = channel.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
            let count = match ends.take(most).last() {
                Some(count) => count,
                None if !channel.ends_here() => return channel.wait(context),
                // The last line may lack its newline.
                None => channel.bytes.len(),
            };
            let bytes: Vec<u8> = channel.bytes.drain(..count).collect();
            channel.wake();
            Poll::Ready((count > 0).then(|| String::from_utf8_lossy(&bytes).into_owned()))
        })
        .await
    }

    /// Puts text back in front of everything.
    pub(super) fn unread(&self, text: &str) {
        let mut channel = self.reader.0.borrow_mut();
        text.bytes().rev().for_each(|byte| channel.bytes.push_front(byte));
    }

    /// Whether a whole line is there to be read at once.
    pub(super) fn has_line(&self) -> bool {
        self.reader.0.borrow().bytes.contains(&b'\n')
    }

    /// What a person types.
    pub(super) fn type_text(&self, text: &str) {
        let mut channel = self.reader.0.borrow_mut();
        channel.bytes.extend(text.bytes());
        channel.wake();
    }

    /// Ctrl-D.
    pub(super) fn type_end(&self) {
        let mut channel = self.reader.0.borrow_mut();
        if let Some(keyboard) = &mut channel.keyboard {
            keyboard.ends += 1;
        }
        channel.wake();
    }

    /// Throws away what was typed and not yet read, as a terminal does on Ctrl-C.
    pub(super) fn discard(&self) {
        self.reader.0.borrow_mut().bytes.clear();
    }
}

#[derive(Debug)]
struct Writer(Rc<RefCell<Channel>>);

impl Writer {
    async fn write(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        for part in bytes.chunks(CAPACITY) {
            poll_fn(|context| {
                let mut channel = self.0.borrow_mut();
                if channel.readers == 0 {
                    return Poll::Ready(Err(BrokenPipe));
                }
                if !channel.bytes.is_empty() && channel.bytes.len() + part.len() > CAPACITY {
                    channel.waiting = Some(context.waker().clone());
                    return Poll::Pending;
                }
                channel.bytes.extend(part);
                channel.wake();
                Poll::Ready(Ok(()))
            })
            .await?;
        }
        Ok(())
    }
}

impl Clone for Writer {
    fn clone(&self) -> Self {
        self.0.borrow_mut().writers += 1;
        Self(Rc::clone(&self.0))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut channel = self.0.borrow_mut();
        channel.writers -= 1;
        channel.wake();
    }
}

#[derive(Debug)]
struct Reader(Rc<RefCell<Channel>>);

impl Clone for Reader {
    fn clone(&self) -> Self {
        self.0.borrow_mut().readers += 1;
        Self(Rc::clone(&self.0))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut channel = self.0.borrow_mut();
        channel.readers -= 1;
        channel.wake();
    }
}
