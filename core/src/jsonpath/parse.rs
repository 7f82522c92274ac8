//! Template text to nodes. A hand-written scanner, because the dialect is defined by client-go's scanner and not by a grammar.

use super::{Error, Node, Slice, Test};
use serde_json::{Value, json};

pub(super) fn parse(text: &str) -> Result<Vec<Node>, Error> {
    let mut scanner = Scanner { rest: text };
    let mut nodes = Vec::new();
    while !scanner.rest.is_empty() {
        let open = scanner.rest.find('{').unwrap_or(scanner.rest.len());
        if open > 0 {
            nodes.push(Node::Literal(json!(scanner.take(open))));
        }
        if scanner.skip("{") {
            nodes.push(Node::List(scanner.action()?));
        }
    }
    Ok(nodes)
}

/// Parses the inside of an action that stands inside another: a filter's sides, a union's members.
fn parse_action(text: &str) -> Result<Vec<Node>, Error> {
    match parse(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

fn error<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error(message.into()))
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    /// Takes `length` bytes, which must end on a character boundary.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Everything up to the first character that ends a name.
    fn take_name(&mut self) -> &'a str {
        let end = self.rest.find(is_terminator).unwrap_or(self.rest.len());
        self.take(end)
    }

    /// The inside of `{…}`, its closing brace included.
    fn action(&mut self) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::new();
        loop {
            if self.skip("}") {
                return Ok(nodes);
            } else if self.skip("[?(") {
                nodes.push(self.filter()?);
            } else if self.skip("..") {
                self.recursive(&mut nodes)?;
            } else {
                match self.peek() {
                    None | Some('\r' | '\n') => return error("unclosed action"),
                    Some(' ' | '@' | '$') => drop(self.take(1)),
                    Some('[') => nodes.extend(self.array()?),
                    Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                    Some('.') => {
                        self.take(1);
                        nodes.push(self.field());
                    }
                    Some(c) if c == '+' || c == '-' || c.is_numeric() => nodes.push(self.number()?),
                    Some(c) if is_alphanumeric(c) => nodes.push(self.identifier()),
                    Some(c) => return error(format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c))),
                }
            }
        }
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        if nodes.last() == Some(&Node::Recursive) {
            return error("invalid multiple recursive descent");
        }
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            nodes.push(self.field());
        }
        Ok(())
    }

    fn identifier(&mut self) -> Node {
        match self.take_name() {
            "true" => Node::Literal(json!(true)),
            "false" => Node::Literal(json!(false)),
            name => Node::Identifier(name.to_owned()),
        }
    }

    /// A name in which `\.` is a dot that does not end it.
    fn field(&mut self) -> Node {
        let mut escaped = false;
        let end = self.rest.char_indices().find(|&(_, c)| {
            let ends = !escaped && is_terminator(c);
            escaped = !escaped && c == '\\';
            ends
        });
        let name = self.take(end.map_or(self.rest.len(), |(at, _)| at));
        if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) }
    }

    fn number(&mut self) -> Result<Node, Error> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let digits = self.rest.get(sign..).unwrap_or_default();
        let end = digits.find(|c: char| c != '.' && !c.is_numeric()).unwrap_or(digits.len());
        let text = self.take(sign + end);
        if let Ok(integer) = text.parse::<i64>() {
            return Ok(Node::Literal(json!(integer)));
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Node::Literal(json!(float))),
            _ => error(format!("cannot parse number {text}")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, Error> {
        let mut previous = quote;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                c if c == quote && previous != '\\' => {
                    let text = self.take(at + 1);
                    return match super::text::unquote(text) {
                        Some(unquoted) => Ok(Node::Literal(Value::String(unquoted))),
                        None => error(format!("unquote string {text} error invalid syntax")),
                    };
                }
                c => previous = c,
            }
        }
        error("unterminated quoted string")
    }

    fn array(&mut self) -> Result<Vec<Node>, Error> {
        let text = match self.rest.find([']', '\n']) {
            Some(end) if self.rest.get(end..).is_some_and(|rest| rest.starts_with(']')) => self.take(end + 1),
            _ => return error("unterminated array"),
        };
        let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or_default();
        if text.contains(',') {
            let members: Result<_, Error> =
                text.split(',').map(|part| parse_action(&format!("[{}]", part.trim_matches(' ')))).collect();
            return Ok(vec![Node::Union(members?)]);
        }
        match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            Some(key) if !key.contains('\'') => parse_action(&format!(".{key}")),
            _ => Ok(vec![Node::Slice(slice(if text == "*" { ":" } else { text })?)]),
        }
    }

    fn filter(&mut self) -> Result<Node, Error> {
        let Some(end) = end_of_filter(self.rest) else { return error("unterminated filter") };
        let text = self.take(end);
        self.take(1);
        if !self.skip("]") {
            return error("unclosed array expect ]");
        }
        let Some((left, operator, right)) = split_comparison(text) else {
            return Ok(Node::Filter { left: parse_action(text)?, test: Test::Exists });
        };
        let left = parse_action(left)?;
        Ok(Node::Filter { left, test: Test::Compare { operator: operator.to_owned(), right: parse_action(right)? } })
    }
}

/// Where the `)` stands that ends a filter: not between quotes, of which client-go expects one pair at most.
fn end_of_filter(text: &str) -> Option<usize> {
    let (mut pair, mut closed, mut previous) = (None, false, '(');
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return None,
            '"' | '\'' if pair.is_none() => pair = Some(c),
            '"' | '\'' if previous != '\\' && pair == Some(c) => closed = true,
            ')' if pair.is_some() == closed => return Some(at),
            _ => {}
        }
        previous = c;
    }
    None
}

/// `@.a==1` to its sides and its operator; `None` when it is no comparison.
fn split_comparison(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(['!', '<', '>', '=']).filter(|&at| at > 0)?;
    let (left, rest) = text.split_at(at);
    let run = rest.find(|c| !"!<>=~".contains(c)).unwrap_or(rest.len());
    // The right side needs one character at least, so a run of operators up to the end gives its last one back.
    let operator = if run == rest.len() { run.checked_sub(1).filter(|&length| length > 0)? } else { run };
    let (operator, right) = rest.split_at(operator);
    Some((left, operator, right))
}

fn slice(text: &str) -> Result<Slice, Error> {
    let parts: Vec<&str> = text.split(':').collect();
    let well_formed = |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(well_formed) {
        return error(format!("invalid array index {text}"));
    }
    let number = |index: usize| match parts.get(index) {
        None | Some(&"") => Ok(None),
        Some(part) => part.parse().map(Some).map_err(|_| Error(format!("array index {part} is not a number"))),
    };
    Ok(Slice { start: number(0)?, end: number(1)?, step: number(2)?, single: parts.len() == 1 })
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}
