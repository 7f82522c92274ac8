//! Compound commands: conditions, loops, groups, functions.

use super::expand::MAX_EXPANSION;
use super::{Boxed, Done, Flow, Shell, condition};
use crate::shell::files::matches;
use crate::shell::grammar::{CaseArm, Command, CommandKind, List, TestExpression, Word};
use crate::shell::join;
use std::rc::Rc;

impl Shell {
    pub(super) fn run_compound<'a>(&'a mut self, command: &'a Command) -> Boxed<'a, Done> {
        Box::pin(async move {
            match &command.kind {
                CommandKind::Simple { .. } => unreachable!("run_command runs simple commands itself"),
                CommandKind::Subshell(list) => {
                    let child = self.fork();
                    self.status = child.run_list_as_process(list).await;
                    Ok(())
                }
                CommandKind::Group(list) => self.run_list(list).await,
                CommandKind::If { branches, otherwise } => self.run_if(branches, otherwise.as_ref()).await,
                CommandKind::For { variable, words, body } => self.run_for(variable, words.as_deref(), body).await,
                CommandKind::While { negated, condition, body } => self.run_while(*negated, condition, body).await,
                CommandKind::Case { subject, arms } => self.run_case(subject, arms).await,
                CommandKind::Function { name, body } => {
                    self.functions.insert(name.clone(), Rc::clone(body));
                    self.status = 0;
                    Ok(())
                }
                CommandKind::Test(expression) => {
                    self.status = match self.test(expression).await? {
                        Some(true) => 0,
                        Some(false) => 1,
                        None => 2,
                    };
                    Ok(())
                }
                CommandKind::Arithmetic(expression) => {
                    let text = self.expand_text(expression).await?;
                    match self.calculate(&text) {
                        Ok(value) => self.status = i32::from(value == 0),
                        Err(error) => {
                            self.complain(&format!("((: {error}")).await;
                            self.status = 1;
                        }
                    }
                    Ok(())
                }
            }
        })
    }

    async fn run_if(&mut self, branches: &[(List, List)], otherwise: Option<&List>) -> Done {
        for (condition, body) in branches {
            if self.run_condition(condition).await? {
                return self.run_list(body).await;
            }
        }
        self.status = 0;
        match otherwise {
            Some(body) => self.run_list(body).await,
            None => Ok(()),
        }
    }

    async fn run_condition(&mut self, condition: &List) -> Result<bool, Flow> {
        self.tested += 1;
        let done = self.run_list(condition).await;
        self.tested -= 1;
        done?;
        Ok(self.status == 0)
    }

    async fn run_for(&mut self, variable: &str, words: Option<&[Word]>, body: &List) -> Done {
        let values = match words {
            Some(words) => self.expand_words(words).await?,
            None => self.positional.clone(),
        };
        self.status = 0;
        for value in values {
            if !self.set(variable, value).await {
                return Err(Flow::Abort);
            }
            if self.run_body(body).await? {
                break;
            }
        }
        Ok(())
    }

    async fn run_while(&mut self, negated: bool, condition: &List, body: &List) -> Done {
        let mut status = 0;
        loop {
            self.loops += 1;
            let condition = self.run_condition(condition).await;
            self.loops -= 1;
            match condition {
                Ok(holds) if holds == negated => break,
                Ok(_) => {}
                Err(flow) => match self.leave_loop(flow)? {
                    true => break,
                    false => continue,
                },
            }
            let stop = self.run_body(body).await?;
            status = self.status;
            if stop {
                break;
            }
        }
        self.status = status;
        Ok(())
    }

    /// One round of a loop; true when `break` ended it.
    async fn run_body(&mut self, body: &List) -> Result<bool, Flow> {
        self.step().await;
        self.loops += 1;
        let done = self.run_list(body).await;
        self.loops -= 1;
        match done {
            Ok(()) => Ok(false),
            Err(flow) => self.leave_loop(flow),
        }
    }

    fn leave_loop(&mut self, flow: Flow) -> Result<bool, Flow> {
        match flow {
            Flow::Break(1) => Ok(true),
            Flow::Continue(1) => Ok(false),
            Flow::Break(levels) => Err(Flow::Break(levels - 1)),
            Flow::Continue(levels) => Err(Flow::Continue(levels - 1)),
            Flow::Return | Flow::Exit | Flow::Abort => Err(flow),
        }
    }

    async fn run_case(&mut self, subject: &Word, arms: &[CaseArm]) -> Done {
        let subject = self.expand_text(subject).await?;
        self.status = 0;
        let mut falling = false;
        for arm in arms {
            if falling || self.matches_any(&subject, &arm.patterns).await? {
                self.run_list(&arm.body).await?;
                falling = arm.falls_through;
                if !falling {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn matches_any(&mut self, subject: &str, patterns: &[Word]) -> Result<bool, Flow> {
        for pattern in patterns {
            if matches(&self.expand_pattern(pattern).await?, subject) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs a function's body with its own positional parameters.
    pub(super) async fn call(&mut self, body: &Command, arguments: Vec<String>) -> Done {
        let outer = core::mem::replace(&mut self.positional, arguments);
        let loops = core::mem::take(&mut self.loops);
        self.functions_entered += 1;
        self.process.level += 1;
        self.locals.push(Vec::new());
        let done = self.run_command(body).await;
        for (name, before) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            match before {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
        self.functions_entered -= 1;
        self.process.level -= 1;
        self.loops = loops;
        self.positional = outer;
        match done {
            Err(Flow::Return) => Ok(()),
            other => other,
        }
    }

    /// `[[ … ]]`; `None` after an error that was printed.
    fn test<'a>(&'a mut self, expression: &'a TestExpression) -> Boxed<'a, Result<Option<bool>, Flow>> {
        Box::pin(async move {
            match expression {
                TestExpression::Word(word) => Ok(Some(!self.expand_text(word).await?.is_empty())),
                TestExpression::Not(inner) => Ok(self.test(inner).await?.map(|holds| !holds)),
                TestExpression::And(left, right) => match self.test(left).await? {
                    Some(true) => self.test(right).await,
                    other => Ok(other),
                },
                TestExpression::Or(left, right) => match self.test(left).await? {
                    Some(false) => self.test(right).await,
                    other => Ok(other),
                },
                TestExpression::Unary { operator, operand } => {
                    let operand = self.expand_text(operand).await?;
                    if operator == "-v" {
                        return Ok(Some(self.variables.contains_key(&operand)));
                    }
                    Ok(condition::unary(&self.process, operator, &operand))
                }
                TestExpression::Binary { left, operator, right } => self.test_binary(left, operator, right).await,
            }
        })
    }

    fn test_binary<'a>(
        &'a mut self,
        left: &'a Word,
        operator: &'a str,
        right: &'a Word,
    ) -> Boxed<'a, Result<Option<bool>, Flow>> {
        Box::pin(async move {
            let left = self.expand_text(left).await?;
            match operator {
                "=" | "==" | "!=" => {
                    let pattern = self.expand_pattern(right).await?;
                    Ok(Some(matches(&pattern, &left) == (operator != "!=")))
                }
                "=~" => {
                    let pattern = self.expand_text(right).await?;
                    Ok(crate::shell::regex::Regex::extended(&pattern, false).ok().map(|regex| regex.find(&left).is_some()))
                }
                "<" | ">" => {
                    let right = self.expand_text(right).await?;
                    Ok(Some(if operator == "<" { left < right } else { left > right }))
                }
                _ => {
                    let right = self.expand_text(right).await?;
                    match (self.calculate(&left), self.calculate(&right)) {
                        (Ok(left), Ok(right)) => Ok(condition::compare(operator, left, right)),
                        (Err(error), _) | (_, Err(error)) => {
                            self.complain(&format!("[[: {error}")).await;
                            Ok(Some(false))
                        }
                    }
                }
            }
        })
    }

    /// Runs a list in a subshell and returns what it printed, without the newlines at its end.
    pub(super) fn substitute<'a>(&'a mut self, list: &'a List) -> Boxed<'a, String> {
        Box::pin(async move {
            let mut child = self.fork();
            let (stdout, reader) = crate::shell::pipe();
            child.process.stdout = stdout;
            child.process.level += 1;
            let (status, bytes) = join::with_reader(Box::pin(child.run_list_as_process(list)), async move {
                reader.read_at_most(MAX_EXPANSION + 1).await
            })
            .await;
            self.substitution_status = Some(status);
            self.status = status;
            let text = String::from_utf8_lossy(&bytes).replace('\0', "");
            text.trim_end_matches('\n').to_owned()
        })
    }
}
