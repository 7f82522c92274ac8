//! Running other programs, always from the top of the repository and with the project's own tools first on PATH.

use crate::Result;
use std::{
    env,
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The top of the repository. Asked at run time, because a checkout may move after this was compiled.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), PathBuf::from)
}

pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env("PATH", path());
    command
}

/// Runs to the end, showing all output.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("Could not start `{}`: {error}.", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed.", shown(command))) }
}

/// What the program prints; `None` if it is missing or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where `program` lies on the PATH that commands get.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&path()).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn path() -> OsString {
    let own = [root().join("target/tools/bin"), root().join("app/node_modules/.bin")];
    let machine = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.into_iter().chain(env::split_paths(&machine))).unwrap_or(machine)
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
