//! Options as `getopt_long` reads them: bundled letters, arguments attached or apart, `--name=value`, operands anywhere.

use crate::shell::Process;

#[derive(Debug, Default)]
pub struct Options {
    /// Letter and argument, in order.
    pub flags: Vec<(char, String)>,
    pub operands: Vec<String>,
}

impl Options {
    pub fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(letter, _)| *letter == flag)
    }

    /// The last argument given to a flag.
    pub fn value(&self, flag: char) -> Option<&str> {
        self.flags.iter().rev().find(|(letter, _)| *letter == flag).map(|(_, value)| value.as_str())
    }
}

/// `letters` as getopt takes them (`"nd:"`: `-n`, `-d ARG`), `long` as pairs of name and letter. `None` after a message.
pub async fn parse(process: &Process, letters: &str, long: &[(&str, char)]) -> Option<Options> {
    parse_arguments(process, process.arguments(), letters, long, false).await
}

/// The same, but the first operand ends the options: `xargs`, `timeout`, `env`, which run another program.
pub async fn parse_leading(process: &Process, letters: &str, long: &[(&str, char)]) -> Option<Options> {
    parse_arguments(process, process.arguments(), letters, long, true).await
}

async fn parse_arguments(
    process: &Process,
    arguments: &[String],
    letters: &str,
    long: &[(&str, char)],
    leading: bool,
) -> Option<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            options.operands.extend(rest.cloned());
            break;
        }
        let message = if let Some(name) = argument.strip_prefix("--") {
            take_long(name, letters, long, &mut rest, &mut options)
        } else if let Some(bundle) = argument.strip_prefix('-').filter(|bundle| !bundle.is_empty()) {
            take_bundle(bundle, letters, &mut rest, &mut options)
        } else {
            options.operands.push(argument.clone());
            if leading {
                options.operands.extend(rest.cloned());
                break;
            }
            Ok(())
        };
        if let Err(message) = message {
            super::usage(process, &message).await;
            return None;
        }
    }
    Some(options)
}

type Rest<'a> = core::slice::Iter<'a, String>;

fn takes_argument(letters: &str, flag: char) -> Option<bool> {
    let at = letters.find(flag).filter(|_| flag != ':')?;
    Some(letters.get(at + flag.len_utf8()..)?.starts_with(':'))
}

fn take_long(name: &str, letters: &str, long: &[(&str, char)], rest: &mut Rest<'_>, options: &mut Options) -> Result<(), String> {
    let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
    let Some((_, flag)) = long.iter().find(|(known, _)| *known == name) else {
        return Err(format!("unrecognized option '--{name}'"));
    };
    let value = match (takes_argument(letters, *flag), value) {
        (Some(true), None) => rest.next().cloned().ok_or_else(|| format!("option '--{name}' requires an argument"))?,
        (_, value) => value.unwrap_or_default(),
    };
    options.flags.push((*flag, value));
    Ok(())
}

fn take_bundle(bundle: &str, letters: &str, rest: &mut Rest<'_>, options: &mut Options) -> Result<(), String> {
    for (at, flag) in bundle.char_indices() {
        match takes_argument(letters, flag) {
            None => return Err(format!("invalid option -- '{flag}'")),
            Some(false) => options.flags.push((flag, String::new())),
            Some(true) => {
                let attached = bundle.get(at + flag.len_utf8()..).unwrap_or_default();
                let value = match (attached, attached.is_empty()) {
                    (attached, false) => attached.to_owned(),
                    _ => rest.next().cloned().ok_or_else(|| format!("option requires an argument -- '{flag}'"))?,
                };
                options.flags.push((flag, value));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The same for programs whose operands may be negative numbers: `seq 5 -1 1`.
pub async fn parse_numbers(process: &Process, letters: &str) -> Option<Options> {
    let is_number = |argument: &&String| argument.parse::<f64>().is_ok();
    let (numbers, rest): (Vec<String>, Vec<String>) =
        process.arguments().iter().cloned().partition(|argument| is_number(&argument));
    let mut options = parse_arguments(process, &rest, letters, &[], false).await?;
    options.operands.splice(0..0, numbers);
    Some(options)
}
