//! Words to text: tilde, parameters, substitutions, then splitting and file names.

use super::fields::{self, Piece};
use super::{Boxed, Flow, Shell};
use crate::shell::grammar::{Parser, Part, Word, expand_braces};

/// What the words of one command may hold in bytes, about Linux's `ARG_MAX`. A value that is doubled in a loop would otherwise
/// fill the page's memory before anybody could press Ctrl-C.
pub(super) const MAX_EXPANSION: usize = 4 << 20;
/// A word costs this much besides its text, so that empty ones count too.
const WORD_COST: usize = 32;

impl Shell {
    /// A command's words: all expansions, splitting, file names.
    pub(super) fn expand_words<'a>(&'a mut self, words: &'a [Word]) -> Boxed<'a, Result<Vec<String>, Flow>> {
        Box::pin(async move {
            let mut texts = Vec::new();
            let mut size = 0;
            for word in words {
                let Some(variants) = expand_braces(word) else {
                    self.process.print_error("hoplab: brace expansion makes too many words\n").await;
                    return self.abort(1);
                };
                for variant in &variants {
                    let before = texts.len();
                    self.expand_into(variant, &mut texts).await?;
                    size += texts.iter().skip(before).map(|text: &String| text.len() + WORD_COST).sum::<usize>();
                    self.check_size(size).await?;
                }
            }
            Ok(texts)
        })
    }

    async fn expand_into(&mut self, word: &Word, texts: &mut Vec<String>) -> Result<(), Flow> {
        // The common case needs none of the machinery.
        if let Some(text) = word.literal().filter(|text| !text.contains(['~', '*', '?', '[', '\\'])) {
            texts.push(text.to_owned());
            return Ok(());
        }
        let pieces = self.pieces(word).await?;
        let separators = self.value("IFS").unwrap_or(" \t\n").to_owned();
        for field in fields::split(pieces, &separators) {
            let paths = if field.is_pattern() && !self.options.noglob { self.process.glob(&field.pattern) } else { Vec::new() };
            if paths.is_empty() {
                texts.push(field.text());
            } else {
                texts.extend(paths);
            }
        }
        Ok(())
    }

    /// One text, neither split nor matched against files: assignments, redirections, `case`.
    pub(super) async fn expand_text(&mut self, word: &Word) -> Result<String, Flow> {
        let pieces = self.pieces(word).await?;
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(part) | Piece::Quoted(part) | Piece::Expanded(part) => text.push_str(&part),
                Piece::Break => text.push(' '),
            }
        }
        Ok(text)
    }

    /// A pattern: what was quoted in it is behind backslashes.
    pub(super) async fn expand_pattern(&mut self, word: &Word) -> Result<String, Flow> {
        let pieces = self.pieces(word).await?;
        let mut pattern = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(part) => pattern.push_str(&fields::escape_backslashes(&part)),
                Piece::Expanded(part) => pattern.push_str(&part),
                Piece::Quoted(part) => pattern.push_str(&fields::escape(&part)),
                Piece::Break => pattern.push(' '),
            }
        }
        Ok(pattern)
    }

    /// Boxed, because an expansion can hold words.
    pub(super) fn pieces<'a>(&'a mut self, word: &'a Word) -> Boxed<'a, Result<Vec<Piece>, Flow>> {
        Box::pin(async move {
            let mut pieces = Vec::new();
            let mut size = 0;
            for (at, part) in word.parts.iter().enumerate() {
                let before = pieces.len();
                match part {
                    Part::Literal(text) => {
                        let text = if at == 0 { self.expand_tilde(text, word.parts.len() == 1, &mut pieces) } else { text };
                        pieces.push(Piece::Literal(text.to_owned()));
                    }
                    Part::Quoted(text) => pieces.push(Piece::Quoted(text.clone())),
                    Part::Parameter { parameter, quoted } => {
                        let values = self.expand_parameter(parameter, *quoted).await?;
                        pieces.extend(values);
                    }
                    Part::Command { body, quoted } => {
                        let text = self.substitute(body).await;
                        pieces.push(expanded(text, *quoted));
                    }
                    Part::Backquoted { text, quoted } => {
                        let text = self.substitute_text(text).await;
                        pieces.push(expanded(text, *quoted));
                    }
                    Part::Arithmetic { expression, quoted } => {
                        let text = self.expand_text(expression).await?;
                        let value = self.calculate_or_abort(&text).await?;
                        pieces.push(expanded(value.to_string(), *quoted));
                    }
                }
                size += pieces.iter().skip(before).map(Piece::len).sum::<usize>();
                self.check_size(size).await?;
            }
            Ok(pieces)
        })
    }

    /// Refuses an expansion that has grown beyond what the simulator holds.
    pub(super) async fn check_size(&mut self, size: usize) -> Result<(), Flow> {
        if size <= MAX_EXPANSION {
            return Ok(());
        }
        self.process.print_error(format!("hoplab: the words of a command hold more than {MAX_EXPANSION} bytes\n")).await;
        self.abort(1)
    }

    /// `~` and `~/…` become the home directory; the rest of the text is returned.
    fn expand_tilde<'t>(&self, text: &'t str, alone: bool, pieces: &mut Vec<Piece>) -> &'t str {
        match text.strip_prefix('~') {
            Some(rest) if rest.starts_with('/') || (rest.is_empty() && alone) => {
                let home = self.value("HOME").map_or_else(|| self.process.machine.home(), str::to_owned);
                pieces.push(Piece::Quoted(home));
                rest
            }
            _ => text,
        }
    }

    /// Between backquotes, the text is read only now.
    fn substitute_text<'a>(&'a mut self, text: &'a str) -> Boxed<'a, String> {
        Box::pin(async move {
            let mut parser = Parser::new(text);
            let mut printed = String::new();
            loop {
                match parser.next_line() {
                    Ok(None) => break,
                    Ok(Some(list)) => {
                        printed.push_str(&self.substitute(&list).await);
                        printed.push('\n');
                    }
                    Err(error) => {
                        let prefix = format!("{}: command substitution: ", self.name);
                        self.process.print_error(error.message(&prefix, true)).await;
                        self.status = 2;
                        break;
                    }
                }
            }
            printed.trim_end_matches('\n').to_owned()
        })
    }

    pub(super) async fn calculate_or_abort(&mut self, text: &str) -> Result<i64, Flow> {
        match self.calculate(text) {
            Ok(value) => Ok(value),
            Err(error) => {
                self.complain(&error).await;
                self.abort(1)
            }
        }
    }

    pub(super) fn abort<T>(&mut self, status: i32) -> Result<T, Flow> {
        self.status = status;
        Err(Flow::Abort)
    }
}

fn expanded(text: String, quoted: bool) -> Piece {
    if quoted { Piece::Quoted(text) } else { Piece::Expanded(text) }
}
