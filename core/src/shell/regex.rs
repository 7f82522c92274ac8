//! Regular expressions as grep, sed and `[[ =~ ]]` have them: POSIX basic and extended syntax. Matching simulates all
//! alternatives at once, so it is linear in the text whatever the pattern. The leftmost match wins, and of those the one that
//! a greedy reader finds first.

use super::files::in_class;

/// Programs longer than this are refused; `{n,m}` multiplies.
const MAX_PROGRAM: usize = 10_000;
const MAX_DEPTH: usize = 50;
const MAX_REPEAT: usize = 255;

#[derive(Clone, Debug)]
pub struct Regex {
    program: Vec<Instruction>,
    groups: usize,
    ignore_case: bool,
}

/// Where the whole match and each group lie in the text, as byte offsets.
pub type Captures = Vec<Option<(usize, usize)>>;

#[derive(Clone, Debug)]
enum Instruction {
    Character(char),
    Any,
    Set(Set),
    Start,
    End,
    WordBoundary(bool),
    WordStart,
    WordEnd,
    Save(usize),
    Jump(usize),
    /// Tries the first, then the second.
    Split(usize, usize),
    Match,
}

#[derive(Clone, Debug, Default)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
    classes: Vec<String>,
}

#[derive(Clone, Debug)]
enum Node {
    Empty,
    One(Instruction),
    Group(Box<Node>, usize),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat { node: Box<Node>, least: usize, most: Option<usize> },
}

impl Regex {
    /// `grep`, `sed`: `\( \) \{ \} \| \+ \?` are the special ones.
    pub fn basic(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(pattern, false, ignore_case)
    }

    /// `grep -E`, `[[ =~ ]]`
    pub fn extended(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(pattern, true, ignore_case)
    }

    /// Matches just this text.
    pub fn fixed(text: &str, ignore_case: bool) -> Self {
        let mut program: Vec<Instruction> = vec![Instruction::Save(0)];
        program.extend(text.chars().map(Instruction::Character));
        program.extend([Instruction::Save(1), Instruction::Match]);
        Self { program, groups: 0, ignore_case }
    }

    fn compile(pattern: &str, extended: bool, ignore_case: bool) -> Result<Self, String> {
        let mut reader = Reader { rest: pattern.chars().collect(), at: 0, extended, groups: 0, depth: 0 };
        let node = reader.alternatives()?;
        if reader.at < reader.rest.len() {
            return Err("Unmatched ) or \\)".to_owned());
        }
        let mut program = vec![Instruction::Save(0)];
        emit(&node, &mut program)?;
        program.extend([Instruction::Save(1), Instruction::Match]);
        Ok(Self { program, groups: reader.groups, ignore_case })
    }

    pub fn find(&self, text: &str) -> Option<Captures> {
        self.find_at(text, 0)
    }

    /// The first match that begins at or after a byte offset.
    pub fn find_at(&self, text: &str, from: usize) -> Option<Captures> {
        let slots = 2 * (self.groups + 1);
        let mut threads: Vec<(usize, Vec<Option<usize>>)> = Vec::new();
        let mut found: Option<Vec<Option<usize>>> = None;
        let mut before = text.get(..from)?.chars().next_back();
        let ends = text.get(from..)?.char_indices().map(|(at, character)| (from + at, Some(character)));
        for (at, character) in ends.chain([(text.len(), None)]) {
            let around = Around { at, before, after: character };
            let mut seen = vec![false; self.program.len()];
            let mut next = Vec::new();
            if found.is_none() {
                threads.push((0, vec![None; slots]));
            }
            for (start, captures) in core::mem::take(&mut threads) {
                if self.advance(start, captures, &around, &mut seen, &mut next, &mut found) {
                    break;
                }
            }
            threads = next;
            if threads.is_empty() && found.is_some() {
                break;
            }
            before = character;
        }
        let found = found?;
        Some(found.chunks(2).map(|pair| Some((*pair.first()?.as_ref()?, *pair.last()?.as_ref()?))).collect())
    }

    /// Follows a thread up to the instructions that consume `around.after`, and steps over it; true when it matched, which cuts
    /// off the threads behind it.
    fn advance(
        &self,
        start: usize,
        captures: Vec<Option<usize>>,
        around: &Around,
        seen: &mut [bool],
        next: &mut Vec<(usize, Vec<Option<usize>>)>,
        found: &mut Option<Vec<Option<usize>>>,
    ) -> bool {
        let mut open = vec![(start, captures)];
        while let Some((at, mut captures)) = open.pop() {
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let Some(instruction) = self.program.get(at) else { continue };
            match instruction {
                Instruction::Match => {
                    *found = Some(captures);
                    return true;
                }
                Instruction::Jump(to) => open.push((*to, captures)),
                Instruction::Split(first, second) => {
                    open.push((*second, captures.clone()));
                    open.push((*first, captures));
                }
                Instruction::Save(slot) => {
                    if let Some(place) = captures.get_mut(*slot) {
                        *place = Some(around.at);
                    }
                    open.push((at + 1, captures));
                }
                Instruction::Start
                | Instruction::End
                | Instruction::WordBoundary(_)
                | Instruction::WordStart
                | Instruction::WordEnd => {
                    if around.holds(instruction) {
                        open.push((at + 1, captures));
                    }
                }
                Instruction::Character(_) | Instruction::Any | Instruction::Set(_) => {
                    if around.after.is_some_and(|character| self.consumes(instruction, character)) {
                        next.push((at + 1, captures));
                    }
                }
            }
        }
        false
    }

    fn consumes(&self, instruction: &Instruction, character: char) -> bool {
        let matches = |character: char| match instruction {
            Instruction::Character(wanted) => *wanted == character,
            Instruction::Set(set) => set.contains(character),
            Instruction::Any => true,
            _ => false,
        };
        matches(character)
            || (self.ignore_case && (character.to_lowercase().any(matches) || character.to_uppercase().any(matches)))
    }
}

struct Around {
    at: usize,
    before: Option<char>,
    after: Option<char>,
}

impl Around {
    fn holds(&self, assertion: &Instruction) -> bool {
        let word = |side: Option<char>| side.is_some_and(|character| character.is_alphanumeric() || character == '_');
        let (before, after) = (word(self.before), word(self.after));
        match assertion {
            Instruction::Start => self.before.is_none(),
            Instruction::End => self.after.is_none(),
            Instruction::WordBoundary(wanted) => (before != after) == *wanted,
            Instruction::WordStart => !before && after,
            Instruction::WordEnd => before && !after,
            _ => false,
        }
    }
}

impl Set {
    fn contains(&self, character: char) -> bool {
        let inside = self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&character))
            || self.classes.iter().any(|class| in_class(class, character));
        inside != self.negated
    }
}

fn emit(node: &Node, program: &mut Vec<Instruction>) -> Result<(), String> {
    if program.len() > MAX_PROGRAM {
        return Err("Regular expression too big".to_owned());
    }
    match node {
        Node::Empty => {}
        Node::One(instruction) => program.push(instruction.clone()),
        Node::Group(inner, number) => {
            program.push(Instruction::Save(2 * number));
            emit(inner, program)?;
            program.push(Instruction::Save(2 * number + 1));
        }
        Node::Sequence(nodes) => {
            for node in nodes {
                emit(node, program)?;
            }
        }
        Node::Alternatives(nodes) => emit_alternatives(nodes, program)?,
        Node::Repeat { node, least, most } => emit_repeat(node, *least, *most, program)?,
    }
    Ok(())
}

fn emit_alternatives(nodes: &[Node], program: &mut Vec<Instruction>) -> Result<(), String> {
    let mut exits = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let last = at + 1 == nodes.len();
        let split = program.len();
        if !last {
            program.push(Instruction::Split(split + 1, 0));
        }
        emit(node, program)?;
        if !last {
            exits.push(program.len());
            program.push(Instruction::Jump(0));
            let after = program.len();
            program[split] = Instruction::Split(split + 1, after);
        }
    }
    let end = program.len();
    exits.into_iter().for_each(|exit| program[exit] = Instruction::Jump(end));
    Ok(())
}

fn emit_repeat(node: &Node, least: usize, most: Option<usize>, program: &mut Vec<Instruction>) -> Result<(), String> {
    for _ in 0..least {
        emit(node, program)?;
    }
    match most {
        None => {
            let split = program.len();
            program.push(Instruction::Split(split + 1, 0));
            emit(node, program)?;
            program.push(Instruction::Jump(split));
            let after = program.len();
            program[split] = Instruction::Split(split + 1, after);
        }
        Some(most) => {
            let mut splits = Vec::new();
            for _ in least..most {
                splits.push(program.len());
                program.push(Instruction::Jump(0));
                emit(node, program)?;
            }
            let after = program.len();
            splits.into_iter().for_each(|split| program[split] = Instruction::Split(split + 1, after));
        }
    }
    Ok(())
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    extended: bool,
    groups: usize,
    depth: usize,
}

impl Reader {
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
