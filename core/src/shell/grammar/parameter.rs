//! What follows a dollar sign: parameters, command substitution, arithmetic.

use super::word::Within;
use super::{Operation, Parameter, Parser, Part, ReplacePlace, SyntaxError, Word};
use std::rc::Rc;

impl Parser {
    pub(super) fn read_dollar(&mut self, quoted: bool, word: &mut Word) -> Result<(), SyntaxError> {
        match self.character(1) {
            Some('(') => self.read_substitution(quoted, word),
            Some('{') => {
                self.enter()?;
                let parameter = Rc::new(self.read_braced(quoted)?);
                self.leave();
                word.parts.push(Part::Parameter { parameter, quoted });
                Ok(())
            }
            Some('\'') if !quoted => self.read_ansi_quotes(word),
            Some('"') if !quoted => {
                self.skip(1);
                self.read_double_quotes(word)
            }
            _ => {
                self.skip(1);
                let name = self.read_parameter_name(true);
                if name.is_empty() {
                    word.push('$', quoted);
                } else {
                    let parameter = Rc::new(Parameter { text: format!("${name}"), name, operation: Operation::Value });
                    word.parts.push(Part::Parameter { parameter, quoted });
                }
                Ok(())
            }
        }
    }

    /// `$((` is arithmetic if it ends in `))`, and otherwise a subshell inside a command substitution.
    fn read_substitution(&mut self, quoted: bool, word: &mut Word) -> Result<(), SyntaxError> {
        self.enter()?;
        if self.character(2) == Some('(') {
            let before = self.mark();
            self.skip(3);
            let expression = self.read_text(Within::Arithmetic)?;
            if self.looking_at("))") {
                self.skip(2);
                self.leave();
                word.parts.push(Part::Arithmetic { expression, quoted });
                return Ok(());
            }
            self.reset(before);
        }
        self.skip(2);
        let body = Rc::new(self.parse_until_parenthesis()?);
        self.leave();
        word.parts.push(Part::Command { body, quoted });
        Ok(())
    }

    /// A variable's name, a run of digits when `one_digit` is false, or a special parameter; empty if there is none.
    fn read_parameter_name(&mut self, one_digit: bool) -> String {
        let Some(first) = self.character(0) else {
            return String::new();
        };
        let mut name = String::from(first);
        let belongs: fn(char) -> bool = match first {
            '?' | '#' | '@' | '*' | '$' | '!' | '-' => |_| false,
            '0'..='9' if one_digit => |_| false,
            '0'..='9' => |character| character.is_ascii_digit(),
            'a'..='z' | 'A'..='Z' | '_' => |character| character.is_ascii_alphanumeric() || character == '_',
            _ => return String::new(),
        };
        self.skip(1);
        while let Some(character) = self.character(0).filter(|&character| belongs(character)) {
            name.push(character);
            self.skip(1);
        }
        name
    }

    fn read_braced(&mut self, quoted: bool) -> Result<Parameter, SyntaxError> {
        let (start, line) = (self.position, self.line);
        self.skip(2);
        let length = self.character(0) == Some('#') && !matches!(self.character(1), Some('}' | ':' | '%' | '#' | '/'));
        if length {
            self.skip(1);
        }
        let name = self.read_parameter_name(false);
        let operation = match (length, name.is_empty()) {
            (_, true) => Operation::Bad,
            (true, false) => Operation::Length,
            (false, false) => self.read_operation(quoted)?,
        };
        let operation = if self.character(0) == Some('}') { operation } else { Operation::Bad };
        while self.character(0) != Some('}') {
            if self.character(0).is_none() {
                return Err(SyntaxError::Unclosed { closer: '}', line });
            }
            self.skip(1);
        }
        self.skip(1);
        Ok(Parameter { name, operation, text: self.text_since(start) })
    }

    fn read_operation(&mut self, quoted: bool) -> Result<Operation, SyntaxError> {
        let colon = self.character(0) == Some(':') && matches!(self.character(1), Some('-' | '=' | '+' | '?'));
        if colon {
            self.skip(1);
        }
        let Some(operator) = self.character(0) else {
            return Ok(Operation::Value);
        };
        let doubled = self.character(1) == Some(operator);
        let rest = Within::Braces { quoted };
        Ok(match operator {
            '-' => Operation::Default { colon, word: self.read_after(1, rest)? },
            '=' => Operation::Assign { colon, word: self.read_after(1, rest)? },
            '+' => Operation::Alternative { colon, word: self.read_after(1, rest)? },
            '?' => Operation::Error { colon, word: self.read_after(1, rest)? },
            // Patterns keep their quotes even inside double quotes.
            '#' => Operation::RemovePrefix { longest: doubled, pattern: self.read_pattern(doubled)? },
            '%' => Operation::RemoveSuffix { longest: doubled, pattern: self.read_pattern(doubled)? },
            '/' => self.read_replacement(quoted)?,
            ':' => self.read_substring()?,
            '^' | ',' => {
                self.skip(if doubled { 2 } else { 1 });
                Operation::Case { upper: operator == '^', all: doubled }
            }
            _ => Operation::Value,
        })
    }

    fn read_after(&mut self, operator: usize, within: Within) -> Result<Word, SyntaxError> {
        self.skip(operator);
        self.read_text(within)
    }

    fn read_pattern(&mut self, doubled: bool) -> Result<Word, SyntaxError> {
        self.read_after(if doubled { 2 } else { 1 }, Within::Braces { quoted: false })
    }

    fn read_replacement(&mut self, quoted: bool) -> Result<Operation, SyntaxError> {
        let place = match self.character(1) {
            Some('/') => ReplacePlace::All,
            Some('#') => ReplacePlace::Start,
            Some('%') => ReplacePlace::End,
            _ => ReplacePlace::First,
        };
        self.skip(if place == ReplacePlace::First { 1 } else { 2 });
        let pattern = self.read_text(Within::Pattern { quoted: false })?;
        let with = match self.character(0) {
            Some('/') => self.read_after(1, Within::Braces { quoted })?,
            _ => Word::default(),
        };
        Ok(Operation::Replace { place, pattern, with })
    }

    fn read_substring(&mut self) -> Result<Operation, SyntaxError> {
        let offset = self.read_after(1, Within::Offset)?;
        let length = match self.character(0) {
            Some(':') => Some(self.read_after(1, Within::Braces { quoted: false })?),
            _ => None,
        };
        Ok(Operation::Substring { offset, length })
    }
}
