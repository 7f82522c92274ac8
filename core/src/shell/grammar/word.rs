//! Words: quotes, backslashes, and where expansions stand in them.

use super::{Parser, Part, SyntaxError, Word};

/// Where a run of text ends and how quotes in it are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// A word: ends at a blank or an operator.
    Word,
    DoubleQuotes,
    /// `${A:-…`: ends at `}`.
    Braces {
        quoted: bool,
    },
    /// `${A/…`: ends at `/` or `}`.
    Pattern {
        quoted: bool,
    },
    /// `${A:…`: ends at `:` or `}`.
    Offset,
    /// A here-document's body: ends with the text.
    Document,
    /// `$((…`: ends at the `))` that matches.
    Arithmetic,
}

impl Within {
    fn ends(self, character: char) -> bool {
        match self {
            Within::Word => is_metacharacter(character),
            Within::DoubleQuotes => character == '"',
            Within::Braces { .. } => character == '}',
            Within::Pattern { .. } => matches!(character, '/' | '}'),
            Within::Offset => matches!(character, ':' | '}'),
            Within::Document | Within::Arithmetic => false,
        }
    }

    fn closer(self) -> Option<char> {
        match self {
            Within::Word | Within::Document => None,
            Within::DoubleQuotes => Some('"'),
            Within::Braces { .. } | Within::Pattern { .. } | Within::Offset => Some('}'),
            Within::Arithmetic => Some(')'),
        }
    }

    /// Single quotes are ordinary characters here, and a backslash escapes only what is special.
    fn is_quoted(self) -> bool {
        match self {
            Within::DoubleQuotes | Within::Document | Within::Arithmetic => true,
            Within::Braces { quoted } | Within::Pattern { quoted } => quoted,
            Within::Word | Within::Offset => false,
        }
    }
}

/// Ends an unquoted word.
pub(super) fn is_metacharacter(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '|' | '&' | ';' | '<' | '>' | '(' | ')')
}

impl Word {
    pub(super) fn push(&mut self, character: char, quoted: bool) {
        match (self.parts.last_mut(), quoted) {
            (Some(Part::Quoted(text)), true) | (Some(Part::Literal(text)), false) => text.push(character),
            (_, true) => self.parts.push(Part::Quoted(character.into())),
            (_, false) => self.parts.push(Part::Literal(character.into())),
        }
    }
}

impl Parser {
    pub(super) fn read_word(&mut self) -> Result<Word, SyntaxError> {
        self.read_text(Within::Word)
    }

    /// Reads up to the end of `within`, which is left unread.
    pub(super) fn read_text(&mut self, within: Within) -> Result<Word, SyntaxError> {
        let start = self.line;
        let mut word = Word::default();
        let mut parentheses = 0_usize;
        while let Some(character) = self.character(0) {
            if within.ends(character) {
                return Ok(word);
            }
            if within == Within::Arithmetic {
                match character {
                    '(' => parentheses += 1,
                    ')' if parentheses == 0 => return Ok(word),
                    ')' => parentheses -= 1,
                    _ => {}
                }
            }
            self.read_piece(character, within, &mut word)?;
        }
        match within.closer() {
            Some(closer) => Err(SyntaxError::Unclosed { closer, line: start }),
            None => Ok(word),
        }
    }

    fn read_piece(&mut self, character: char, within: Within, word: &mut Word) -> Result<(), SyntaxError> {
        let quoted = within.is_quoted();
        match character {
            '\\' => self.read_backslash(within, word),
            '\'' if !quoted => self.read_single_quotes(word)?,
            '"' if !quoted || matches!(within, Within::Braces { .. } | Within::Pattern { .. }) => {
                self.read_double_quotes(word)?
            }
            '$' => self.read_dollar(quoted, word)?,
            '`' => self.read_backquotes(quoted, word)?,
            _ => {
                word.push(character, quoted);
                self.skip(1);
            }
        }
        Ok(())
    }

    fn read_backslash(&mut self, within: Within, word: &mut Word) {
        let escaped = self.character(1);
        let special = match (within.is_quoted(), escaped) {
            (false, _) => true,
            (true, Some('"')) => within != Within::Document,
            (true, Some('}')) => matches!(within, Within::Braces { .. } | Within::Pattern { .. }),
            (true, other) => matches!(other, Some('$' | '`' | '\\' | '\n')),
        };
        match escaped {
            Some('\n') => {}
            Some(escaped) if special => word.push(escaped, true),
            Some(escaped) => {
                word.push('\\', true);
                word.push(escaped, true);
            }
            None => word.push('\\', true),
        }
        self.skip(2);
    }

    fn read_single_quotes(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        let line = self.line;
        self.skip(1);
        let mut text = String::new();
        loop {
            match self.character(0) {
                None => return Err(SyntaxError::Unclosed { closer: '\'', line }),
                Some('\'') => break,
                Some(character) => text.push(character),
            }
            self.skip(1);
        }
        self.skip(1);
        word.parts.push(Part::Quoted(text));
        Ok(())
    }

    pub(super) fn read_double_quotes(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        self.enter()?;
        self.skip(1);
        let inner = self.read_text(Within::DoubleQuotes)?;
        self.skip(1);
        self.leave();
        // Empty quotes are a word of no characters, not no word.
        if inner.parts.is_empty() {
            word.parts.push(Part::Quoted(String::new()));
        }
        word.parts.extend(inner.parts);
        Ok(())
    }

    /// `$'…'`, whose backslashes mean what they mean in C.
    pub(super) fn read_ansi_quotes(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        let line = self.line;
        self.skip(2);
        let mut raw = String::new();
        loop {
            match (self.character(0), self.character(1)) {
                (None, _) => return Err(SyntaxError::Unclosed { closer: '\'', line }),
                (Some('\''), _) => break,
                (Some('\\'), Some(next)) => {
                    raw.extend(['\\', next]);
                    self.skip(1);
                }
                (Some(character), _) => raw.push(character),
            }
            self.skip(1);
        }
        self.skip(1);
        word.parts.push(Part::Quoted(crate::shell::escape::ansi_c(&raw)));
        Ok(())
    }

    fn read_backquotes(&mut self, quoted: bool, word: &mut Word) -> Result<(), SyntaxError> {
        let line = self.line;
        self.skip(1);
        let mut text = String::new();
        loop {
            match (self.character(0), self.character(1)) {
                (None, _) => return Err(SyntaxError::Unclosed { closer: '`', line }),
                (Some('`'), _) => break,
                (Some('\\'), Some(next @ ('`' | '\\' | '$'))) => {
                    text.push(next);
                    self.skip(1);
                }
                (Some('\\'), Some('"')) if quoted => {
                    text.push('"');
                    self.skip(1);
                }
                (Some(character), _) => text.push(character),
            }
            self.skip(1);
        }
        self.skip(1);
        word.parts.push(Part::Backquoted { text, quoted });
        Ok(())
    }
}
