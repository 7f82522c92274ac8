//! All tests, the fastest first; the first failure ends the run.

use crate::{
    Result, browser,
    command::{command, root, run},
    setup::setup,
    web,
};
use std::{fs, time::Instant};

struct Step {
    name: &'static str,
    run: fn() -> Result,
}

const STEPS: [Step; 7] = [
    Step { name: "fmt", run: formatting },
    Step { name: "clippy", run: lints },
    Step { name: "native", run: native },
    Step { name: "wasm-clippy", run: page_lints },
    Step { name: "wasm", run: page_in_browser },
    Step { name: "build", run: web::build },
    Step { name: "e2e", run: built_page },
];

pub fn test(names: &[String]) -> Result {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != *name)) {
        let known = STEPS.map(|step| step.name).join(", ");
        return Err(format!("There is no step `{unknown}`. These exist, in this order: {known}."));
    }
    setup()?;
    let mut times = Vec::new();
    for step in STEPS.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)) {
        println!("\n── {} ──", step.name);
        let start = Instant::now();
        let result = (step.run)();
        let verdict = if result.is_ok() { "passed" } else { "FAILED" };
        times.push(format!("{:<12} {verdict} {:6.1} s", step.name, start.elapsed().as_secs_f32()));
        if result.is_err() {
            println!("\n{}", times.join("\n"));
            return result;
        }
    }
    println!("\n{}", times.join("\n"));
    Ok(())
}

fn formatting() -> Result {
    run(command("cargo").args(["fmt", "--all", "--check"]))
}

/// The page is left out here and below: it is only ever compiled to wasm, and its crates would double a cold run.
fn lints() -> Result {
    run(command("cargo").args(["clippy", "--workspace", "--exclude", "hoplab-app", "--all-targets", "--", "--deny", "warnings"]))
}

fn native() -> Result {
    run(command("cargo").args(["test", "--workspace", "--exclude", "hoplab-app", "--no-fail-fast"]))
}

fn page_lints() -> Result {
    run(command("cargo").args([
        "clippy",
        "--package",
        "hoplab-app",
        "--target",
        "wasm32-unknown-unknown",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

/// How the browser is started is in `app/webdriver.json`.
fn page_in_browser() -> Result {
    browser::chromium()?;
    run(command("cargo")
        .args(["test", "--package", "hoplab-app", "--target", "wasm32-unknown-unknown"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", browser::chromedriver()?))
}

fn built_page() -> Result {
    let folder = "app/tests/e2e";
    let entries = fs::read_dir(root().join(folder)).map_err(|error| format!("Could not list {folder}: {error}."))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut files: Vec<_> = names.filter(|name| name.ends_with(".test.mjs")).map(|name| format!("{folder}/{name}")).collect();
    files.sort();
    run(browser::node()?.args(["--test", "--test-reporter=spec"]).args(files))
}
