//! A pattern's text to its tree, in POSIX basic or extended syntax. Errors are grep's sentences.

use super::{Instruction, Node, Set};

const MAX_DEPTH: usize = 50;
const MAX_REPEAT: usize = 255;

pub(super) struct Reader {
    rest: Vec<char>,
    at: usize,
    extended: bool,
    groups: usize,
    depth: usize,
}

impl Reader {
    pub(super) fn new(pattern: &str, extended: bool) -> Self {
        Self { rest: pattern.chars().collect(), at: 0, extended, groups: 0, depth: 0 }
    }

    /// The whole pattern, and how many groups it has.
    pub(super) fn read(mut self) -> Result<(Node, usize), String> {
        let node = self.alternatives()?;
        if self.at < self.rest.len() {
            return Err("Unmatched ) or \\)".to_owned());
        }
        Ok((node, self.groups))
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    /// Takes an operator, which the basic syntax writes with a backslash.
    fn take_operator(&mut self, operator: char) -> bool {
        let length = match (self.extended, self.peek(0), self.peek(1)) {
            (true, Some(first), _) if first == operator => 1,
            (false, Some('\\'), Some(second)) if second == operator => 2,
            _ => return false,
        };
        self.at += length;
        true
    }

    fn alternatives(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("Regular expression too big".to_owned());
        }
        let mut nodes = vec![self.sequence()?];
        while self.take_operator('|') {
            nodes.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(Node::Alternatives(nodes))
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while self.at < self.rest.len() {
            let before = self.at;
            let closes = self.take_operator(')');
            if closes || self.take_operator('|') {
                self.at = before;
                // A lone `)` in the extended syntax is an ordinary character outside groups.
                if !(closes && self.extended && self.depth == 1) {
                    break;
                }
            }
            let atom = self.atom(nodes.is_empty())?;
            nodes.push(self.repeats(atom)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self, first: bool) -> Result<Node, String> {
        if self.take_operator('(') {
            self.groups += 1;
            let number = self.groups;
            let inner = self.alternatives()?;
            return if self.take_operator(')') {
                Ok(Node::Group(Box::new(inner), number))
            } else {
                Err("Unmatched ( or \\(".to_owned())
            };
        }
        let Some(character) = self.peek(0) else { return Ok(Node::Empty) };
        self.at += 1;
        Ok(Node::One(match character {
            '.' => Instruction::Any,
            '[' => Instruction::Set(self.set()?),
            '^' if first || self.extended => Instruction::Start,
            '$' if self.extended || self.ends_here() => Instruction::End,
            '\\' => return self.escape(),
            other => Instruction::Character(other),
        }))
    }

    /// In the basic syntax a dollar sign is an anchor only at the end.
    fn ends_here(&self) -> bool {
        self.peek(0).is_none() || (self.peek(0) == Some('\\') && matches!(self.peek(1), Some(')' | '|')))
    }

    fn escape(&mut self) -> Result<Node, String> {
        let Some(character) = self.peek(0) else { return Err("Trailing backslash".to_owned()) };
        self.at += 1;
        let class = |name: &str, negated| {
            let ranges = if name == "alnum" { vec![('_', '_')] } else { Vec::new() };
            Instruction::Set(Set { negated, ranges, classes: vec![name.to_owned()] })
        };
        Ok(Node::One(match character {
            'w' => class("alnum", false),
            'W' => class("alnum", true),
            's' => class("space", false),
            'S' => class("space", true),
            'b' => Instruction::WordBoundary(true),
            'B' => Instruction::WordBoundary(false),
            '<' => Instruction::WordStart,
            '>' => Instruction::WordEnd,
            'n' => Instruction::Character('\n'),
            't' => Instruction::Character('\t'),
            '1'..='9' => return Err("back-references are not simulated by hoplab".to_owned()),
            other => Instruction::Character(other),
        }))
    }

    fn repeats(&mut self, mut node: Node) -> Result<Node, String> {
        loop {
            let (least, most) = if self.peek(0) == Some('*') && !matches!(node, Node::One(Instruction::Start) if !self.extended) {
                self.at += 1;
                (0, None)
            } else if self.take_operator('+') {
                (1, None)
            } else if self.take_operator('?') {
                (0, Some(1))
            } else if self.is_interval() && self.take_operator('{') {
                self.interval()?
            } else {
                return Ok(node);
            };
            node = Node::Repeat { node: Box::new(node), least, most };
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err("Regular expression too big".to_owned());
            }
        }
    }

    /// In the extended syntax a brace that does not begin an interval is an ordinary character.
    fn is_interval(&self) -> bool {
        !self.extended || self.peek(1).is_some_and(|next| next.is_ascii_digit() || next == ',')
    }

    fn interval(&mut self) -> Result<(usize, Option<usize>), String> {
        let least = self.number();
        let most = if self.peek(0) == Some(',') {
            self.at += 1;
            self.number()
        } else {
            least
        };
        let open_end = most.is_none();
        if !self.take_operator('}') {
            return Err("Unmatched { or \\{".to_owned());
        }
        let (least, most) = (least.unwrap_or(0), most.unwrap_or(0));
        if least > MAX_REPEAT || most > MAX_REPEAT {
            return Err("Regular expression too big".to_owned());
        }
        if !open_end && least > most {
            return Err("Invalid content of \\{\\}".to_owned());
        }
        Ok((least, (!open_end).then_some(most)))
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek(0).and_then(|next| next.to_digit(10)) {
            number = Some(number.unwrap_or(0_usize).saturating_mul(10).saturating_add(digit as usize));
            self.at += 1;
        }
        number
    }

    fn set(&mut self) -> Result<Set, String> {
        let unmatched = || "Unmatched [, [^, [:, [., or [=".to_owned();
        let mut set = Set { negated: self.peek(0) == Some('^'), ..Set::default() };
        self.at += usize::from(set.negated);
        let first = self.at;
        loop {
            let low = self.peek(0).ok_or_else(unmatched)?;
            if low == ']' && self.at > first {
                self.at += 1;
                return Ok(set);
            }
            if low == '[' && self.peek(1) == Some(':') {
                self.at += 2;
                let start = self.at;
                while self.peek(0).ok_or_else(unmatched)? != ':' {
                    self.at += 1;
                }
                set.classes.push(self.rest.get(start..self.at).unwrap_or_default().iter().collect());
                self.at += 2;
                continue;
            }
            self.at += 1;
            match (self.peek(0), self.peek(1)) {
                (Some('-'), Some(high)) if high != ']' => {
                    if high < low {
                        return Err("Invalid range end".to_owned());
                    }
                    set.ranges.push((low, high));
                    self.at += 2;
                }
                _ => set.ranges.push((low, low)),
            }
        }
    }
}
