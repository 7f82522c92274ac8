//! What kubectl has and the simulator does not, said honestly; usage; spelling.

use super::failure::Failure;
use super::flags::Flags;
use super::{Outcome, Verb};
use crate::shell::Process;

/// Verbs of kubectl 1.33 that are not simulated.
const OTHERS: &[&str] = &[
    "alpha",
    "attach",
    "auth",
    "autoscale",
    "certificate",
    "completion",
    "cordon",
    "cp",
    "debug",
    "diff",
    "drain",
    "edit",
    "events",
    "kustomize",
    "patch",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "taint",
    "top",
    "uncordon",
    "options",
];

/// One line in dim type on standard error: `hoplab: … is not simulated`.
pub(super) async fn hint(process: &Process, what: &str) {
    remark(process, &format!("{what} is not simulated")).await;
}

/// One line of the simulator's own, in dim type, so that nobody takes it for kubectl's.
pub(super) async fn remark(process: &Process, text: &str) {
    process.print_error(format!("\u{1b}[2mhoplab: {text}\u{1b}[0m\n")).await;
}

/// Names the flags that had no effect.
pub(super) async fn hints(process: &Process, flags: &Flags) {
    for flag in &flags.unmodelled {
        hint(process, &format!("--{flag}")).await;
    }
}

/// A word that is no simulated verb: real kubectl's refusal, or a hint that only the simulator lacks it.
pub(super) async fn verb(process: &Process, words: &[String]) -> Outcome {
    let word = words.first().map(String::as_str).unwrap_or_default();
    // `rollout undo`: the first word is known, the second is not.
    let halfway = super::VERBS.iter().any(|verb| verb.name.split(' ').next() == Some(word));
    if OTHERS.contains(&word) || halfway {
        let shown = if halfway { words.iter().take(2).cloned().collect::<Vec<_>>().join(" ") } else { word.to_owned() };
        hint(process, &format!("kubectl {shown}")).await;
        return Err(Failure { message: String::new(), status: 1 });
    }
    let mut message = format!("unknown command \"{word}\" for \"kubectl\"");
    let suggestions = suggestions(word);
    if !suggestions.is_empty() {
        let list: String = suggestions.iter().map(|suggestion| format!("\t{suggestion}\n")).collect();
        message.push_str(&format!("\n\nDid you mean this?\n{list}"));
    }
    Err(Failure::error(message))
}

/// cobra's: names within two changes, or that begin with the word.
fn suggestions(word: &str) -> Vec<&'static str> {
    let verbs = super::VERBS.iter().map(|verb| verb.name.split(' ').next().unwrap_or_default());
    let mut names: Vec<&str> = verbs.chain(OTHERS.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| distance(&word.to_lowercase(), name) <= 2 || name.starts_with(&word.to_lowercase()));
    match word {
        "list" | "ps" => names.push("get"),
        "rm" => names.push("delete"),
        _ => {}
    }
    names
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut previous = i + 1;
        let mut next = vec![previous];
        for ((b, above), above_left) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            previous = (above + 1).min(previous + 1).min(above_left + usize::from(a != *b));
            next.push(previous);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// `kubectl`, `kubectl --help`.
pub(super) async fn usage(process: &Process, rest: &[String]) -> Outcome {
    if let Some(flag) = rest.iter().find(|argument| !matches!(argument.as_str(), "-h" | "--help")) {
        let name = flag.trim_start_matches('-').split('=').next().unwrap_or_default();
        let known = Flags::parse("", rest).is_ok();
        if !known {
            return Err(Failure::flag(&format!("unknown flag: --{name}"), "kubectl"));
        }
    }
    let mut names: Vec<&str> = super::VERBS.iter().map(|verb| verb.name.split(' ').next().unwrap_or_default()).collect();
    names.dedup();
    let text = format!(
        "kubectl controls the Kubernetes cluster manager.\n\n Simulated here:\n  {}\n\nUsage:\n  kubectl [flags] [options]\n",
        names.join(", ")
    );
    process.print(text).await;
    Ok(())
}

/// `kubectl get --help`: the flags that are simulated.
pub(super) async fn help(process: &Process, verb: &Verb) -> Outcome {
    let flags: Vec<String> = verb
        .flags
        .split_whitespace()
        .filter(|flag| !flag.starts_with('!'))
        .map(|flag| {
            let (head, value) = flag.split_once('=').map_or((flag, ""), |(head, _)| (head, "=VALUE"));
            match head.split_once('/') {
                Some((name, short)) => format!("  -{short}, --{name}{value}\n"),
                None => format!("      --{head}{value}\n"),
            }
        })
        .collect();
    process.print(format!("Usage:\n  kubectl {} [flags]\n\nFlags simulated here:\n{}", verb.name, flags.concat())).await;
    Ok(())
}
