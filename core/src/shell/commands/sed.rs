//! `sed`: `s`, `p`, `d` and `q` with addresses. Anything else is refused honestly.

use super::lines::Lines;
use super::options;
use crate::shell::Process;
use crate::shell::regex::Regex;

struct Command {
    first: Option<Address>,
    last: Option<Address>,
    negated: bool,
    action: Action,
    /// Inside a range.
    active: bool,
}

enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

enum Action {
    Substitute { regex: Regex, with: String, all: bool, print: bool, nth: usize },
    Print,
    Delete,
    Quit,
}

pub async fn run(process: Process) -> i32 {
    let Some(mut options) =
        options::parse(&process, "Eine:r", &[("quiet", 'n'), ("expression", 'e'), ("regexp-extended", 'E')]).await
    else {
        return 1;
    };
    if options.has('i') {
        process.print_error("hoplab: sed -i is not simulated\n").await;
        return 1;
    }
    let mut scripts: Vec<String> =
        options.flags.iter().filter(|(flag, _)| *flag == 'e').map(|(_, script)| script.clone()).collect();
    if scripts.is_empty() {
        if options.operands.is_empty() {
            process.print_error("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n").await;
            return 1;
        }
        scripts.push(options.operands.remove(0));
    }
    let extended = options.has('E') || options.has('r');
    let mut commands = Vec::new();
    for script in &scripts {
        match parse(script, extended) {
            Ok(more) => commands.extend(more),
            Err(message) => {
                process.print_error(format!("{message}\n")).await;
                return 1;
            }
        }
    }
    edit(&process, commands, &options.operands, options.has('n')).await
}

async fn edit(process: &Process, mut commands: Vec<Command>, paths: &[String], quiet: bool) -> i32 {
    let mut lines = Lines::new(process, paths);
    let mut next = lines.next().await;
    let mut number = 0;
    while let Some((_, line)) = next {
        next = lines.next().await;
        number += 1;
        let mut text = line.text;
        let newline = if line.newline || next.is_some() { "\n" } else { "" };
        let (mut deleted, mut quit) = (false, false);
        for command in &mut commands {
            if !command.applies(&text, number, next.is_none()) {
                continue;
            }
            match &command.action {
                Action::Substitute { regex, with, all, print, nth } => {
                    if let Some(changed) = substitute(&text, regex, with, *all, *nth) {
                        text = changed;
                        if *print {
                            process.print(format!("{text}{newline}")).await;
                        }
                    }
                }
                Action::Print => process.print(format!("{text}{newline}")).await,
                Action::Delete => deleted = true,
                Action::Quit => quit = true,
            }
            if deleted || quit {
                break;
            }
        }
        if !quiet && !deleted {
            process.print(format!("{text}{newline}")).await;
        }
        if quit {
            break;
        }
    }
    if lines.failed { 2 } else { 0 }
}

impl Command {
    fn applies(&mut self, text: &str, number: usize, last: bool) -> bool {
        let selected = match (&self.first, &self.last) {
            (None, _) => true,
            (Some(first), None) => first.matches(text, number, last),
            (Some(first), Some(end)) => {
                if self.active {
                    self.active = !end.ends(text, number, last);
                    true
                } else if first.matches(text, number, last) {
                    self.active = !matches!(end, Address::Line(line) if *line <= number);
                    true
                } else {
                    false
                }
            }
        };
        selected != self.negated
    }
}

impl Address {
    fn matches(&self, text: &str, number: usize, last: bool) -> bool {
        match self {
            Address::Line(line) => *line == number,
            Address::Last => last,
            Address::Match(regex) => regex.find(text).is_some(),
        }
    }

    fn ends(&self, text: &str, number: usize, last: bool) -> bool {
        matches!(self, Address::Line(line) if *line <= number) || self.matches(text, number, last)
    }
}

fn substitute(text: &str, regex: &Regex, with: &str, all: bool, nth: usize) -> Option<String> {
    let mut result = String::new();
    let (mut copied, mut from, mut count) = (0, 0, 0);
    let mut changed = false;
    while from <= text.len() {
        let Some(captures) = regex.find_at(text, from) else { break };
        let Some((start, end)) = captures.first().copied().flatten() else { break };
        count += 1;
        if count >= nth {
            result.push_str(text.get(copied..start)?);
            replacement(&mut result, text, &captures, with);
            copied = end;
            changed = true;
            if !all {
                break;
            }
        }
        let step = text.get(end..)?.chars().next().map_or(1, char::len_utf8);
        from = if end > start { end } else { end + step };
    }
    result.push_str(text.get(copied..)?);
    changed.then_some(result)
}

/// Appends the replacement, with `&` and `\\1` filled in.
fn replacement(result: &mut String, text: &str, captures: &[Option<(usize, usize)>], with: &str) {
    let group = |number: usize| {
        let found = captures.get(number).copied().flatten();
        found.and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
    };
    let mut characters = with.chars();
    while let Some(character) = characters.next() {
        match character {
            '&' => result.push_str(group(0)),
            '\\' => match characters.next() {
                Some(digit) if digit.is_ascii_digit() => result.push_str(group(digit as usize - '0' as usize)),
                Some('n') => result.push('\n'),
                Some('t') => result.push('\t'),
                other => result.push(other.unwrap_or('\\')),
            },
            other => result.push(other),
        }
    }
}

/// The commands of a script, or sed's message.
fn parse(script: &str, extended: bool) -> Result<Vec<Command>, String> {
    let mut reader = Reader { rest: script.chars().collect(), at: 0, extended };
    let mut commands = Vec::new();
    loop {
        while matches!(reader.peek(), Some(' ' | '\t' | '\n' | ';')) {
            reader.at += 1;
        }
        if reader.peek().is_none() {
            return Ok(commands);
        }
        commands.push(reader.command()?);
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    extended: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn error(&self, message: &str) -> String {
        format!("sed: -e expression #1, char {}: {message}", self.at)
    }

    fn command(&mut self) -> Result<Command, String> {
        let first = self.address()?;
        let last = if first.is_some() && self.peek() == Some(',') {
            self.at += 1;
            Some(self.address()?.ok_or_else(|| self.error("unexpected `,'"))?)
        } else {
            None
        };
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        let name = self.peek();
        self.at += 1;
        let action = match name {
            Some('s') => self.substitution()?,
            Some('p') => Action::Print,
            Some('d') => Action::Delete,
            Some('q') => Action::Quit,
            None => return Err(self.error("missing command")),
            Some(other) if other.is_ascii_alphabetic() || "{}=:#".contains(other) => {
                return Err(format!("hoplab: sed command {other} is not simulated"));
            }
            Some(other) => return Err(self.error(&format!("unknown command: `{other}'"))),
        };
        Ok(Command { first, last, negated, action, active: false })
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('/') => {
                self.at += 1;
                let pattern = self.until('/')?;
                self.compile(&pattern, false).map(|regex| Some(Address::Match(regex)))
            }
            Some(digit) if digit.is_ascii_digit() => {
                let mut number = 0_usize;
                while let Some(digit) = self.peek().and_then(|next| next.to_digit(10)) {
                    number = number.saturating_mul(10).saturating_add(digit as usize);
                    self.at += 1;
                }
                Ok(Some(Address::Line(number)))
            }
            _ => Ok(None),
        }
    }

    fn substitution(&mut self) -> Result<Action, String> {
        let Some(delimiter) = self.peek() else {
            return Err(self.error("unterminated `s' command"));
        };
        self.at += 1;
        let pattern = self.until(delimiter)?;
        let with = self.until(delimiter)?;
        let (mut all, mut print, mut ignore_case, mut nth) = (false, false, false, 1);
        loop {
            match self.peek() {
                Some('g') => all = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore_case = true,
                Some(digit) if digit.is_ascii_digit() && digit != '0' => nth = digit as usize - '0' as usize,
                None | Some(';' | '\n' | ' ' | '}') => break,
                Some(_) => {
                    self.at += 1;
                    return Err(self.error("unknown option to `s'"));
                }
            }
            self.at += 1;
        }
        Ok(Action::Substitute { regex: self.compile(&pattern, ignore_case)?, with, all, print, nth })
    }

    fn until(&mut self, delimiter: char) -> Result<String, String> {
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += 1;
            match (character, self.peek()) {
                (found, _) if found == delimiter => return Ok(text),
                ('\\', Some(next)) if next == delimiter => {
                    text.push(next);
                    self.at += 1;
                }
                ('\\', Some(next)) => {
                    text.extend(['\\', next]);
                    self.at += 1;
                }
                (other, _) => text.push(other),
            }
        }
        Err(self.error("unterminated `s' command"))
    }

    fn compile(&self, pattern: &str, ignore_case: bool) -> Result<Regex, String> {
        let regex = if self.extended { Regex::extended(pattern, ignore_case) } else { Regex::basic(pattern, ignore_case) };
        regex.map_err(|message| self.error(&message))
    }
}
