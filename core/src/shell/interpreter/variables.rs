//! Builtins on variables, aliases, options and positional parameters.

use super::{Shell, Variable};
use crate::shell::grammar::is_name;

impl Shell {
    pub(super) async fn declare(&mut self, builtin: &str, arguments: &[String]) -> i32 {
        let flags: String = arguments.iter().take_while(|argument| argument.starts_with('-')).map(String::as_str).collect();
        let names: Vec<&String> = arguments.iter().skip_while(|argument| argument.starts_with('-')).collect();
        if builtin == "local" && self.functions_entered == 0 {
            self.complain("local: can only be used in a function").await;
            return 1;
        }
        if names.is_empty() {
            let text = self.declarations(builtin);
            self.process.print(text).await;
            return 0;
        }
        let mut status = 0;
        for argument in names {
            let (name, value) = argument.split_once('=').map_or((argument.as_str(), None), |(name, value)| (name, Some(value)));
            if !is_name(name) {
                self.complain(&format!("{builtin}: `{argument}': not a valid identifier")).await;
                status = 1;
                continue;
            }
            let makes_local = !matches!(builtin, "export" | "readonly") && self.functions_entered > 0;
            if let (true, Some(locals)) = (makes_local, self.locals.last_mut()) {
                locals.push((name.to_owned(), self.variables.remove(name)));
            }
            if let Some(value) = value
                && !self.set(name, value).await
            {
                status = 1;
                continue;
            }
            let existing = value.is_some() || makes_local || self.variables.contains_key(name) || builtin != "declare";
            if existing {
                let variable = self.variables.entry(name.to_owned()).or_default();
                variable.exported |= (builtin == "export" && !flags.contains('n')) || flags.contains('x');
                variable.readonly |= builtin == "readonly" || flags.contains('r');
                if builtin == "export" && flags.contains('n') {
                    variable.exported = false;
                }
            }
        }
        status
    }

    fn declarations(&self, builtin: &str) -> String {
        let shown = |variable: &Variable| match builtin {
            "export" => variable.exported,
            "readonly" => variable.readonly,
            _ => true,
        };
        let flags = |variable: &Variable| match (variable.exported, variable.readonly) {
            (true, true) => "-rx",
            (true, false) => "-x",
            (false, true) => "-r",
            (false, false) => "--",
        };
        let lines = self.variables.iter().filter(|(_, variable)| shown(variable));
        lines.map(|(name, variable)| format!("declare {} {name}=\"{}\"\n", flags(variable), variable.value)).collect()
    }

    pub(super) async fn alias(&mut self, arguments: &[String]) -> i32 {
        if arguments.is_empty() {
            let lines = self.aliases.iter().map(|(name, text)| format!("alias {name}='{}'\n", text.replace('\'', r"'\''")));
            let text: String = lines.collect();
            self.process.print(text).await;
        }
        let mut status = 0;
        for argument in arguments {
            match (argument.split_once('='), self.aliases.get(argument)) {
                (Some((name, text)), _) => _ = self.aliases.insert(name.to_owned(), text.to_owned()),
                (None, Some(text)) => self.process.print(format!("alias {argument}='{text}'\n")).await,
                (None, None) => {
                    self.complain(&format!("alias: {argument}: not found")).await;
                    status = 1;
                }
            }
        }
        status
    }

    pub(super) async fn set_builtin(&mut self, arguments: &[String]) -> i32 {
        if arguments.is_empty() {
            let lines = self
                .variables
                .iter()
                .map(|(name, variable)| format!("{name}={}\n", super::simple::quote_if_needed(&variable.value)));
            let text: String = lines.collect();
            self.process.print(text).await;
            return 0;
        }
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let on = argument.starts_with('-');
            match argument.as_str() {
                "--" => {
                    self.positional = rest.cloned().collect();
                    return 0;
                }
                "-o" | "+o" => {
                    let Some(name) = rest.next() else { return 0 };
                    if !self.set_option(name, on) {
                        self.complain(&format!("set: {name}: invalid option name")).await;
                        return 2;
                    }
                }
                flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                    for flag in flags.chars().skip(1) {
                        if flag == 'o' {
                            let Some(name) = rest.next() else { return 0 };
                            self.set_option(name, on);
                        } else if !self.set_flag(flag, on) {
                            self.complain(&format!("set: {}{flag}: invalid option", &flags[..1])).await;
                            return 2;
                        }
                    }
                }
                _ => {
                    self.positional = core::iter::once(argument).chain(rest).cloned().collect();
                    return 0;
                }
            }
        }
        0
    }

    pub(in crate::shell) fn set_flag(&mut self, flag: char, on: bool) -> bool {
        match flag {
            'e' => self.options.errexit = on,
            'x' => self.options.xtrace = on,
            'u' => self.options.nounset = on,
            'f' => self.options.noglob = on,
            'a' | 'b' | 'h' | 'm' | 'v' | 'B' | 'C' | 'E' | 'H' | 'T' => {}
            _ => return false,
        }
        true
    }

    pub(in crate::shell) fn set_option(&mut self, name: &str, on: bool) -> bool {
        match name {
            "pipefail" => self.options.pipefail = on,
            "errexit" => self.options.errexit = on,
            "xtrace" => self.options.xtrace = on,
            "nounset" => self.options.nounset = on,
            "noglob" => self.options.noglob = on,
            "posix" | "vi" | "emacs" | "history" | "monitor" | "allexport" => {}
            _ => return false,
        }
        true
    }

    pub(super) async fn unset(&mut self, arguments: &[String]) -> i32 {
        let mut status = 0;
        for name in arguments.iter().filter(|argument| !argument.starts_with('-')) {
            if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                self.complain(&format!("unset: {name}: cannot unset: readonly variable")).await;
                status = 1;
            } else if self.variables.remove(name).is_none() || arguments.first().is_some_and(|flag| flag == "-f") {
                self.functions.remove(name);
            }
        }
        status
    }

    pub(super) async fn shift(&mut self, arguments: &[String]) -> i32 {
        let count = match arguments.first().map(|text| text.parse::<usize>()) {
            None => 1,
            Some(Ok(count)) => count,
            Some(Err(_)) => {
                self.complain(&format!("shift: {}: numeric argument required", arguments.join(" "))).await;
                return 1;
            }
        };
        if count > self.positional.len() {
            return 1;
        }
        self.positional.drain(..count);
        0
    }

    pub(super) async fn let_builtin(&mut self, arguments: &[String]) -> i32 {
        let mut value = 0;
        for argument in arguments {
            match self.calculate(argument) {
                Ok(result) => value = result,
                Err(error) => {
                    self.complain(&format!("let: {error}")).await;
                    return 1;
                }
            }
        }
        i32::from(value == 0)
    }
}
