//! Here-documents: the lines below a command that are its input.

use super::word::Within;
use super::{Parser, Part, SyntaxError, Word};
use std::cell::OnceCell;
use std::rc::Rc;

/// A here-document whose lines are still to come.
#[derive(Debug)]
pub(super) struct Pending {
    pub delimiter: String,
    /// The delimiter was quoted: no expansion.
    pub literal: bool,
    /// `<<-`
    pub strip_tabs: bool,
    pub body: Rc<OnceCell<Word>>,
    pub line: usize,
}

impl Parser {
    /// Called right after a newline.
    pub(super) fn read_heredocs(&mut self) -> Result<(), SyntaxError> {
        for pending in core::mem::take(&mut self.heredocs) {
            let text = self.read_document(&pending)?;
            let word = if pending.literal { Word::quoted(text) } else { self.parse_document(&text)? };
            pending.body.set(word).unwrap_or_else(|_| unreachable!("a here-document is read once"));
        }
        Ok(())
    }

    fn read_document(&mut self, pending: &Pending) -> Result<String, SyntaxError> {
        let mut text = String::new();
        loop {
            if self.character(0).is_none() {
                if self.at_end_of_input {
                    self.warnings.push((pending.line, pending.delimiter.clone()));
                    return Ok(text);
                }
                return Err(SyntaxError::HereDocument { delimiter: pending.delimiter.clone(), line: pending.line });
            }
            let line = self.read_document_line(pending);
            if line.strip_suffix('\n').unwrap_or(&line) == pending.delimiter {
                return Ok(text);
            }
            text.push_str(&line);
        }
    }

    /// One line with its newline; in an unquoted document a backslash at its end joins the next.
    fn read_document_line(&mut self, pending: &Pending) -> String {
        if pending.strip_tabs {
            while self.character(0) == Some('\t') {
                self.skip(1);
            }
        }
        let mut line = String::new();
        while let Some(character) = self.character(0) {
            self.skip(1);
            line.push(character);
            if character == '\\' && !pending.literal {
                let Some(next) = self.character(0) else { break };
                line.push(next);
                self.skip(1);
            } else if character == '\n' {
                break;
            }
        }
        line
    }

    fn parse_document(&self, text: &str) -> Result<Word, SyntaxError> {
        let mut inner = Parser::new(text).at_depth(self.depth + 1)?;
        let word = inner.read_text(Within::Document)?;
        Ok(if word.parts.is_empty() { Word { parts: vec![Part::Quoted(String::new())] } } else { word })
    }
}
