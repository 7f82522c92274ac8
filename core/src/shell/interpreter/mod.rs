//! Runs what the grammar read: a shell's state and its commands as one `async` function over a [`Process`]. Every simple command
//! counts as a step, and a shell yields after a few of them, so that no loop holds up the page.

mod arithmetic;
mod builtins;
mod compound;
mod condition;
mod expand;
mod fields;
mod jobs;
mod parameter;
mod read;
mod redirect;
mod run;
mod session;
mod simple;
mod variables;

pub(super) use builtins::is_builtin;
pub(super) use condition::evaluate as evaluate_condition;
pub(super) use session::CommandLine;

use super::grammar::Command;
use super::journal::Journal;
use super::{Input, Output, Process};
use core::pin::Pin;
use jobs::Background;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Steps between two yields: some tens of microseconds each.
const STEPS_PER_YIELD: u32 = 50;
/// Shells, functions, substitutions and compound commands inside each other. Each takes up to 25 KB of stack in a debug build, of
/// which a test's thread has 2 MB.
pub(super) const MAX_LEVEL: usize = 60;
/// Processes side by side in one job, as `ulimit -u` bounds them: a function that pipes into itself would double them for ever.
const MAX_PROCESSES: usize = 4_000;

/// Where commands come from, which decides how messages begin and what an error ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Terminal,
    /// `-c`
    CommandString,
    /// A file or standard input; messages carry line numbers.
    Script,
}

/// Whose messages it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Bash,
    /// BusyBox.
    Ash,
    /// Debian's `/bin/sh`.
    Dash,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Variable {
    pub value: String,
    pub exported: bool,
    pub readonly: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    /// `-e`
    pub errexit: bool,
    /// `-x`
    pub xtrace: bool,
    /// `-u`
    pub nounset: bool,
    /// `-f`
    pub noglob: bool,
    pub pipefail: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub process: Process,
    pub origin: Origin,
    pub dialect: Dialect,
    /// `$0`
    pub name: String,
    pub positional: Vec<String>,
    pub variables: BTreeMap<String, Variable>,
    pub functions: BTreeMap<String, Rc<Command>>,
    pub aliases: BTreeMap<String, String>,
    pub options: Options,
    /// `$?`
    pub status: i32,
    /// Of the last command substitution, which is an assignment's status.
    substitution_status: Option<i32>,
    line: usize,
    /// Inside a condition, `&&`, `||` or `!`, where `-e` looks away.
    tested: usize,
    loops: usize,
    functions_entered: usize,
    /// What the variables were before `local`, for each function entered.
    locals: Vec<Vec<(String, Option<Variable>)>>,
    subshell: bool,
    background: Background,
    pub history: Rc<RefCell<Vec<String>>>,
    /// `$?` after each line, for whoever looks on.
    pub shown_status: Rc<Cell<i32>>,
    /// `trap … EXIT`
    exit_trap: Option<String>,
    /// Where a terminal's own shell notes what it runs.
    pub journal: Option<Journal>,
    steps: u32,
}

/// Why commands are not run one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Break(usize),
    Continue(usize),
    Return,
    Exit,
    /// An expansion failed: a terminal drops the line, a script ends.
    Abort,
}

pub(super) type Done = Result<(), Flow>;

/// Commands hold words and words hold commands, so most of the interpreter recurses; boxed futures keep each turn's stack small.
pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

impl Shell {
    pub(super) fn new(process: Process, origin: Origin, dialect: Dialect) -> Self {
        let name = process.argv.first().cloned().unwrap_or_default();
        let exported = |(name, value): (&String, &String)| {
            (name.clone(), Variable { value: value.clone(), exported: true, readonly: false })
        };
        let variables = process.environment.iter().map(exported).collect();
        Self {
            process,
            origin,
            dialect,
            name,
            positional: Vec::new(),
            variables,
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            options: Options::default(),
            status: 0,
            substitution_status: None,
            line: 1,
            tested: 0,
            loops: 0,
            functions_entered: 0,
            locals: Vec::new(),
            subshell: false,
            background: Background::default(),
            history: Rc::default(),
            shown_status: Rc::default(),
            exit_trap: None,
            journal: None,
            steps: 0,
        }
    }

    /// A copy that shares nothing but the streams: `(…)`, `$(…)`, a pipeline's member.
    fn fork(&self) -> Self {
        let mut child = self.clone();
        child.process.broken_pipe = Rc::default();
        child.background = Background::default();
        child.subshell = true;
        child.journal = None;
        child.exit_trap = None;
        child.shown_status = Rc::default();
        child
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|variable| variable.value.as_str())
    }

    /// Sets a variable; false, with a message, if it is read-only.
    pub(super) async fn set(&mut self, name: &str, value: impl Into<String>) -> bool {
        if self.variables.get(name).is_some_and(|variable| variable.readonly) {
            self.complain(&format!("{name}: readonly variable")).await;
            self.status = 1;
            return false;
        }
        self.variables.entry(name.to_owned()).or_default().value = value.into();
        true
    }

    /// Prints a message as this shell begins its messages.
    pub(super) async fn complain(&self, message: &str) {
        self.process.print_error(format!("{}{message}\n", self.prefix())).await;
    }

    fn prefix(&self) -> String {
        let name = match self.dialect {
            Dialect::Bash => self.name.as_str(),
            Dialect::Ash | Dialect::Dash => self.name.rsplit('/').next().unwrap_or(&self.name),
        };
        match (self.dialect, &self.origin) {
            (Dialect::Bash, Origin::Terminal) => format!("{name}: "),
            (Dialect::Bash, _) => format!("{name}: line {}: ", self.line),
            (Dialect::Ash, Origin::Script) => format!("{name}: line {}: ", self.line),
            (Dialect::Ash, _) => format!("{name}: "),
            (Dialect::Dash, _) => format!("{name}: {}: ", self.line),
        }
    }

    /// What programs inherit.
    fn environment(&self) -> BTreeMap<String, String> {
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        exported.map(|(name, variable)| (name.clone(), variable.value.clone())).collect()
    }

    fn streams(&self) -> (Input, Output, Output) {
        (self.process.stdin.clone(), self.process.stdout.clone(), self.process.stderr.clone())
    }

    fn set_streams(&mut self, (stdin, stdout, stderr): (Input, Output, Output)) {
        self.process.stdin = stdin;
        self.process.stdout = stdout;
        self.process.stderr = stderr;
    }

    /// Refuses to go further in.
    async fn too_deep(&mut self) -> Done {
        self.process.print_error("hoplab: commands are nested too deeply\n").await;
        self.status = 2;
        Err(Flow::Abort)
    }

    async fn step(&mut self) {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_YIELD) {
            self.process.yield_now().await;
        }
    }
}
