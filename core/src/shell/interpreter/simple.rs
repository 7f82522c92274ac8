//! Simple commands: assignments, then a function, a builtin or a program.

use super::{Boxed, Dialect, Done, Flow, MAX_LEVEL, Shell, Variable};
use crate::shell::grammar::{Assignment, Redirection, Word};
use crate::shell::{Process, commands};
use std::rc::Rc;

impl Shell {
    pub(super) fn run_simple<'a>(
        &'a mut self,
        assignments: &'a [Assignment],
        words: &'a [Word],
        redirections: &'a [Redirection],
    ) -> Boxed<'a, Done> {
        Box::pin(async move {
            self.substitution_status = None;
            let arguments = self.expand_words(words).await?;
            if arguments.is_empty() {
                return self.assign_all(assignments, redirections).await;
            }
            let values = self.expand_assignments(assignments).await?;
            if self.options.xtrace {
                self.trace(&values, &arguments).await;
            }
            let streams = self.streams();
            let done = match self.redirect(redirections).await {
                Ok(true) => self.run_words(arguments, values, streams.clone()).await,
                Ok(false) => Ok(false),
                Err(flow) => Err(flow),
            };
            if !matches!(done, Ok(true)) {
                self.set_streams(streams);
            }
            done.map(|_| ())?;
            self.check_errexit()
        })
    }

    fn check_errexit(&self) -> Done {
        if self.status != 0 && self.options.errexit && self.tested == 0 { Err(Flow::Exit) } else { Ok(()) }
    }

    /// No command: the assignments stay, and the status is that of the last `$(…)` in them.
    fn assign_all<'a>(&'a mut self, assignments: &'a [Assignment], redirections: &'a [Redirection]) -> Boxed<'a, Done> {
        Box::pin(async move {
            self.status = 0;
            let values = self.expand_assignments(assignments).await?;
            if self.options.xtrace {
                self.trace(&values, &[]).await;
            }
            for (name, value) in values {
                if !self.set(&name, value).await {
                    return Err(Flow::Abort);
                }
            }
            let streams = self.streams();
            let done = self.redirect(redirections).await;
            self.set_streams(streams);
            if done? {
                self.status = self.substitution_status.unwrap_or(0);
            }
            self.check_errexit()
        })
    }

    async fn expand_assignments(&mut self, assignments: &[Assignment]) -> Result<Vec<(String, String)>, Flow> {
        let mut values: Vec<(String, String)> = Vec::new();
        for assignment in assignments {
            let mut value = self.expand_text(&assignment.value).await?;
            if assignment.append {
                value.insert_str(0, self.value(&assignment.name).unwrap_or_default());
                self.check_size(value.len()).await?;
            }
            values.push((assignment.name.clone(), value));
        }
        Ok(values)
    }

    async fn trace(&self, values: &[(String, String)], arguments: &[String]) {
        let assignments = values.iter().map(|(name, value)| format!("{name}={}", quote_if_needed(value)));
        let words: Vec<String> = assignments.chain(arguments.iter().map(|word| quote_if_needed(word))).collect();
        self.process.print_error(format!("+ {}\n", words.join(" "))).await;
    }

    /// True when the redirections stay: `exec > file`.
    async fn run_words(
        &mut self,
        arguments: Vec<String>,
        values: Vec<(String, String)>,
        streams: (crate::shell::Input, crate::shell::Output, crate::shell::Output),
    ) -> Result<bool, Flow> {
        let name = arguments.first().cloned().unwrap_or_default();
        if let Some(body) = self.functions.get(&name).map(Rc::clone) {
            return self.run_function(&name, &body, &arguments, values).await.map(|()| false);
        }
        if name == "exec" && arguments.len() == 1 {
            self.status = 0;
            return Ok(true);
        }
        if super::is_builtin(&name) {
            let restore = self.set_temporarily(values);
            let done = self.run_builtin(&name, arguments).await;
            self.restore(restore);
            return done.map(|()| false);
        }
        drop(streams);
        self.status = self.run_program(arguments, values).await;
        Ok(false)
    }

    fn run_function<'a>(
        &'a mut self,
        name: &'a str,
        body: &'a crate::shell::grammar::Command,
        arguments: &'a [String],
        values: Vec<(String, String)>,
    ) -> Boxed<'a, Done> {
        Box::pin(async move {
            if self.process.level >= MAX_LEVEL {
                self.complain(&format!("{name}: maximum function nesting level exceeded ({MAX_LEVEL})")).await;
                self.status = 1;
                return Err(Flow::Abort);
            }
            let restore = self.set_temporarily(values);
            let done = self.call(body, arguments.get(1..).unwrap_or_default().to_vec()).await;
            self.restore(restore);
            done
        })
    }

    /// `A=1 command`: the variable is there for the command only.
    fn set_temporarily(&mut self, values: Vec<(String, String)>) -> Vec<(String, Option<Variable>)> {
        let mut before = Vec::new();
        for (name, value) in values {
            let variable = Variable { value, exported: true, readonly: false };
            before.push((name.clone(), self.variables.insert(name, variable)));
        }
        before
    }

    fn restore(&mut self, before: Vec<(String, Option<Variable>)>) {
        for (name, variable) in before.into_iter().rev() {
            match variable {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }

    pub(super) fn run_program<'a>(&'a mut self, arguments: Vec<String>, values: Vec<(String, String)>) -> Boxed<'a, i32> {
        Box::pin(async move {
            let mut environment = self.environment();
            environment.extend(values);
            let process = Process { argv: arguments, environment, ..self.process.clone() };
            let name = process.argv.first().cloned().unwrap_or_default();
            match commands::find(&process, &name) {
                Some(_) => crate::shell::run(process).await,
                None => self.not_found(&name, process).await,
            }
        })
    }

    /// There is no such program: maybe a script, maybe a typing error, maybe something that hoplab does not have.
    fn not_found<'a>(&'a mut self, name: &'a str, process: Process) -> Boxed<'a, i32> {
        Box::pin(async move {
            if name.contains('/') {
                return self.run_path(name, process).await;
            }
            if commands::is_real_tool(&self.process, name) {
                self.process.print_error(format!("hoplab: {name} is not simulated\n")).await;
                return 127;
            }
            let words = match self.dialect {
                Dialect::Bash => "command not found",
                Dialect::Ash | Dialect::Dash => "not found",
            };
            self.complain(&format!("{name}: {words}")).await;
            if let Some(meant) = commands::suggestion(&self.process, name) {
                self.process.print_error(format!("hoplab: did you mean {meant}?\n")).await;
            }
            127
        })
    }

    async fn run_path(&mut self, path: &str, process: Process) -> i32 {
        let (message, status) = match self.process.stat(path) {
            None => ("No such file or directory", 127),
            Some(stat) if stat.directory => ("Is a directory", 126),
            Some(stat) if !stat.executable => ("Permission denied", 126),
            Some(_) if process.level >= MAX_LEVEL => ("too many scripts inside each other", 126),
            Some(_) => {
                let process = Process { level: process.level + 2, ..process };
                let text = String::from_utf8_lossy(&self.process.read_file(path).unwrap_or_default()).into_owned();
                let mut shell = Shell::new(process, super::Origin::Script, self.dialect);
                shell.positional = shell.process.arguments().to_vec();
                return Box::pin(shell.run_script(&text)).await;
            }
        };
        let message = match (self.dialect, status) {
            (Dialect::Bash, _) => message,
            (Dialect::Ash | Dialect::Dash, 127) => "not found",
            (Dialect::Ash | Dialect::Dash, _) => "Permission denied",
        };
        self.complain(&format!("{path}: {message}")).await;
        status
    }
}

/// As `set -x` shows a word.
pub(super) fn quote_if_needed(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
