//! Lists, and-or lists and pipelines.

use super::{Boxed, Done, Flow, MAX_LEVEL, MAX_PROCESSES, Shell};
use crate::shell::grammar::{AndOr, Command, CommandKind, Connector, List, Pipeline};
use crate::shell::{join, pipe};
use std::rc::Rc;

impl Shell {
    pub(super) async fn run_list(&mut self, list: &List) -> Done {
        for item in &list.items {
            if item.background {
                self.start_background(&item.and_or).await;
            } else {
                self.run_and_or(&item.and_or).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn run_and_or(&mut self, and_or: &AndOr) -> Done {
        let last = and_or.rest.len();
        self.run_part(&and_or.first, last > 0).await?;
        for (at, (connector, pipeline)) in and_or.rest.iter().enumerate() {
            let wanted = match connector {
                Connector::And => self.status == 0,
                Connector::Or => self.status != 0,
            };
            if wanted {
                self.run_part(pipeline, at + 1 < last).await?;
            }
        }
        Ok(())
    }

    /// A pipeline whose failure `-e` does not look at if it is `tested`.
    async fn run_part(&mut self, pipeline: &Pipeline, tested: bool) -> Done {
        let tested = usize::from(tested || pipeline.negated);
        self.tested += tested;
        let done = self.run_pipeline(pipeline).await;
        self.tested -= tested;
        done?;
        if pipeline.negated {
            self.status = i32::from(self.status == 0);
        } else if self.status != 0 && self.options.errexit && self.tested == 0 && tested == 0 {
            return Err(Flow::Exit);
        }
        Ok(())
    }

    async fn run_pipeline(&mut self, pipeline: &Pipeline) -> Done {
        let started = self.process.now();
        let done = match pipeline.commands.as_slice() {
            [command] => self.run_command(command).await,
            commands => self.run_members(commands).await,
        };
        if pipeline.timed {
            let seconds = (self.process.now() - started).as_secs_f64();
            let elapsed = format!("{}m{:.3}s", (seconds / 60.0) as u64, seconds % 60.0);
            self.process.print_error(format!("\nreal\t{elapsed}\nuser\t0m0.000s\nsys\t0m0.000s\n")).await;
        }
        done
    }

    /// Members of a pipeline run side by side, each in a subshell.
    fn run_members<'a>(&'a mut self, commands: &'a [Command]) -> Boxed<'a, Done> {
        Box::pin(async move {
            if self.process.alarm.processes() + commands.len() > MAX_PROCESSES {
                self.complain("fork: Resource temporarily unavailable").await;
                self.status = 254;
                return Err(Flow::Abort);
            }
            let mut tasks: Vec<join::Task<'_>> = Vec::new();
            let mut stdin = self.process.stdin.clone();
            let mut rest = commands.iter().peekable();
            while let Some(command) = rest.next() {
                let mut member = self.fork();
                member.process.stdin = stdin.clone();
                if rest.peek().is_some() {
                    (member.process.stdout, stdin) = pipe();
                }
                tasks.push(Box::pin(member.run_as_process(command)));
            }
            drop(stdin);
            let statuses = join::all(tasks).await;
            let last = statuses.last().copied().unwrap_or(0);
            let failed = statuses.iter().rev().copied().find(|status| *status != 0);
            self.status = if self.options.pipefail { failed.unwrap_or(0) } else { last };
            Ok(())
        })
    }

    /// Runs one command in this (forked) shell to its end, with a process's rules for broken pipes and `exit`.
    async fn run_as_process(mut self, command: &Command) -> i32 {
        let broken_pipe = Rc::clone(&self.process.broken_pipe);
        join::until_broken_pipe(broken_pipe, async move {
            // What ends a list ends this process: break, return and exit alike.
            let _ended = self.run_command(command).await;
            self.status
        })
        .await
    }

    /// Runs a list in this (forked) shell to its end.
    pub(super) async fn run_list_as_process(mut self, list: &List) -> i32 {
        let broken_pipe = Rc::clone(&self.process.broken_pipe);
        join::until_broken_pipe(broken_pipe, async move {
            let _ended = self.run_list(list).await;
            self.status
        })
        .await
    }

    /// Boxed, because a command can hold commands.
    pub(super) fn run_command<'a>(&'a mut self, command: &'a Command) -> Boxed<'a, Done> {
        Box::pin(async move {
            self.line = command.line;
            self.step().await;
            if let CommandKind::Simple { assignments, words } = &command.kind {
                return self.run_simple(assignments, words, &command.redirections).await;
            }
            if self.process.level >= MAX_LEVEL {
                return self.too_deep().await;
            }
            self.process.level += 1;
            let streams = self.streams();
            let done = match self.redirect(&command.redirections).await {
                Ok(true) => self.run_compound(command).await,
                Ok(false) => Ok(()),
                Err(flow) => Err(flow),
            };
            self.set_streams(streams);
            self.process.level -= 1;
            if done.is_ok() && self.status != 0 && self.options.errexit && self.tested == 0 && command.is_atomic() {
                return Err(Flow::Exit);
            }
            done
        })
    }
}

impl Command {
    /// `-e` looks at its status, as opposed to that of the commands in it.
    fn is_atomic(&self) -> bool {
        matches!(self.kind, CommandKind::Subshell(_) | CommandKind::Test(_) | CommandKind::Arithmetic(_))
    }
}
