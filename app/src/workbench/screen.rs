//! What the terminal has printed, as pieces of text. Only the last part of a long session is kept for showing.

use hoplab_core::shell::{Chunk, ChunkKind};

/// More lines than anybody scrolls through, fewer than make the page slow.
const MAX_PIECES: usize = 4_000;

/// A run of text of one kind, never longer than a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Counts up over the session.
    pub id: u64,
    pub kind: ChunkKind,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Screen {
    pieces: Vec<Piece>,
    next: u64,
    prompt: Option<String>,
    /// Pieces that were folded away at the start.
    pub folded: u64,
}

impl Screen {
    /// A prompt stands in the line that one types in; it joins the log with what was typed after it.
    pub fn append(&mut self, chunks: Vec<Chunk>) {
        for chunk in chunks {
            if chunk.kind == ChunkKind::Prompt {
                self.prompt = Some(chunk.text);
                continue;
            }
            if let Some(prompt) = self.prompt.take().filter(|_| chunk.kind == ChunkKind::Echo) {
                self.pieces.push(Piece { id: self.next, kind: ChunkKind::Prompt, text: prompt });
                self.next += 1;
            }
            for line in chunk.text.split_inclusive('\n') {
                self.pieces.push(Piece { id: self.next, kind: chunk.kind, text: line.to_owned() });
                self.next += 1;
            }
        }
        let surplus = self.pieces.len().saturating_sub(MAX_PIECES);
        self.folded += surplus as u64;
        self.pieces.drain(..surplus);
    }

    pub fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    /// The pieces from `id` on, and the first that is still there.
    pub fn since(&self, id: u64) -> &[Piece] {
        let first = self.pieces.partition_point(|piece| piece.id < id);
        &self.pieces[first..]
    }

    pub fn first(&self) -> u64 {
        self.pieces.first().map_or(self.next, |piece| piece.id)
    }
}
