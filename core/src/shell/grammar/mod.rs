//! The shell's grammar: POSIX sh and what people use of bash, as a tree. Text goes in, one complete command line at a time comes
//! out, because a shell runs what it has read before it reads on. A tree is never deeper than [`MAX_DEPTH`]. Nothing here runs
//! anything or knows a machine.

mod braces;
mod compound;
mod error;
mod heredoc;
mod parameter;
mod parser;
mod test_expression;
mod token;
mod word;

pub use braces::expand_braces;
pub use error::SyntaxError;
pub use parser::Parser;

use std::cell::OnceCell;
use std::rc::Rc;

/// Nested commands, substitutions and parentheses beyond this are refused: a tree is walked by recursion.
pub const MAX_DEPTH: usize = 60;

/// Commands joined by `;`, `&` or newlines.
#[derive(Debug, Default)]
pub struct List {
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub struct Item {
    pub and_or: Rc<AndOr>,
    /// Ended by `&`.
    pub background: bool,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub struct AndOr {
    pub first: Pipeline,
    pub rest: Vec<(Connector, Pipeline)>,
    /// As typed, for `jobs`.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    And,
    Or,
}

#[derive(Debug)]
pub struct Pipeline {
    /// `!`
    pub negated: bool,
    /// `time`
    pub timed: bool,
    pub commands: Vec<Command>,
}

#[derive(Debug)]
pub struct Command {
    pub kind: CommandKind,
    pub redirections: Vec<Redirection>,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Debug)]
pub enum CommandKind {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    Subshell(List),
    Group(List),
    If {
        branches: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    For {
        variable: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    /// `while`, or `until` when `negated`.
    While {
        negated: bool,
        condition: List,
        body: List,
    },
    Case {
        subject: Word,
        arms: Vec<CaseArm>,
    },
    Function {
        name: String,
        body: Rc<Command>,
    },
    /// `[[ … ]]`
    Test(TestExpression),
    /// `(( … ))`
    Arithmetic(Word),
}

#[derive(Debug)]
pub struct CaseArm {
    pub patterns: Vec<Word>,
    pub body: List,
    /// Ended by `;&`.
    pub falls_through: bool,
}

#[derive(Debug)]
pub struct Assignment {
    pub name: String,
    pub value: Word,
    /// `+=`
    pub append: bool,
}

#[derive(Debug)]
pub struct Redirection {
    pub descriptor: u32,
    pub kind: RedirectionKind,
}

#[derive(Debug)]
pub enum RedirectionKind {
    Read(Word),
    Write(Word),
    Append(Word),
    /// `&>`, `&>>`
    WriteBoth {
        target: Word,
        append: bool,
    },
    /// `>&` and `<&`: a descriptor's number, or `-` to close.
    Duplicate(Word),
    /// Filled when the lines below the command have been read.
    HereDocument(Rc<OnceCell<Word>>),
    HereString(Word),
}

/// What is between two blanks: pieces of text and expansions.
#[derive(Clone, Debug, Default)]
pub struct Word {
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub enum Part {
    /// Unquoted text: tildes, braces and pattern characters in it are live.
    Literal(String),
    /// Text from quotes or after a backslash. Empty quotes leave an empty one, which keeps the word.
    Quoted(String),
    Parameter {
        parameter: Rc<Parameter>,
        quoted: bool,
    },
    /// `$(…)`
    Command {
        body: Rc<List>,
        quoted: bool,
    },
    /// `` `…` ``: read when it is run, as bash does.
    Backquoted {
        text: String,
        quoted: bool,
    },
    /// `$((…))`
    Arithmetic {
        expression: Word,
        quoted: bool,
    },
}

#[derive(Debug)]
pub struct Parameter {
    /// A variable, a digit, or one of `? # @ * $ ! - 0`.
    pub name: String,
    pub operation: Operation,
    /// As typed, for "bad substitution".
    pub text: String,
}

#[derive(Debug)]
pub enum Operation {
    Value,
    /// `${#A}`
    Length,
    /// `${A:-x}`; without the colon only an unset variable counts.
    Default {
        colon: bool,
        word: Word,
    },
    /// `${A:=x}`
    Assign {
        colon: bool,
        word: Word,
    },
    /// `${A:+x}`
    Alternative {
        colon: bool,
        word: Word,
    },
    /// `${A:?x}`
    Error {
        colon: bool,
        word: Word,
    },
    /// `#` and `##`
    RemovePrefix {
        longest: bool,
        pattern: Word,
    },
    /// `%` and `%%`
    RemoveSuffix {
        longest: bool,
        pattern: Word,
    },
    /// `${A/x/y}`, `//` all, `/#` at the start, `/%` at the end
    Replace {
        place: ReplacePlace,
        pattern: Word,
        with: Word,
    },
    /// `${A:1:2}`
    Substring {
        offset: Word,
        length: Option<Word>,
    },
    /// `^ ^^ , ,,`
    Case {
        upper: bool,
        all: bool,
    },
    /// bash accepts it while reading and refuses it when it is run.
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplacePlace {
    First,
    All,
    Start,
    End,
}

/// Inside `[[ … ]]`.
#[derive(Debug)]
pub enum TestExpression {
    Word(Word),
    Unary { operator: String, operand: Word },
    Binary { left: Word, operator: String, right: Word },
    Not(Box<TestExpression>),
    And(Box<TestExpression>, Box<TestExpression>),
    Or(Box<TestExpression>, Box<TestExpression>),
}

impl Word {
    /// The text of a word that is a single unquoted piece: keywords, function names, operators of `[[`.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    pub fn quoted(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Quoted(text.into())] }
    }
}

/// Whether a text can name a variable.
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}
