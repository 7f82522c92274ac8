//! kubectl, command by command: each block of `kubectl/*.txt` is a session on a fresh cluster. Lines that begin with `$ ` are typed
//! (with the lines of a here-document below them); what follows is what a terminal shows, standard error behind `! `, and the
//! exit status in brackets when it is not 0. `<…>` stands for anything on one line.

use hoplab_core::api::Cluster;
use hoplab_core::shell::{SharedWorld, run_script};
use hoplab_core::world::World;
use std::cell::RefCell;
use std::rc::Rc;

fn world() -> SharedWorld {
    Rc::new(RefCell::new(World::new(Cluster::default())))
}

/// What is typed, up to the end of its here-document, and what must be shown.
struct Exchange {
    typed: String,
    shown: Vec<String>,
}

fn exchanges(session: &str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut here_document = false;
    for line in session.lines() {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(command), _) => {
                here_document = command.contains("<<EOF");
                exchanges.push(Exchange { typed: format!("{command}\n"), shown: Vec::new() });
            }
            (None, Some(exchange)) if here_document => {
                exchange.typed.push_str(&format!("{line}\n"));
                here_document = line != "EOF";
            }
            (None, Some(exchange)) => exchange.shown.push(line.to_owned()),
            (None, None) => assert!(line.is_empty(), "a session begins with a command, not {line:?}"),
        }
    }
    exchanges
}

/// Standard output, then standard error, then the status, as the session files write them.
fn show(world: &SharedWorld, typed: &str) -> Vec<String> {
    let output = run_script(world, typed);
    let mut lines: Vec<String> = output.stdout.lines().map(str::to_owned).collect();
    lines.extend(output.stderr.lines().map(|line| format!("! {line}").trim_end().to_owned()));
    if output.status != 0 {
        lines.push(format!("[{}]", output.status));
    }
    lines
}

/// Whether a line fits a pattern in which `<…>` stands for anything.
fn fits(pattern: &str, line: &str) -> bool {
    let mut rest = line;
    let mut parts = pattern.split("<…>");
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let found = if last { rest.ends_with(part).then(|| rest.len() - part.len()) } else { rest.find(part) };
        let Some(at) = found else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

fn check(sessions: &str) {
    let mut failures = Vec::new();
    for block in sessions.split("\n=== ").skip(1) {
        let (name, session) = block.split_once('\n').expect("a block has a name");
        let session = session.lines().filter(|line| !line.starts_with("# ")).collect::<Vec<_>>().join("\n");
        let world = world();
        for exchange in exchanges(session.trim_end()) {
            let got = show(&world, &exchange.typed);
            let expected: Vec<&str> = exchange.shown.iter().map(|line| line.trim_end()).collect();
            let same =
                got.len() == expected.len() && expected.iter().zip(&got).all(|(pattern, line)| fits(pattern, line.trim_end()));
            if !same {
                failures.push(format!(
                    "=== {name}\n$ {}--- expected\n{}\n--- got\n{}\n",
                    exchange.typed,
                    expected.join("\n"),
                    got.join("\n")
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn life_of_pods_and_policies() {
    check(include_str!("kubectl/objects.txt"));
}

#[test]
fn what_is_refused_and_how() {
    check(include_str!("kubectl/errors.txt"));
}

#[test]
fn output_formats() {
    check(include_str!("kubectl/output.txt"));
}
