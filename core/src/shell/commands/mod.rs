//! The programs. One file each; the tables below say which machine has which.

mod awk;
mod cat;
mod cut;
pub(super) mod echo;
mod file_tools;
mod gcloud;
mod grep;
mod head;
mod help;
mod kubectl;
mod lines;
mod ls;
mod network;
mod options;
pub(super) mod printf;
mod run_tools;
mod sed;
mod sh;
mod sleep;
mod sort;
mod ssh;
mod system_tools;
mod tr;
mod unknown;

use super::{Machine, Process, files};
use crate::world::World;
use core::pin::Pin;

/// A program: runs to its exit status.
pub type Program = fn(Process) -> Pin<Box<dyn Future<Output = i32>>>;

/// The program that a name means on a process's machine: `cat`, `/bin/cat`.
pub fn find(process: &Process, name: &str) -> Option<Program> {
    let (directory, name) = name.rsplit_once('/').map_or((None, name), |(directory, name)| (Some(directory), name));
    if directory.is_some_and(|directory| !is_bin(directory)) || !has(&process.world.borrow(), &process.machine, name) {
        return None;
    }
    program(name)
}

/// Programs of the laptop only.
const LAPTOP: [&str; 3] = ["gcloud", "kubectl", "ssh"];
/// Of every GNU machine and of BusyBox; which of them a container has is its image's business.
const COMMON: [&str; 46] = [
    "[", "awk", "base64", "bash", "cat", "chmod", "clear", "cp", "curl", "cut", "date", "echo", "egrep", "env", "false", "fgrep",
    "grep", "head", "hostname", "id", "ls", "mkdir", "mv", "printf", "ps", "pwd", "rm", "rmdir", "sed", "seq", "sh", "sleep",
    "sort", "tail", "tee", "test", "timeout", "touch", "tr", "true", "uname", "uniq", "watch", "wc", "which", "whoami",
];
const GNU_ONLY: [&str; 6] = ["dash", "help", "man", "printenv", "xargs", "yes"];
const CONTAINER_ONLY: [&str; 6] = ["ash", "nslookup", "printenv", "wget", "xargs", "yes"];

/// The programs a machine has and hoplab simulates.
fn installed(world: &World, machine: &Machine) -> Vec<&'static str> {
    match machine {
        Machine::Laptop => [&COMMON[..], &GNU_ONLY, &LAPTOP].concat(),
        Machine::Node { .. } => [&COMMON[..], &GNU_ONLY].concat(),
        Machine::Container { namespace, pod, container } => {
            let Some(image) = files::image_of(world, namespace, pod, container) else { return Vec::new() };
            let all = COMMON.iter().chain(&CONTAINER_ONLY).copied();
            all.filter(|name| image.program(name).is_some() && program(name).is_some()).collect()
        }
    }
}

fn has(world: &World, machine: &Machine, name: &str) -> bool {
    match machine {
        Machine::Laptop => LAPTOP.contains(&name) || COMMON.contains(&name) || GNU_ONLY.contains(&name),
        Machine::Node { .. } => COMMON.contains(&name) || GNU_ONLY.contains(&name),
        Machine::Container { namespace, pod, container } => {
            files::image_of(world, namespace, pod, container).is_some_and(|image| image.program(name).is_some())
        }
    }
}

fn is_bin(directory: &str) -> bool {
    matches!(directory, "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/usr/local/bin")
}

/// Each program's path and name.
pub(super) fn paths(world: &World, machine: &Machine) -> Vec<(String, &'static str)> {
    let bin = match machine {
        Machine::Laptop | Machine::Node { .. } => "/usr/bin",
        Machine::Container { .. } => "/bin",
    };
    installed(world, machine).into_iter().map(|name| (format!("{bin}/{name}"), name)).collect()
}

/// Where `which` finds a program.
pub(super) fn path_of(process: &Process, name: &str) -> Option<String> {
    find(process, name)?;
    if name.contains('/') {
        return Some(name.to_owned());
    }
    let paths = paths(&process.world.borrow(), &process.machine);
    paths.into_iter().find(|(_, known)| *known == name).map(|(path, _)| path)
}

/// Every command that can be typed here, for completion, suggestions and `help`.
pub(super) fn names(process: &Process) -> Vec<String> {
    let builtins = ["alias", "cd", "export", "history", "jobs", "unset"];
    let installed = installed(&process.world.borrow(), &process.machine);
    let mut names: Vec<String> = installed.iter().chain(&builtins).map(|&name| name.to_owned()).collect();
    names.sort();
    names
}

/// A tool that exists in the world and that the machine would have, but hoplab does not simulate.
pub(super) fn is_real_tool(process: &Process, name: &str) -> bool {
    match &process.machine {
        Machine::Laptop | Machine::Node { .. } => unknown::is_real_tool(name),
        // In a container the image decides: what it has not is not found.
        Machine::Container { .. } => has(&process.world.borrow(), &process.machine, name),
    }
}

/// What was probably meant by a name that is not found.
pub(super) fn suggestion(process: &Process, name: &str) -> Option<String> {
    let names = names(process);
    unknown::closest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

fn program(name: &str) -> Option<Program> {
    Some(match name {
        "[" | "test" => |process| Box::pin(system_tools::test(process)),
        "ash" | "bash" | "dash" | "sh" => |process| Box::pin(sh::run(process)),
        "awk" => |process| Box::pin(awk::run(process)),
        "base64" => |process| Box::pin(file_tools::base64(process)),
        "cat" => |process| Box::pin(cat::run(process)),
        "chmod" => |process| Box::pin(file_tools::chmod(process)),
        "clear" => |process| Box::pin(system_tools::clear(process)),
        "cp" => |process| Box::pin(file_tools::cp(process)),
        "cut" => |process| Box::pin(cut::run(process)),
        "date" => |process| Box::pin(system_tools::date(process)),
        "echo" => |process| Box::pin(echo::run(process)),
        "egrep" | "fgrep" | "grep" => |process| Box::pin(grep::run(process)),
        "env" | "printenv" => |process| Box::pin(run_tools::env(process)),
        "false" => |process| Box::pin(system_tools::r#false(process)),
        "gcloud" => |process| Box::pin(gcloud::run(process)),
        "head" => |process| Box::pin(head::run(process)),
        "help" | "man" => |process| Box::pin(help::run(process)),
        "hostname" => |process| Box::pin(system_tools::hostname(process)),
        "id" => |process| Box::pin(system_tools::id(process)),
        "kubectl" => kubectl::program,
        "ls" => |process| Box::pin(ls::run(process)),
        "mkdir" => |process| Box::pin(file_tools::mkdir(process)),
        "mv" => |process| Box::pin(file_tools::mv(process)),
        "printf" => |process| Box::pin(printf::run(process)),
        "ps" => |process| Box::pin(system_tools::ps(process)),
        "pwd" => |process| Box::pin(system_tools::pwd(process)),
        "rm" => |process| Box::pin(file_tools::rm(process)),
        "rmdir" => |process| Box::pin(file_tools::rmdir(process)),
        "sed" => |process| Box::pin(sed::run(process)),
        "seq" => |process| Box::pin(system_tools::seq(process)),
        "sleep" => |process| Box::pin(sleep::run(process)),
        "sort" => |process| Box::pin(sort::run(process)),
        "ssh" => |process| Box::pin(ssh::run_ssh(process)),
        "tail" => |process| Box::pin(head::tail(process)),
        "tee" => |process| Box::pin(file_tools::tee(process)),
        "timeout" => |process| Box::pin(run_tools::timeout(process)),
        "touch" => |process| Box::pin(file_tools::touch(process)),
        "tr" => |process| Box::pin(tr::run(process)),
        "true" => |process| Box::pin(system_tools::r#true(process)),
        "uname" => |process| Box::pin(system_tools::uname(process)),
        "uniq" => |process| Box::pin(sort::uniq(process)),
        "watch" => |process| Box::pin(run_tools::watch(process)),
        "wc" => |process| Box::pin(file_tools::wc(process)),
        "which" => |process| Box::pin(system_tools::which(process)),
        "whoami" => |process| Box::pin(system_tools::whoami(process)),
        "xargs" => |process| Box::pin(run_tools::xargs(process)),
        "yes" => |process| Box::pin(system_tools::yes(process)),
        _ => return network::find(name),
    })
}

/// Whether the program that is running is BusyBox's, whose messages are its own.
pub(super) fn is_busybox(process: &Process) -> bool {
    match &process.machine {
        Machine::Laptop | Machine::Node { .. } => false,
        Machine::Container { namespace, pod, container } => {
            let image = files::image_of(&process.world.borrow(), namespace, pod, container);
            image.is_some_and(|image| image.program(process.name()) == Some("busybox"))
        }
    }
}

/// `cat: nofile: No such file or directory`. `doing` is what GNU tools say they could not do: `cannot access`.
async fn complain_of_file(process: &Process, path: &str, doing: &str, error: files::FileError) {
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

/// The same for a path that is not there.
async fn complain_of_path(process: &Process, path: &str, doing: &str) {
    complain_of_file(process, path, doing, files::FileError::NotFound).await;
}

/// Everything that a file, or standard input for `-`, holds; `None` after a message.
async fn read_input(process: &Process, path: &str) -> Option<Vec<u8>> {
    if path == "-" {
        return Some(process.stdin.read_to_end().await);
    }
    match process.read_file(path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            complain_of_file(process, path, "", error).await;
            None
        }
    }
}
