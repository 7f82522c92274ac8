//! The browser that tests drive: Chromium with its driver, from `CHROMIUM` and `CHROMEDRIVER`, from PATH, or else from Debian.

use crate::{
    Result,
    command::{command, find, output, run},
};
use std::{env, path::PathBuf, process::Command};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A Node.js that knows the browser.
pub fn node() -> Result<Command> {
    let mut node = command("node");
    node.env("CHROMIUM", chromium()?);
    Ok(node)
}

pub fn chromium() -> Result<PathBuf> {
    located("CHROMIUM", &CHROMIUM)
}

pub fn chromedriver() -> Result<PathBuf> {
    located("CHROMEDRIVER", &["chromedriver"])
}

fn located(variable: &str, programs: &[&str]) -> Result<PathBuf> {
    let look = || programs.iter().find_map(|program| find(program));
    if let Some(named) = env::var_os(variable) {
        return Ok(named.into());
    }
    if let Some(found) = look() {
        return Ok(found);
    }
    install().ok().and_then(|()| look()).ok_or_else(|| {
        format!("The tests need Chromium and chromedriver: install them (Debian, as root: apt-get install chromium chromium-driver), or name the program in {variable}.")
    })
}

fn install() -> Result {
    println!("Set-up: Chromium and its driver from apt");
    let root = output(command("id").arg("-u")).as_deref() == Some("0");
    let apt = || if root { command("apt-get") } else { via_sudo() };
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]))
}

fn via_sudo() -> Command {
    let mut sudo = command("sudo");
    sudo.arg("apt-get");
    sudo
}
