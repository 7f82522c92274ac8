//! Commands that change the shell itself, and those that every shell brings along.

use super::{Boxed, Done, Flow, Shell};
use crate::shell::commands::{echo, printf};
use crate::shell::grammar::Parser;

const BUILTINS: [&str; 40] = [
    ":", ".", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "echo", "eval", "exec", "exit",
    "export", "false", "fg", "hash", "history", "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return",
    "set", "shift", "source", "test", "trap", "true", "type", "typeset", "unalias", "unset", "wait",
];

pub fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

impl Shell {
    pub(super) fn run_builtin<'a>(&'a mut self, name: &'a str, argv: Vec<String>) -> Boxed<'a, Done> {
        Box::pin(async move {
            let arguments = argv.get(1..).unwrap_or_default();
            self.status = match name {
                ":" | "true" | "hash" | "bg" | "fg" => 0,
                "false" => 1,
                "." | "source" => return self.source(name, arguments).await,
                "[" | "test" => self.test_builtin(name, arguments).await,
                "alias" => self.alias(arguments).await,
                "unalias" => {
                    arguments.iter().for_each(|name| _ = self.aliases.remove(name));
                    0
                }
                "break" | "continue" => return self.leave_loops(name, arguments).await,
                "builtin" => return Box::pin(self.run_named(arguments.to_vec())).await,
                "cd" => self.change_directory(arguments).await,
                "command" => return self.command(arguments).await,
                "declare" | "typeset" | "local" | "export" | "readonly" => self.declare(name, arguments).await,
                "echo" => {
                    self.process.print(echo::text(arguments)).await;
                    0
                }
                "eval" => return self.eval(&arguments.join(" ")).await,
                "exec" => {
                    self.status = Box::pin(self.run_program(arguments.to_vec(), Vec::new())).await;
                    return Err(Flow::Exit);
                }
                "exit" => return self.exit(arguments).await,
                "return" => return self.return_builtin(arguments).await,
                "history" => {
                    let lines = self.history.borrow().clone();
                    let lines = lines.iter().enumerate().map(|(at, line)| format!("{:5}  {line}\n", at + 1));
                    let text: String = lines.collect();
                    self.process.print(text).await;
                    0
                }
                "jobs" => {
                    let text = self.background.report(false);
                    self.process.print(text).await;
                    0
                }
                "kill" => self.kill(arguments).await,
                "let" => self.let_builtin(arguments).await,
                "printf" => self.printf(arguments).await,
                "pwd" => {
                    self.process.print(format!("{}\n", self.process.directory)).await;
                    0
                }
                "read" => self.read(arguments).await,
                "set" => self.set_builtin(arguments).await,
                "shift" => self.shift(arguments).await,
                "trap" => self.trap(arguments).await,
                "type" => self.type_builtin(arguments).await,
                "unset" => self.unset(arguments).await,
                "wait" => self.wait_for(arguments.first().and_then(|pid| pid.parse().ok())).await,
                _ => unreachable!("every name of BUILTINS is run"),
            };
            Ok(())
        })
    }

    /// A builtin or program, functions and aliases aside.
    async fn run_named(&mut self, argv: Vec<String>) -> Done {
        let Some(name) = argv.first().cloned() else {
            self.status = 0;
            return Ok(());
        };
        if is_builtin(&name) {
            return Box::pin(self.run_builtin(&name, argv)).await;
        }
        self.status = self.run_program(argv, Vec::new()).await;
        Ok(())
    }

    async fn command(&mut self, arguments: &[String]) -> Done {
        match arguments.first().map(String::as_str) {
            Some("-v" | "-V") => {
                let mut status = 1;
                for name in arguments.iter().skip(1) {
                    if let Some(path) = self.locate(name) {
                        self.process.print(format!("{path}\n")).await;
                        status = 0;
                    }
                }
                self.status = status;
                Ok(())
            }
            Some("-p") => Box::pin(self.run_named(arguments.get(1..).unwrap_or_default().to_vec())).await,
            _ => Box::pin(self.run_named(arguments.to_vec())).await,
        }
    }

    async fn test_builtin(&mut self, name: &str, arguments: &[String]) -> i32 {
        let inside = match (name, arguments) {
            ("[", [inside @ .., last]) if last == "]" => inside,
            ("[", _) => {
                self.complain("[: missing `]'").await;
                return 2;
            }
            (_, all) => all,
        };
        match super::evaluate_condition(&self.process, inside) {
            Ok(holds) => i32::from(!holds),
            Err(message) => {
                self.complain(&format!("{name}: {message}")).await;
                2
            }
        }
    }

    async fn printf(&mut self, arguments: &[String]) -> i32 {
        let (arguments, variable) = match arguments {
            [flag, variable, rest @ ..] if flag == "-v" => (rest, Some(variable.clone())),
            all => (all, None),
        };
        if arguments.is_empty() {
            self.complain("printf: usage: printf [-v var] format [arguments]").await;
            return 2;
        }
        let printed = printf::format(arguments);
        for message in &printed.errors {
            self.complain(&format!("printf: {message}")).await;
        }
        match variable {
            Some(name) => _ = self.set(&name, printed.text).await,
            None => self.process.print(printed.text).await,
        }
        i32::from(!printed.errors.is_empty())
    }

    async fn leave_loops(&mut self, name: &str, arguments: &[String]) -> Done {
        if self.loops == 0 {
            self.complain(&format!("{name}: only meaningful in a `for', `while', or `until' loop")).await;
            self.status = 0;
            return Ok(());
        }
        let levels = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(1_usize).clamp(1, self.loops);
        self.status = 0;
        Err(if name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) })
    }

    async fn exit(&mut self, arguments: &[String]) -> Done {
        self.status = match arguments.first() {
            None => self.status,
            Some(text) => match text.parse::<i64>() {
                Ok(status) => i32::try_from(status.rem_euclid(256)).unwrap_or(0),
                Err(_) => {
                    self.complain(&format!("exit: {text}: numeric argument required")).await;
                    2
                }
            },
        };
        Err(Flow::Exit)
    }

    async fn return_builtin(&mut self, arguments: &[String]) -> Done {
        if self.functions_entered == 0 {
            self.complain("return: can only `return' from a function or sourced script").await;
            self.status = 2;
            return Ok(());
        }
        if let Some(text) = arguments.first() {
            self.status = text.parse::<i64>().map_or(2, |status| i32::try_from(status.rem_euclid(256)).unwrap_or(0));
        }
        Err(Flow::Return)
    }

    pub(super) async fn eval(&mut self, text: &str) -> Done {
        self.status = 0;
        let mut parser = Parser::new(text);
        loop {
            match parser.next_line() {
                Ok(None) => return Ok(()),
                Ok(Some(list)) => Box::pin(self.run_nested(&list)).await?,
                Err(error) => {
                    let prefix =
                        if self.is_at_terminal() { format!("{}: ", self.name) } else { format!("{}: eval: ", self.name) };
                    self.process.print_error(error.message(&prefix, !self.is_at_terminal())).await;
                    self.status = 2;
                    return Ok(());
                }
            }
        }
    }

    /// Runs a list one level further in, so that an `eval` of itself ends.
    async fn run_nested(&mut self, list: &crate::shell::grammar::List) -> Done {
        if self.process.level >= super::MAX_LEVEL {
            return self.too_deep().await;
        }
        self.process.level += 2;
        let done = self.run_list(list).await;
        self.process.level -= 2;
        done
    }

    async fn source(&mut self, name: &str, arguments: &[String]) -> Done {
        let Some(path) = arguments.first() else {
            self.complain(&format!("{name}: filename argument required")).await;
            self.status = 2;
            return Ok(());
        };
        match self.process.read_file(path) {
            Ok(bytes) => Box::pin(self.eval(&String::from_utf8_lossy(&bytes))).await,
            Err(error) => {
                self.complain(&format!("{path}: {error}")).await;
                self.status = 1;
                Ok(())
            }
        }
    }

    async fn change_directory(&mut self, arguments: &[String]) -> i32 {
        let home = self.value("HOME").map_or_else(|| self.process.machine.home(), str::to_owned);
        let target = match arguments.first().map(String::as_str) {
            None | Some("--" | "~") => home,
            Some("-") => match self.value("OLDPWD") {
                Some(old) => old.to_owned(),
                None => {
                    self.complain("cd: OLDPWD not set").await;
                    return 1;
                }
            },
            Some(path) => path.to_owned(),
        };
        let path = self.process.absolute(&target);
        match self.process.stat(&path) {
            Some(stat) if stat.directory => {
                let old = core::mem::replace(&mut self.process.directory, path.clone());
                let _set = self.set("OLDPWD", old).await;
                let _set = self.set("PWD", path.clone()).await;
                if arguments.first().is_some_and(|argument| argument == "-") {
                    self.process.print(format!("{path}\n")).await;
                }
                0
            }
            found => {
                let reason = if found.is_some() { "Not a directory" } else { "No such file or directory" };
                let message = match self.dialect {
                    super::Dialect::Bash => format!("cd: {target}: {reason}"),
                    super::Dialect::Ash => format!("cd: can't cd to {target}: {reason}"),
                    super::Dialect::Dash => format!("cd: can't cd to {target}"),
                };
                self.complain(&message).await;
                if self.dialect == super::Dialect::Bash { 1 } else { 2 }
            }
        }
    }

    /// Only the trap for `EXIT` is simulated: signals do not reach a simulated shell.
    async fn trap(&mut self, arguments: &[String]) -> i32 {
        match arguments {
            [command, signal] if signal == "EXIT" || signal == "0" => self.exit_trap = (command != "-").then(|| command.clone()),
            [] => {}
            _ => {
                self.process.print_error("hoplab: only trap … EXIT is simulated\n").await;
                return 1;
            }
        }
        0
    }

    async fn kill(&mut self, arguments: &[String]) -> i32 {
        let targets: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
        if targets.is_empty() {
            self.complain("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]").await;
            return 2;
        }
        let mut status = 0;
        for target in targets {
            if !self.background.kill(target) {
                let reason = if target.starts_with('%') { "no such job" } else { "No such process" };
                let shown = if target.starts_with('%') { target.clone() } else { format!("({target})") };
                self.complain(&format!("kill: {shown}{}{reason}", if target.starts_with('%') { ": " } else { " - " })).await;
                status = 1;
            }
        }
        status
    }
}
