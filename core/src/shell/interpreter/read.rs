//! `read`, and finding out what a name is.

use super::{Shell, is_builtin};
use crate::shell::commands;

impl Shell {
    pub(super) async fn read(&mut self, arguments: &[String]) -> i32 {
        let (mut raw, mut names) = (false, Vec::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "-r" => raw = true,
                "-s" | "-e" => {}
                "-rs" | "-sr" => raw = true,
                "-p" | "-rp" => {
                    raw |= argument == "-rp";
                    if let Some(prompt) = rest.next()
                        && self.process.stdin.is_terminal()
                    {
                        self.process.print_error(prompt).await;
                    }
                }
                flag if flag.starts_with('-') => {
                    self.process.print_error(format!("hoplab: read {flag} is not simulated\n")).await;
                    return 2;
                }
                name => names.push(name.to_owned()),
            }
        }
        let Some(line) = self.read_logical_line(raw).await else {
            for name in names {
                self.set(&name, "").await;
            }
            return 1;
        };
        let complete = line.ends_with('\n');
        self.assign_line(line.trim_end_matches('\n'), names).await;
        i32::from(!complete)
    }

    /// Without `-r` a backslash at the end of a line joins the next.
    async fn read_logical_line(&self, raw: bool) -> Option<String> {
        let mut line = String::from_utf8_lossy(&self.process.stdin.read_line().await?).into_owned();
        if raw {
            return Some(line);
        }
        while line.ends_with("\\\n") {
            line.truncate(line.len() - 2);
            let more = self.process.stdin.read_line().await.unwrap_or_default();
            line.push_str(&String::from_utf8_lossy(&more));
        }
        let mut text = String::new();
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            text.extend(if character == '\\' { characters.next() } else { Some(character) });
        }
        Some(text)
    }

    /// The last name takes what is left of the line.
    async fn assign_line(&mut self, line: &str, names: Vec<String>) {
        if names.is_empty() {
            self.set("REPLY", line).await;
            return;
        }
        let separators = self.value("IFS").unwrap_or(" \t\n").to_owned();
        let blank = |character: char| separators.contains(character) && character.is_whitespace();
        let mut rest = line.trim_matches(blank);
        let last = names.len() - 1;
        for (at, name) in names.iter().enumerate() {
            if at == last {
                self.set(name, rest).await;
                return;
            }
            let end = rest.find(|character| separators.contains(character)).unwrap_or(rest.len());
            let (field, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            self.set(name, field).await;
            let mut after = after.trim_start_matches(blank);
            if let Some(next) = after.chars().next().filter(|next| separators.contains(*next)) {
                after = after.get(next.len_utf8()..).unwrap_or_default().trim_start_matches(blank);
            }
            rest = after;
        }
    }

    pub(super) async fn type_builtin(&mut self, arguments: &[String]) -> i32 {
        let mut status = 0;
        let short = arguments.first().is_some_and(|flag| flag == "-t");
        for name in arguments.iter().skip(usize::from(short)) {
            if short {
                match self.kind_of(name) {
                    Some(kind) => self.process.print(format!("{kind}\n")).await,
                    None => status = 1,
                }
                continue;
            }
            let text = if let Some(alias) = self.aliases.get(name) {
                format!("{name} is aliased to `{alias}'\n")
            } else if is_keyword(name) {
                format!("{name} is a shell keyword\n")
            } else if self.functions.contains_key(name) {
                format!("{name} is a function\n")
            } else if is_builtin(name) {
                format!("{name} is a shell builtin\n")
            } else if let Some(path) = commands::path_of(&self.process, name) {
                format!("{name} is {path}\n")
            } else {
                self.complain(&format!("type: {name}: not found")).await;
                status = 1;
                continue;
            };
            self.process.print(text).await;
        }
        status
    }

    /// What `type -t` prints.
    fn kind_of(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            _ if self.aliases.contains_key(name) => "alias",
            _ if is_keyword(name) => "keyword",
            _ if self.functions.contains_key(name) => "function",
            _ if is_builtin(name) => "builtin",
            _ if commands::path_of(&self.process, name).is_some() => "file",
            _ => return None,
        })
    }

    /// What `command -v` prints.
    pub(super) fn locate(&self, name: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(name) {
            return Some(format!("alias {name}='{alias}'"));
        }
        if is_keyword(name) || self.functions.contains_key(name) || is_builtin(name) {
            return Some(name.to_owned());
        }
        commands::path_of(&self.process, name)
    }
}

fn is_keyword(name: &str) -> bool {
    let keywords = [
        "if", "then", "else", "elif", "fi", "case", "esac", "for", "while", "until", "do", "done", "in", "function", "time", "{",
        "}", "!", "[[", "]]",
    ];
    keywords.contains(&name)
}
