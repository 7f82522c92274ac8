//! The page: serving it while one works on it, building it to publish, measuring and photographing what was built.

use crate::{
    Result, browser,
    command::{command, run},
    setup::setup,
};
use std::process::Command;

pub fn serve(flags: &[String]) -> Result {
    setup()?;
    println!("Building the page; it will be on http://127.0.0.1:8080");
    run(trunk("serve").args(flags))
}

pub fn build() -> Result {
    setup()?;
    run(trunk("build").args(["--release", "--cargo-profile", "web"]))?;
    println!("The page is in dist/: copy that folder to any static host, below any path.");
    Ok(())
}

pub fn size(route: &[String]) -> Result {
    build()?;
    run(browser::node()?.arg("app/tests/e2e/size.mjs").args(route))
}

pub fn shots(script: &[String]) -> Result {
    build()?;
    run(browser::node()?.arg("app/tests/e2e/shots.mjs").args(script))
}

fn trunk(verb: &str) -> Command {
    let mut trunk = command("trunk");
    trunk.arg(verb).env("TRUNK_SKIP_VERSION_CHECK", "true");
    trunk
}
