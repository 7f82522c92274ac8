//! From a text to its command lines, one at a time: lists, pipelines, simple commands, redirections.

use super::heredoc::Pending;
use super::token::Token;
use super::word::is_metacharacter;
use super::{
    AndOr, Assignment, Command, CommandKind, Connector, Item, List, MAX_DEPTH, Part, Pipeline, Redirection, RedirectionKind,
    SyntaxError, Word, is_name,
};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Reads commands from a text. After an error at a terminal, [`Parser::skip_line`] goes on with the next line.
#[derive(Debug)]
pub struct Parser {
    characters: Vec<char>,
    pub(super) position: usize,
    /// Of `position`, counted from 1.
    pub(super) line: usize,
    pub(super) peeked: Option<Token>,
    /// Where the peeked token begins.
    pub(super) token_start: usize,
    pub(super) token_line: usize,
    pub(super) heredocs: Vec<Pending>,
    /// No more lines will come: an open here-document ends here.
    pub(super) at_end_of_input: bool,
    /// Here-documents that the end of the text cut short: line and delimiter.
    pub warnings: Vec<(usize, String)>,
    pub(super) depth: usize,
    aliases: BTreeMap<String, String>,
    /// Aliases whose text is being read, and how many characters follow that text.
    expanding: Vec<(String, usize)>,
}

impl Parser {
    pub fn new(text: &str) -> Self {
        Self {
            characters: text.chars().collect(),
            position: 0,
            line: 1,
            peeked: None,
            token_start: 0,
            token_line: 1,
            heredocs: Vec::new(),
            at_end_of_input: true,
            warnings: Vec::new(),
            depth: 0,
            aliases: BTreeMap::new(),
            expanding: Vec::new(),
        }
    }

    /// For a terminal: more lines may come, and aliases are expanded.
    pub fn interactive(text: &str, aliases: &BTreeMap<String, String>) -> Self {
        Self { at_end_of_input: false, aliases: aliases.clone(), ..Self::new(text) }
    }

    pub(super) fn at_depth(mut self, depth: usize) -> Result<Self, SyntaxError> {
        self.depth = depth;
        if depth > MAX_DEPTH { Err(SyntaxError::TooDeep { line: self.line }) } else { Ok(self) }
    }

    /// How many characters have not been read.
    pub fn remaining(&self) -> usize {
        self.characters.len() - self.position
    }

    /// The next complete line of commands; `None` at the end.
    pub fn next_line(&mut self) -> Result<Option<List>, SyntaxError> {
        self.skip_newlines()?;
        if matches!(self.peek()?, Token::End) {
            return Ok(None);
        }
        let mut list = List::default();
        loop {
            let (item, separated) = self.parse_item()?;
            list.items.push(item);
            let more_may_come = !self.at_end_of_input;
            let line = self.line;
            match self.peek()? {
                // At a terminal every line has its newline, unless a backslash took it.
                Token::End if more_may_come => return Err(SyntaxError::End { line }),
                Token::Newline | Token::End => break,
                _ if separated => {}
                _ => return Err(self.unexpected()),
            }
        }
        self.peeked = None;
        Ok(Some(list))
    }

    /// Gives up what remains of the line in which an error was found.
    pub fn skip_line(&mut self) {
        self.peeked = None;
        self.heredocs.clear();
        self.depth = 0;
        let already_over = self.position > 0 && self.characters.get(self.position - 1) == Some(&'\n');
        while !already_over && self.character(0).is_some_and(|character| character != '\n') {
            self.skip(1);
        }
        if !already_over {
            self.skip(1);
        }
    }

    /// An and-or list and the `;` or `&` that ends it, and whether there was one.
    pub(super) fn parse_item(&mut self) -> Result<(Item, bool), SyntaxError> {
        let and_or = Rc::new(self.parse_and_or()?);
        let background = self.skip_operator("&")?;
        let separated = background || self.skip_operator(";")?;
        Ok((Item { and_or, background }, separated))
    }

    fn parse_and_or(&mut self) -> Result<AndOr, SyntaxError> {
        self.peek()?;
        let start = self.token_start;
        let first = self.parse_pipeline()?;
        let mut rest = Vec::new();
        loop {
            let connector = match self.peek()? {
                Token::Operator("&&") => Connector::And,
                Token::Operator("||") => Connector::Or,
                _ => break,
            };
            self.peeked = None;
            self.skip_newlines()?;
            rest.push((connector, self.parse_pipeline()?));
        }
        let text = self.characters.get(start..self.token_start).unwrap_or_default().iter().collect::<String>();
        Ok(AndOr { first, rest, text: text.trim_end().to_owned() })
    }

    fn parse_pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        let (mut negated, mut timed) = (false, false);
        loop {
            match self.peek()?.literal() {
                Some("!") => negated = !negated,
                Some("time") => timed = true,
                _ => break,
            }
            self.peeked = None;
        }
        let mut commands = vec![self.parse_command()?];
        loop {
            let both = self.peek()?.is_operator("|&");
            if !both && !self.peek()?.is_operator("|") {
                return Ok(Pipeline { negated, timed, commands });
            }
            self.peeked = None;
            if both && let Some(command) = commands.last_mut() {
                let kind = RedirectionKind::Duplicate(Word::quoted("1"));
                command.redirections.push(Redirection { descriptor: 2, kind });
            }
            self.skip_newlines()?;
            commands.push(self.parse_command()?);
        }
    }

    pub(super) fn parse_simple(&mut self, line: usize) -> Result<Command, SyntaxError> {
        let (mut assignments, mut words, mut redirections) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            if words.is_empty() && self.expand_alias()? {
                continue;
            }
            match self.peek()? {
                Token::Word(_) => {
                    let Token::Word(word) = self.next()? else { break };
                    match words.is_empty().then(|| assignment(&word)).flatten() {
                        Some(assignment) if assignment.value.parts.is_empty() && self.character(0) == Some('(') => {
                            return Err(SyntaxError::NotSimulated { what: "arrays are" });
                        }
                        Some(assignment) => assignments.push(assignment),
                        None => words.push(word),
                    }
                }
                Token::Operator("(") if words.len() == 1 && assignments.is_empty() => return self.parse_function(words, line),
                _ => match self.parse_redirection()? {
                    Some(redirection) => redirections.push(redirection),
                    None => break,
                },
            }
        }
        if assignments.is_empty() && words.is_empty() && redirections.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Command { kind: CommandKind::Simple { assignments, words }, redirections, line })
    }

    pub(super) fn parse_redirection(&mut self) -> Result<Option<Redirection>, SyntaxError> {
        let given = match self.peek()? {
            Token::Descriptor(descriptor) => Some(*descriptor),
            _ => None,
        };
        if given.is_some() {
            self.peeked = None;
        }
        let operator = match self.peek()? {
            Token::Operator(operator @ ("<" | ">" | ">>" | ">|" | "<<" | "<<-" | "<<<" | "<&" | ">&" | "&>" | "&>>" | "<>")) => {
                *operator
            }
            _ => return Ok(None),
        };
        self.peeked = None;
        self.peek()?;
        let (start, line) = (self.token_start, self.token_line);
        let Token::Word(target) = self.peek()? else {
            return Err(self.unexpected());
        };
        let target = target.clone();
        self.peeked = None;
        let raw = self.text_since(start);
        let descriptor = given.unwrap_or(if operator.starts_with('<') { 0 } else { 1 });
        let kind = match operator {
            "<" | "<>" => RedirectionKind::Read(target),
            ">" | ">|" => RedirectionKind::Write(target),
            ">>" => RedirectionKind::Append(target),
            "&>" | "&>>" => RedirectionKind::WriteBoth { target, append: operator == "&>>" },
            "<<<" => RedirectionKind::HereString(target),
            // `>&file` is an old way to write `&>file`.
            ">&" if given.is_none() && !raw.starts_with(|first: char| first.is_ascii_digit() || "-$".contains(first)) => {
                RedirectionKind::WriteBoth { target, append: false }
            }
            "<&" | ">&" => RedirectionKind::Duplicate(target),
            _ => self.expect_heredoc(&target, operator == "<<-", line),
        };
        Ok(Some(Redirection { descriptor, kind }))
    }

    fn expect_heredoc(&mut self, delimiter: &Word, strip_tabs: bool, line: usize) -> RedirectionKind {
        let literal = delimiter.parts.iter().any(|part| matches!(part, Part::Quoted(_)));
        let delimiter = delimiter.parts.iter().map(source_text).collect();
        let body = Rc::new(OnceCell::new());
        self.heredocs.push(Pending { delimiter, literal, strip_tabs, body: Rc::clone(&body), line });
        RedirectionKind::HereDocument(body)
    }

    /// Puts an alias's text in the place of its name.
    fn expand_alias(&mut self) -> Result<bool, SyntaxError> {
        if self.aliases.is_empty() {
            return Ok(false);
        }
        let Some(name) = self.peek()?.literal().map(str::to_owned) else {
            return Ok(false);
        };
        let remaining = self.remaining();
        self.expanding.retain(|(_, after)| remaining >= *after && self.token_start + after < self.characters.len());
        let Some(text) = self.aliases.get(&name).filter(|_| !self.expanding.iter().any(|(open, _)| *open == name)) else {
            return Ok(false);
        };
        let text: Vec<char> = text.chars().chain([' ']).collect();
        self.peeked = None;
        self.expanding.push((name, remaining));
        self.characters.splice(self.position..self.position, text);
        Ok(true)
    }

    /// The error for the token that is next.
    pub(super) fn unexpected(&mut self) -> SyntaxError {
        let token = match self.peek() {
            Err(error) => return error,
            Ok(Token::End) => return SyntaxError::End { line: self.line },
            Ok(Token::Newline) => "newline".to_owned(),
            Ok(Token::Word(_) | Token::Operator(_) | Token::Descriptor(_)) => self.text_since(self.token_start),
        };
        SyntaxError::Unexpected { token, line: self.token_line, source: self.source_line(self.token_start) }
    }

    fn source_line(&self, at: usize) -> String {
        let before = self.characters.get(..at).unwrap_or_default();
        let start = before.iter().rposition(|&character| character == '\n').map_or(0, |newline| newline + 1);
        self.characters.iter().skip(start).take_while(|&&character| character != '\n').collect()
    }

    pub(super) fn text_since(&self, start: usize) -> String {
        self.characters.get(start..self.position).unwrap_or_default().iter().collect()
    }

    pub(super) fn character(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.position + ahead).copied()
    }

    pub(super) fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, character)| self.character(ahead) == Some(character))
    }

    pub(super) fn skip(&mut self, count: usize) {
        let end = (self.position + count).min(self.characters.len());
        self.line += self.characters.get(self.position..end).unwrap_or_default().iter().filter(|&&c| c == '\n').count();
        self.position = end;
    }

    pub(super) fn mark(&self) -> (usize, usize) {
        (self.position, self.line)
    }

    pub(super) fn reset(&mut self, (position, line): (usize, usize)) {
        self.position = position;
        self.line = line;
    }

    pub(super) fn enter(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(SyntaxError::TooDeep { line: self.line }) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Only blanks before the next newline or operator.
    pub(super) fn word_ends_here(&self) -> bool {
        self.character(0).is_none_or(is_metacharacter)
    }
}

fn source_text(part: &Part) -> String {
    match part {
        Part::Literal(text) | Part::Quoted(text) => text.clone(),
        Part::Parameter { parameter, .. } => parameter.text.clone(),
        Part::Backquoted { text, .. } => format!("`{text}`"),
        Part::Command { .. } | Part::Arithmetic { .. } => String::new(),
    }
}

/// `NAME=…` or `NAME+=…` at the start of a command.
fn assignment(word: &Word) -> Option<Assignment> {
    let Part::Literal(first) = word.parts.first()? else { return None };
    let (name, value) = first.split_once('=')?;
    let (name, append) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    if !is_name(name) {
        return None;
    }
    let start = (!value.is_empty()).then(|| Part::Literal(value.to_owned()));
    let parts = start.into_iter().chain(word.parts.iter().skip(1).cloned()).collect();
    Some(Assignment { name: name.to_owned(), value: Word { parts }, append })
}
