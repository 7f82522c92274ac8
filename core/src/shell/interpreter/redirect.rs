//! Redirections: files, descriptors, here-documents.

use super::{Boxed, Flow, Shell};
use crate::shell::grammar::{Redirection, RedirectionKind};
use crate::shell::{Input, Output};

/// What a descriptor leads to.
enum Target {
    Input(Input),
    Output(Output),
}

impl Shell {
    /// Carries them out in order on this shell's streams; false, with a message, if one failed.
    pub(super) fn redirect<'a>(&'a mut self, redirections: &'a [Redirection]) -> Boxed<'a, Result<bool, Flow>> {
        Box::pin(async move {
            for redirection in redirections {
                if let Err(message) = self.redirect_one(redirection).await? {
                    self.complain(&message).await;
                    self.status = 1;
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    async fn redirect_one(&mut self, redirection: &Redirection) -> Result<Result<(), String>, Flow> {
        let descriptor = redirection.descriptor;
        let target = match &redirection.kind {
            RedirectionKind::Read(word) => {
                let path = self.expand_text(word).await?;
                self.open_input(&path)
            }
            RedirectionKind::Write(word) => {
                let path = self.expand_text(word).await?;
                self.open_output(&path, false)
            }
            RedirectionKind::Append(word) => {
                let path = self.expand_text(word).await?;
                self.open_output(&path, true)
            }
            RedirectionKind::WriteBoth { target, append } => {
                let path = self.expand_text(target).await?;
                match self.open_output(&path, *append) {
                    Ok(Target::Output(output)) => {
                        self.process.stdout = output.clone();
                        self.process.stderr = output;
                        return Ok(Ok(()));
                    }
                    other => other,
                }
            }
            RedirectionKind::Duplicate(word) => {
                let source = self.expand_text(word).await?;
                self.duplicate(&source, descriptor)
            }
            RedirectionKind::HereDocument(body) => {
                let text = match body.get() {
                    Some(word) => self.expand_text(word).await?,
                    None => String::new(),
                };
                Ok(Target::Input(Input::from_bytes(text.as_bytes())))
            }
            RedirectionKind::HereString(word) => {
                let text = self.expand_text(word).await?;
                Ok(Target::Input(Input::from_bytes(format!("{text}\n").as_bytes())))
            }
        };
        Ok(target.and_then(|target| self.assign(descriptor, target)))
    }

    fn open_input(&self, path: &str) -> Result<Target, String> {
        match path {
            "/dev/null" => Ok(Target::Input(Input::empty())),
            "/dev/stdin" => Ok(Target::Input(self.process.stdin.clone())),
            _ => match self.process.read_file(path) {
                Ok(bytes) => Ok(Target::Input(Input::from_bytes(&bytes))),
                Err(error) => Err(format!("{path}: {error}")),
            },
        }
    }

    fn open_output(&self, path: &str, append: bool) -> Result<Target, String> {
        match path {
            "/dev/null" => Ok(Target::Output(Output::null())),
            "/dev/stdout" => Ok(Target::Output(self.process.stdout.clone())),
            "/dev/stderr" => Ok(Target::Output(self.process.stderr.clone())),
            _ => match self.process.open_file(path, append) {
                Ok(file) => Ok(Target::Output(Output::file(file))),
                Err(error) => Err(format!("{path}: {error}")),
            },
        }
    }

    fn duplicate(&self, source: &str, descriptor: u32) -> Result<Target, String> {
        match source {
            "0" => Ok(Target::Input(self.process.stdin.clone())),
            "1" => Ok(Target::Output(self.process.stdout.clone())),
            "2" => Ok(Target::Output(self.process.stderr.clone())),
            "-" if descriptor == 0 => Ok(Target::Input(Input::empty())),
            "-" => Ok(Target::Output(Output::null())),
            _ if source.parse::<u32>().is_ok() => Err(format!("{source}: Bad file descriptor")),
            _ => Err(format!("{source}: ambiguous redirect")),
        }
    }

    fn assign(&mut self, descriptor: u32, target: Target) -> Result<(), String> {
        match (descriptor, target) {
            (0, Target::Input(input)) => self.process.stdin = input,
            (1, Target::Output(output)) => self.process.stdout = output,
            (2, Target::Output(output)) => self.process.stderr = output,
            (0..=2, _) => return Err(format!("{descriptor}: Bad file descriptor")),
            _ => return Err(format!("{descriptor}: hoplab simulates file descriptors 0, 1 and 2 only")),
        }
        Ok(())
    }
}
