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
            match chunk.kind {
                ChunkKind::Prompt => self.prompt = Some(chunk.text),
                ChunkKind::Sent { .. } => self.push(chunk.kind, String::new()),
                ChunkKind::Echo => {
                    if let Some(prompt) = self.prompt.take() {
                        self.push(ChunkKind::Prompt, prompt);
                    }
                    self.push_lines(&chunk);
                }
                ChunkKind::Stdout | ChunkKind::Stderr => self.push_lines(&chunk),
            }
        }
        let surplus = self.pieces.len().saturating_sub(MAX_PIECES);
        self.folded += surplus as u64;
        self.pieces.drain(..surplus);
    }

    fn push_lines(&mut self, chunk: &Chunk) {
        for line in chunk.text.split_inclusive('\n') {
            self.push(chunk.kind, line.to_owned());
        }
    }

    fn push(&mut self, kind: ChunkKind, text: String) {
        self.pieces.push(Piece { id: self.next, kind, text });
        self.next += 1;
    }

    pub fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    /// The pieces from `id` on that are still kept.
    pub fn since(&self, id: u64) -> &[Piece] {
        let first = self.pieces.partition_point(|piece| piece.id < id);
        &self.pieces[first..]
    }

    /// The first piece that is still kept.
    pub fn first(&self) -> u64 {
        self.pieces.first().map_or(self.next, |piece| piece.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn shown(chunks: &[(ChunkKind, &str)]) -> Vec<(ChunkKind, String)> {
        let mut screen = Screen::default();
        screen.append(chunks.iter().map(|(kind, text)| Chunk { kind: *kind, text: (*text).to_owned() }).collect());
        screen.since(0).iter().map(|piece| (piece.kind, piece.text.clone())).collect()
    }

    #[wasm_bindgen_test]
    fn a_prompt_joins_the_log_once_something_is_typed_after_it() {
        assert_eq!(shown(&[(ChunkKind::Prompt, "$ ")]), []);
        let typed =
            [(ChunkKind::Prompt, "$ "), (ChunkKind::Echo, "ls\n"), (ChunkKind::Stdout, "a\nb\n"), (ChunkKind::Prompt, "$ ")];
        let lines =
            [(ChunkKind::Prompt, "$ "), (ChunkKind::Echo, "ls\n"), (ChunkKind::Stdout, "a\n"), (ChunkKind::Stdout, "b\n")];
        assert_eq!(shown(&typed), lines.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[wasm_bindgen_test]
    fn a_long_output_keeps_its_end() {
        let mut screen = Screen::default();
        screen.append(vec![Chunk { kind: ChunkKind::Stdout, text: "line\n".repeat(10_000) }]);
        assert_eq!((screen.since(0).len(), screen.first(), screen.folded), (4_000, 6_000, 6_000));
    }
}
