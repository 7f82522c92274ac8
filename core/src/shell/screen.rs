//! What a terminal shows, in the order in which it was printed, each piece marked with where it came from.

use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkKind {
    /// The shell is ready for a line.
    Prompt,
    /// What was typed.
    Echo,
    Stdout,
    Stderr,
    /// The command line that just ended started these conversations, by [`crate::trace::Exchange::id`]. Without text.
    Sent {
        first: u64,
        last: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub kind: ChunkKind,
    pub text: String,
}

/// Shared by every stream that ends at one terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Screen {
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    pieces: Vec<(ChunkKind, Vec<u8>)>,
    capture: Option<Capture>,
    /// Everything that was ever pushed.
    printed: u64,
}

/// What the command that is running printed.
#[derive(Debug, Default)]
struct Capture {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// A record keeps this much of each stream; checks look at the beginning of what was printed.
const MAX_CAPTURE: usize = 1 << 20;

impl Screen {
    pub(super) fn push(&self, kind: ChunkKind, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut state = self.state.borrow_mut();
        state.printed += bytes.len() as u64;
        if let Some(capture) = &mut state.capture {
            capture.add(kind, bytes);
        }
        match state.pieces.last_mut() {
            Some((last, text)) if *last == kind => text.extend_from_slice(bytes),
            _ => state.pieces.push((kind, bytes.to_vec())),
        }
    }

    /// Marks the place at which a command line ended that started conversations.
    pub(super) fn push_sent(&self, first: u64, last: u64) {
        self.state.borrow_mut().pieces.push((ChunkKind::Sent { first, last }, Vec::new()));
    }

    pub(super) fn printed(&self) -> u64 {
        self.state.borrow().printed
    }

    pub(super) fn take(&self) -> Vec<Chunk> {
        let pieces = core::mem::take(&mut self.state.borrow_mut().pieces);
        pieces.into_iter().map(|(kind, text)| Chunk { kind, text: String::from_utf8_lossy(&text).into_owned() }).collect()
    }

    pub(super) fn start_capture(&self) {
        self.state.borrow_mut().capture = Some(Capture::default());
    }

    /// Standard output and standard error since the start.
    pub(super) fn end_capture(&self) -> (String, String) {
        let capture = self.state.borrow_mut().capture.take().unwrap_or_default();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (text(capture.stdout), text(capture.stderr))
    }
}

impl Capture {
    fn add(&mut self, kind: ChunkKind, bytes: &[u8]) {
        let stream = match kind {
            ChunkKind::Stdout => &mut self.stdout,
            ChunkKind::Stderr => &mut self.stderr,
            ChunkKind::Prompt | ChunkKind::Echo | ChunkKind::Sent { .. } => return,
        };
        let room = MAX_CAPTURE.saturating_sub(stream.len()).min(bytes.len());
        stream.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }
}
