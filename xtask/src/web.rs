//! The page: serving it while one works on it, building it to publish, measuring and photographing what was built.

use crate::{
    Result, browser,
    command::{command, run},
    setup::setup,
};
use std::{os::unix::process::CommandExt, process::Command};

/// Serves what visitors will get, but for wasm-opt's pass. `--dev` rebuilds sooner and simulates slower.
/// Its files lie apart from dist/, so that tests and publishing never meet a half-optimised page.
pub fn serve(flags: &[String]) -> Result {
    let profile = match flags {
        [] => "web",
        [flag] if flag == "--dev" => "dev",
        other => return Err(format!("`serve` takes only --dev, not {other:?}.")),
    };
    setup()?;
    println!("Building the page; it will be on http://127.0.0.1:8080");
    // In place of this process, so that whoever stops the command stops the server.
    let error = trunk("serve").args(["--cargo-profile", profile, "--dist", "target/serve"]).exec();
    Err(format!("Could not start trunk: {error}."))
}

pub fn build() -> Result {
    setup()?;
    run(trunk("build").args(["--release", "--cargo-profile", "web"]))?;
    println!("The page is in dist/: copy that folder to any static host, below any path.");
    Ok(())
}

pub fn size(route: &[String]) -> Result {
    build()?;
    // First the frames, which cannot fail; the size may.
    run(browser::node()?.arg("app/tests/e2e/frames.mjs"))?;
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
