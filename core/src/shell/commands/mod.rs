//! The programs. One file each; the tables below say which machine has which.

mod cat;
pub(super) mod echo;
mod kubectl;
mod network;
pub(super) mod printf;
mod sh;
mod sleep;

use super::{Machine, Process};
use core::pin::Pin;

/// A program: runs to its exit status.
pub type Program = fn(Process) -> Pin<Box<dyn Future<Output = i32>>>;

/// The program that a name means on a process's machine.
pub fn find(process: &Process, name: &str) -> Option<Program> {
    let name = match name.rsplit_once('/') {
        None => name,
        Some((directory, name)) => is_bin(directory).then_some(name)?,
    };
    program(name).filter(|_| has(process, name))
}

/// Whether the machine has a program of this name.
fn has(process: &Process, _name: &str) -> bool {
    match &process.machine {
        Machine::Laptop | Machine::Node { .. } | Machine::Container { .. } => true,
    }
}

fn is_bin(directory: &str) -> bool {
    matches!(directory, "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/usr/local/bin")
}

/// Where `which` finds a program.
pub(super) fn path_of(process: &Process, name: &str) -> Option<String> {
    find(process, name)?;
    Some(if name.contains('/') { name.to_owned() } else { format!("/usr/bin/{name}") })
}

/// The names that [`program`] knows.
const NAMES: [&str; 17] = [
    "ash", "bash", "cat", "curl", "dash", "dig", "echo", "getent", "host", "kubectl", "nc", "nslookup", "ping", "printf", "sh",
    "sleep", "wget",
];

fn program(name: &str) -> Option<Program> {
    Some(match name {
        "ash" | "bash" | "dash" | "sh" => |process| Box::pin(sh::run(process)),
        "cat" => |process| Box::pin(cat::run(process)),
        "echo" => |process| Box::pin(echo::run(process)),
        "printf" => |process| Box::pin(printf::run(process)),
        "kubectl" => kubectl::program,
        "sleep" => |process| Box::pin(sleep::run(process)),
        _ => return network::find(name),
    })
}

/// Every command that can be typed here, for completion and suggestions.
pub(super) fn names(process: &Process) -> Vec<String> {
    let builtins = ["alias", "cd", "export", "history", "unset"];
    NAMES.iter().filter(|name| has(process, name)).chain(&builtins).map(|&name| name.to_owned()).collect()
}

pub(super) fn is_real_tool(_process: &Process, _name: &str) -> bool {
    false
}

pub(super) fn suggestion(_process: &Process, _name: &str) -> Option<String> {
    None
}

/// Whether the program that is running is BusyBox's, whose messages are its own.
pub(super) fn is_busybox(process: &Process) -> bool {
    matches!(process.machine, Machine::Container { .. })
}

/// `cat: nofile: No such file or directory`. `doing` is what GNU tools say they could not do: `cannot access`.
async fn complain_of_file(process: &Process, path: &str, doing: &str, error: super::files::FileError) {
    let name = process.name();
    let shown = if is_busybox(process) { path.to_owned() } else { quote_path(path) };
    let text = match (is_busybox(process), doing) {
        (true, "") => format!("{name}: can't open '{path}': {error}\n"),
        (true, doing) => format!("{name}: {doing} '{path}': {error}\n"),
        (false, "") => format!("{name}: {shown}: {error}\n"),
        (false, doing) => format!("{name}: {doing} '{path}': {error}\n"),
    };
    process.print_error(text).await;
}

/// GNU tools quote a name in a message when a shell would not take it as one plain word.
fn quote_path(path: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./%+,@^".contains(character);
    if !path.is_empty() && path.chars().all(plain) { path.to_owned() } else { format!("'{path}'") }
}

/// An option that the real tool has not, or hoplab has not.
async fn invalid_option(process: &Process, flag: &str) {
    let message = match flag.strip_prefix("--") {
        Some(_) => format!("unrecognized option '{flag}'"),
        None => format!("invalid option -- '{}'", flag.chars().nth(1).unwrap_or('-')),
    };
    usage(process, &message).await;
}

async fn usage(process: &Process, message: &str) {
    let name = process.name();
    process.print_error(format!("{name}: {message}\nTry '{name} --help' for more information.\n")).await;
}
