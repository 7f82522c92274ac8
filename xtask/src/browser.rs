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
    if let Some(named) = env::var_os(variable) {
        return Ok(named.into());
    }
    let look = || programs.iter().find_map(|program| find(program));
    look().or_else(|| install().ok().and_then(|()| look())).ok_or_else(|| {
        format!(
            "The tests need Chromium and chromedriver: install them (Debian, as root: apt-get install chromium chromium-driver), \
             or name the program in {variable}."
        )
    })
}

fn install() -> Result {
    println!("Set-up: Chromium and its driver from apt");
    let root = output(command("id").arg("-u")).as_deref() == Some("0");
    let program = if root { "env" } else { "sudo" };
    let apt = || {
        let mut apt = command(program);
        apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        apt
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver", "fonts-liberation"]))
}
