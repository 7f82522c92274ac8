//! How a shell gets its commands: from a string, a file, a pipe, or someone who types.

use super::{Dialect, Done, Flow, Origin, Shell};
use crate::shell::grammar::{List, Parser, SyntaxError};
use crate::shell::{ChunkKind, Process, join};

/// What `sh` and `bash` were asked to do.
pub(in crate::shell) enum CommandLine {
    /// `-c`
    Text(String),
    File(String),
    /// Commands from standard input.
    Input,
}

/// The input up to the end of one command line.
enum Read {
    Commands(List),
    Nothing,
    Refused(SyntaxError),
    End,
    Interrupted,
}

/// What an interrupted or failed command may have left behind in the shell.
struct Checkpoint {
    streams: (crate::shell::Input, crate::shell::Output, crate::shell::Output),
    level: usize,
    tested: usize,
    positional: Vec<String>,
}

impl Shell {
    /// A shell on a process: `argv` past the options become `$0 $1 …`.
    pub(in crate::shell) async fn run(mut self, command_line: CommandLine) -> i32 {
        match command_line {
            CommandLine::Text(text) => self.run_script(&text).await,
            CommandLine::Input => {
                self.origin = if self.process.stdin.is_terminal() { Origin::Terminal } else { Origin::Script };
                self.read_and_run().await
            }
            CommandLine::File(path) => match self.process.read_file(&path) {
                Ok(bytes) => {
                    self.name = path;
                    self.origin = Origin::Script;
                    self.run_script(&String::from_utf8_lossy(&bytes)).await
                }
                Err(error) => {
                    let name = self.name.clone();
                    self.process.print_error(format!("{name}: {path}: {error}\n")).await;
                    127
                }
            },
        }
    }

    /// Runs a whole text, line by line.
    pub(in crate::shell) async fn run_script(&mut self, text: &str) -> i32 {
        let status = self.run_lines(text).await;
        if let Some(command) = self.exit_trap.take() {
            let _ended = self.eval(&command).await;
        }
        status
    }

    async fn run_lines(&mut self, text: &str) -> i32 {
        let mut text = text.to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut parser = Parser::new(&text);
        loop {
            let line = parser.next_line();
            for (line, delimiter) in core::mem::take(&mut parser.warnings) {
                self.line = text.lines().count();
                self.complain(&format!("warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')"))
                    .await;
            }
            match line {
                Ok(None) => return self.status,
                Ok(Some(list)) => {
                    let background = self.background.clone();
                    if background.alongside(self.run_list(&list)).await.is_err() {
                        return self.status;
                    }
                }
                Err(error) => {
                    self.refuse(&error).await;
                    return self.status;
                }
            }
        }
    }

    async fn refuse(&mut self, error: &SyntaxError) {
        let name = &self.name;
        let text = match (self.dialect, &self.origin) {
            (Dialect::Ash | Dialect::Dash, _) => error.ash_message(name),
            (Dialect::Bash, Origin::Terminal) => error.message(&format!("{name}: "), false),
            (Dialect::Bash, Origin::CommandString) => error.message(&format!("{name}: -c: "), true),
            (Dialect::Bash, Origin::Script) => error.message(&format!("{name}: "), true),
        };
        self.process.print_error(text).await;
        self.status = 2;
    }

    /// Reads and runs commands until the input ends or something exits.
    pub(in crate::shell) async fn read_and_run(&mut self) -> i32 {
        let background = self.background.clone();
        background.alongside(self.read_and_run_alone()).await
    }

    async fn read_and_run_alone(&mut self) -> i32 {
        loop {
            if self.is_at_terminal() {
                let report = self.background.report(true);
                self.process.print_error(report).await;
            }
            match self.read_command().await {
                Read::End => return self.status,
                Read::Nothing => self.process.yield_now().await,
                Read::Interrupted => self.status = join::INTERRUPTED,
                Read::Refused(error) => {
                    self.refuse(&error).await;
                    self.journal_end();
                    if !self.is_at_terminal() {
                        return self.status;
                    }
                }
                Read::Commands(list) => {
                    let done = self.run_interruptibly(&list).await;
                    self.journal_end();
                    match done {
                        Err(Flow::Abort) if self.is_at_terminal() => {}
                        Ok(()) => {}
                        Err(_) => return self.status,
                    }
                }
            }
        }
    }

    async fn run_interruptibly(&mut self, list: &List) -> Done {
        let before = Checkpoint {
            streams: self.streams(),
            level: self.process.level,
            tested: self.tested,
            positional: self.positional.clone(),
        };
        if !self.is_at_terminal() {
            return self.run_list(list).await;
        }
        let process = self.process.clone();
        let done = join::until_interrupted(&process, self.run_list(list)).await;
        if matches!(done, Some(Ok(()))) {
            return Ok(());
        }
        self.set_streams(before.streams);
        self.process.level = before.level;
        self.tested = before.tested;
        self.positional = before.positional;
        self.loops = 0;
        self.functions_entered = 0;
        self.locals.clear();
        done.unwrap_or_else(|| {
            self.status = join::INTERRUPTED;
            Ok(())
        })
    }

    /// Reads lines until they make a command. Lines that wait to be read are taken in growing batches, so that a long paste is
    /// not read again and again; what is not part of the command goes back.
    async fn read_command(&mut self) -> Read {
        let mut text = String::new();
        let (mut shown, mut batch) = (0, 1);
        self.prompt(&self.primary_prompt());
        loop {
            let process = self.process.clone();
            let Some(more) = join::until_interrupted(&process, process.stdin.read_lines(batch)).await else {
                return Read::Interrupted;
            };
            let ended = more.is_none();
            text.push_str(&more.unwrap_or_default());
            let aliases = if self.is_at_terminal() { self.aliases.clone() } else { Default::default() };
            let mut parser = if ended { Parser::new(&text) } else { Parser::interactive(&text, &aliases) };
            let read = parser.next_line();
            let incomplete = matches!(&read, Err(error) if error.is_incomplete());
            if incomplete && !ended {
                if self.process.stdin.has_line() {
                    batch *= 2;
                    continue;
                }
                batch = 1;
                self.show(&text, &mut shown);
                self.prompt("> ");
                continue;
            }
            if read.is_err() {
                parser.skip_line();
            }
            let remaining = parser.remaining();
            let used = text.char_indices().rev().nth(remaining.wrapping_sub(1)).map_or(text.len(), |(at, _)| at);
            let rest = text.split_off(used);
            self.process.stdin.unread(&rest);
            self.show(&text, &mut shown);
            return match read {
                Ok(None) if ended => Read::End,
                Ok(None) => Read::Nothing,
                Ok(Some(list)) => {
                    self.journal_begin(&text);
                    Read::Commands(list)
                }
                Err(error) => {
                    self.journal_begin(&text);
                    Read::Refused(error)
                }
            };
        }
    }

    /// Echoes the lines of a command that have not been shown, behind the prompts they would have been typed at.
    fn show(&self, text: &str, shown: &mut usize) {
        let Some(screen) = self.screen() else { return };
        for (at, line) in text.split_inclusive('\n').enumerate().skip(*shown) {
            if at > *shown {
                self.prompt("> ");
            }
            screen.push(ChunkKind::Echo, line.as_bytes());
        }
        *shown = text.split_inclusive('\n').count();
    }

    fn prompt(&self, text: &str) {
        if let Some(screen) = self.screen() {
            screen.push(ChunkKind::Prompt, text.as_bytes());
        }
    }

    /// Where this shell talks to someone who types.
    fn screen(&self) -> Option<&crate::shell::screen::Screen> {
        if self.is_at_terminal() { self.process.stderr.as_screen() } else { None }
    }

    fn primary_prompt(&self) -> String {
        prompt(&self.process, self.dialect, self.value("HOME"))
    }

    fn journal_begin(&mut self, text: &str) {
        let line = text.trim_end_matches('\n');
        if self.is_at_terminal() {
            self.history.borrow_mut().push(line.to_owned());
        }
        if let Some(journal) = &self.journal {
            journal.begin(line, &self.process);
        }
    }

    fn journal_end(&mut self) {
        self.shown_status.set(self.status);
        if let Some(journal) = &self.journal {
            journal.end(self.status, &self.process);
        }
    }
}

/// As the machine's own `PS1` draws it.
fn prompt(process: &Process, dialect: Dialect, home: Option<&str>) -> String {
    let directory = &process.directory;
    let short = match home.and_then(|home| directory.strip_prefix(home)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => directory.clone(),
    };
    let sign = if process.machine.user() == "root" { '#' } else { '$' };
    match dialect {
        Dialect::Ash => format!("{short} {sign} "),
        Dialect::Dash => format!("{sign} "),
        Dialect::Bash => format!("{}@{}:{short}{sign} ", process.machine.user(), process.machine.host_name()),
    }
}
