//! Regular expressions as grep, sed and `[[ =~ ]]` have them: POSIX basic and extended syntax. Matching simulates all
//! alternatives at once, so it is linear in the text whatever the pattern. The leftmost match wins, and of those the one that
//! a greedy reader finds first.

mod reader;

use self::reader::Reader;
use super::files::in_class;

/// Programs longer than this are refused; `{n,m}` multiplies.
const MAX_PROGRAM: usize = 10_000;

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
        let (node, groups) = Reader::new(pattern, extended).read()?;
        let mut program = vec![Instruction::Save(0)];
        emit(&node, &mut program)?;
        program.extend([Instruction::Save(1), Instruction::Match]);
        Ok(Self { program, groups, ignore_case })
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
