//! Compound commands: loops, conditions, groups, functions.

use super::token::Token;
use super::word::Within;
use super::{CaseArm, Command, CommandKind, List, Parser, SyntaxError, Word};
use std::rc::Rc;

impl Parser {
    pub(super) fn parse_command(&mut self) -> Result<Command, SyntaxError> {
        self.enter()?;
        self.peek()?;
        let line = self.token_line;
        let Some(kind) = self.parse_compound()? else {
            let command = self.parse_simple(line);
            self.leave();
            return command;
        };
        let mut redirections = Vec::new();
        while let Some(redirection) = self.parse_redirection()? {
            redirections.push(redirection);
        }
        self.leave();
        Ok(Command { kind, redirections, line })
    }

    fn parse_compound(&mut self) -> Result<Option<CommandKind>, SyntaxError> {
        if self.peek()?.is_operator("(") {
            return self.parse_parenthesis().map(Some);
        }
        let Some(keyword) = self.peek()?.literal().map(str::to_owned) else {
            return Ok(None);
        };
        let kind = match keyword.as_str() {
            "{" => {
                self.peeked = None;
                let body = self.parse_list()?;
                self.expect("}")?;
                CommandKind::Group(body)
            }
            "if" => self.parse_if()?,
            "for" => self.parse_for()?,
            "while" | "until" => {
                self.peeked = None;
                let condition = self.parse_list()?;
                CommandKind::While { negated: keyword == "until", condition, body: self.parse_do()? }
            }
            "case" => self.parse_case()?,
            "function" => {
                self.peeked = None;
                return self.parse_function_keyword().map(Some);
            }
            "[[" => {
                self.peeked = None;
                CommandKind::Test(self.parse_test()?)
            }
            "select" | "coproc" => return Err(SyntaxError::NotSimulated { what: "select and coproc are" }),
            word if is_closing(word) => return Err(self.unexpected()),
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    /// A subshell, or `((…))`.
    fn parse_parenthesis(&mut self) -> Result<CommandKind, SyntaxError> {
        self.peeked = None;
        let before = self.mark();
        if self.character(0) == Some('(') {
            self.skip(1);
            let expression = self.read_text(Within::Arithmetic)?;
            if self.looking_at("))") {
                self.skip(2);
                return Ok(CommandKind::Arithmetic(expression));
            }
            self.reset(before);
        }
        self.parse_until_parenthesis().map(CommandKind::Subshell)
    }

    /// A list and the `)` after it.
    pub(super) fn parse_until_parenthesis(&mut self) -> Result<List, SyntaxError> {
        let list = match self.peek()? {
            // `$()` runs nothing.
            Token::Operator(")") => List::default(),
            _ => self.parse_list_until_parenthesis()?,
        };
        match self.peek()? {
            Token::Operator(")") => {
                self.peeked = None;
                Ok(list)
            }
            Token::End => Err(SyntaxError::Unclosed { closer: ')', line: self.line }),
            _ => Err(self.unexpected()),
        }
    }

    fn parse_list_until_parenthesis(&mut self) -> Result<List, SyntaxError> {
        self.parse_list().map_err(|error| match error {
            SyntaxError::End { line } => SyntaxError::Unclosed { closer: ')', line },
            other => other,
        })
    }

    /// Commands up to a keyword or operator that closes what they are in. At least one.
    pub(super) fn parse_list(&mut self) -> Result<List, SyntaxError> {
        self.skip_newlines()?;
        let mut list = List::default();
        loop {
            let (item, separated) = self.parse_item()?;
            list.items.push(item);
            let separated = separated || matches!(self.peek()?, Token::Newline);
            self.skip_newlines()?;
            let token = self.peek()?;
            let closes = match token {
                Token::End => return Err(self.unexpected()),
                Token::Operator(operator) => matches!(*operator, ")" | ";;" | ";&" | ";;&"),
                Token::Word(_) | Token::Descriptor(_) | Token::Newline => token.literal().is_some_and(is_closing),
            };
            if closes {
                return Ok(list);
            }
            if !separated {
                return Err(self.unexpected());
            }
        }
    }

    pub(super) fn expect(&mut self, keyword: &str) -> Result<(), SyntaxError> {
        if self.peek()?.literal() != Some(keyword) {
            return Err(self.unexpected());
        }
        self.peeked = None;
        Ok(())
    }

    fn parse_if(&mut self) -> Result<CommandKind, SyntaxError> {
        let mut branches = Vec::new();
        loop {
            self.peeked = None;
            let condition = self.parse_list()?;
            self.expect("then")?;
            branches.push((condition, self.parse_list()?));
            if self.peek()?.literal() != Some("elif") {
                break;
            }
        }
        let otherwise = match self.peek()?.literal() {
            Some("else") => {
                self.peeked = None;
                Some(self.parse_list()?)
            }
            _ => None,
        };
        self.expect("fi")?;
        Ok(CommandKind::If { branches, otherwise })
    }

    fn parse_for(&mut self) -> Result<CommandKind, SyntaxError> {
        self.peeked = None;
        if self.peek()?.is_operator("(") {
            return Err(SyntaxError::NotSimulated { what: "for ((…)) is" });
        }
        let Some(variable) = self.peek()?.literal().map(str::to_owned) else {
            return Err(self.unexpected());
        };
        self.peeked = None;
        self.skip_newlines()?;
        let words = if self.peek()?.literal() == Some("in") {
            self.peeked = None;
            let mut words = Vec::new();
            while let Token::Word(word) = self.peek()? {
                words.push(word.clone());
                self.peeked = None;
            }
            if !self.skip_operator(";")? && !matches!(self.peek()?, Token::Newline) {
                return Err(self.unexpected());
            }
            Some(words)
        } else {
            self.skip_operator(";")?;
            None
        };
        self.skip_newlines()?;
        Ok(CommandKind::For { variable, words, body: self.parse_do()? })
    }

    fn parse_do(&mut self) -> Result<List, SyntaxError> {
        self.expect("do")?;
        let body = self.parse_list()?;
        self.expect("done")?;
        Ok(body)
    }

    fn parse_case(&mut self) -> Result<CommandKind, SyntaxError> {
        self.peeked = None;
        let Token::Word(subject) = self.peek()? else {
            return Err(self.unexpected());
        };
        let subject = subject.clone();
        self.peeked = None;
        self.skip_newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.peek()?.literal() == Some("esac") {
                self.peeked = None;
                return Ok(CommandKind::Case { subject, arms });
            }
            let (arm, last) = self.parse_arm()?;
            arms.push(arm);
            if last {
                self.expect("esac")?;
                return Ok(CommandKind::Case { subject, arms });
            }
        }
    }

    /// One arm, and whether it had no `;;`, which only the last may lack.
    fn parse_arm(&mut self) -> Result<(CaseArm, bool), SyntaxError> {
        self.skip_operator("(")?;
        let mut patterns: Vec<Word> = Vec::new();
        loop {
            let Token::Word(pattern) = self.peek()? else {
                return Err(self.unexpected());
            };
            patterns.push(pattern.clone());
            self.peeked = None;
            if !self.skip_operator("|")? {
                break;
            }
        }
        if !self.skip_operator(")")? {
            return Err(self.unexpected());
        }
        self.skip_newlines()?;
        let empty = match self.peek()? {
            Token::Operator(operator) => matches!(*operator, ";;" | ";&" | ";;&"),
            token => token.literal() == Some("esac"),
        };
        let body = if empty { List::default() } else { self.parse_list()? };
        let falls_through = self.peek()?.is_operator(";&");
        let ended = falls_through || self.peek()?.is_operator(";;");
        if ended {
            self.peeked = None;
        }
        Ok((CaseArm { patterns, body, falls_through }, !ended))
    }

    /// `name () compound`, after the name.
    pub(super) fn parse_function(&mut self, words: Vec<Word>, line: usize) -> Result<Command, SyntaxError> {
        self.peeked = None;
        if !self.skip_operator(")")? {
            return Err(self.unexpected());
        }
        let name = words.first().and_then(Word::literal).unwrap_or_default().to_owned();
        let kind = self.parse_function_body(name)?;
        Ok(Command { kind, redirections: Vec::new(), line })
    }

    fn parse_function_keyword(&mut self) -> Result<CommandKind, SyntaxError> {
        let Some(name) = self.peek()?.literal().map(str::to_owned) else {
            return Err(self.unexpected());
        };
        self.peeked = None;
        if self.skip_operator("(")? && !self.skip_operator(")")? {
            return Err(self.unexpected());
        }
        self.parse_function_body(name)
    }

    fn parse_function_body(&mut self, name: String) -> Result<CommandKind, SyntaxError> {
        self.skip_newlines()?;
        let begins_compound = match self.peek()? {
            Token::Operator(operator) => *operator == "(",
            token => token.literal().is_some_and(|word| matches!(word, "{" | "if" | "for" | "while" | "until" | "case" | "[[")),
        };
        if !begins_compound {
            return Err(self.unexpected());
        }
        let body = self.parse_command()?;
        Ok(CommandKind::Function { name, body: Rc::new(body) })
    }
}

/// Words that end a list where a command could begin.
fn is_closing(word: &str) -> bool {
    matches!(word, "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}")
}
