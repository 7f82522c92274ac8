//! Word splitting: from the pieces of an expanded word to fields.

use crate::shell::files::{is_pattern, unescape};

/// A piece of a word after expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as typed, where pattern characters are live.
    Literal(String),
    /// Text in which nothing is special.
    Quoted(String),
    /// What an unquoted expansion gave: it is split, and pattern characters in it are live.
    Expanded(String),
    /// A new field begins here: between the parameters of `"$@"`.
    Break,
}

impl Piece {
    /// Bytes of text.
    pub(super) fn len(&self) -> usize {
        match self {
            Piece::Literal(text) | Piece::Quoted(text) | Piece::Expanded(text) => text.len(),
            Piece::Break => 0,
        }
    }
}

/// One word of a command, with its quoted pattern characters behind backslashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub pattern: String,
}

impl Field {
    pub(super) fn text(&self) -> String {
        unescape(&self.pattern)
    }

    pub(super) fn is_pattern(&self) -> bool {
        is_pattern(&self.pattern)
    }
}

/// Puts a backslash before everything that a pattern gives a meaning.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A backslash that came out of an expansion or was typed is just a backslash to us.
pub(super) fn escape_backslashes(text: &str) -> String {
    text.replace('\\', "\\\\")
}

pub(super) fn split(pieces: Vec<Piece>, separators: &str) -> Vec<Field> {
    let mut splitter = Splitter { fields: Vec::new(), current: None, separators };
    for piece in pieces {
        match piece {
            Piece::Literal(text) => splitter.push(&escape_backslashes(&text)),
            Piece::Quoted(text) => splitter.push(&escape(&text)),
            Piece::Expanded(text) => splitter.expanded(&text),
            Piece::Break => splitter.finish(),
        }
    }
    splitter.finish();
    splitter.fields
}

struct Splitter<'a> {
    fields: Vec<Field>,
    current: Option<Field>,
    separators: &'a str,
}

impl Splitter<'_> {
    fn push(&mut self, pattern: &str) {
        self.current.get_or_insert_default().pattern.push_str(pattern);
    }

    fn finish(&mut self) {
        self.fields.extend(self.current.take());
    }

    /// POSIX 2.6.5: blanks in IFS separate in runs and are dropped at the ends; any other character in IFS ends a field.
    fn expanded(&mut self, text: &str) {
        let mut run = String::new();
        let mut ended_by_blank = false;
        for character in text.chars() {
            if !self.separators.contains(character) {
                run.push(character);
                ended_by_blank = false;
                continue;
            }
            if !run.is_empty() {
                self.push(&escape_backslashes(&core::mem::take(&mut run)));
            }
            if character.is_whitespace() {
                ended_by_blank |= self.current.is_some();
                self.finish();
            } else {
                if !ended_by_blank {
                    self.current.get_or_insert_default();
                }
                self.finish();
                ended_by_blank = false;
            }
        }
        if !run.is_empty() {
            self.push(&escape_backslashes(&run));
        }
    }
}
