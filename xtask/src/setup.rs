//! Fetches the tools that the page's build and tests need, at exactly the versions this project was tested with.
//! Everything lands in `target/tools` and `app/node_modules`; nothing is installed for the machine but rustup's wasm target.

use crate::{
    Result,
    command::{command, output, root, run},
};
use std::fs;

const TRUNK: &str = "0.21.14";
/// The oldest that the npm tools run on.
const NODE: u32 = 18;

pub fn setup() -> Result {
    // What the machine may lack comes before what takes minutes.
    wasm_target()?;
    npm_tools()?;
    // Trunk spends its time waiting for cargo: compiling it without optimisation takes a third of the time and costs nothing.
    cargo_tool("trunk", "trunk", TRUNK, &["--locked"], "0")?;
    // The program and the tool that writes its JavaScript must agree on the version. It works through megabytes, hence level 1.
    // Not --locked: its lock file names a release of webpki-roots that the registry does not offer.
    cargo_tool("wasm-bindgen-cli", "wasm-bindgen", &locked_version("wasm-bindgen")?, &[], "1")
}

fn wasm_target() -> Result {
    let target = "wasm32-unknown-unknown";
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))
        .ok_or("`rustc` does not run. Install Rust from https://rustup.rs.")?;
    if fs::exists(format!("{sysroot}/lib/rustlib/{target}")).unwrap_or(false) {
        return Ok(());
    }
    println!("Set-up: Rust's {target} target");
    run(command("rustup").args(["target", "add", target])).map_err(|error| {
        format!("{error} Add Rust's {target} target: with rustup from https://rustup.rs, or your system's package for it.")
    })
}

/// npm's tools are in place when the lock file they were installed from, kept beside them, is today's.
fn npm_tools() -> Result {
    let node = output(command("node").arg("--version"));
    let major = node.as_deref().and_then(|version| version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        let found = node.unwrap_or_else(|| "none".to_owned());
        return Err(format!(
            "Node.js {NODE} or newer is needed, found: {found}. Install it from https://nodejs.org or, on Debian, with apt-get install nodejs npm."
        ));
    }
    let wanted = read("app/package-lock.json")?;
    if read("app/node_modules/.installed-lock.json").is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Set-up: npm packages of app/package-lock.json");
    run(command("npm").args(["ci", "--prefix", "app", "--no-fund", "--no-audit"]))
        .map_err(|error| format!("{error} It needs npm (Debian: apt-get install npm) and its registry."))?;
    fs::write(root().join("app/node_modules/.installed-lock.json"), wanted)
        .map_err(|error| format!("Could not write into app/node_modules: {error}."))
}

/// Installs `package` unless its `program` of that version is there already.
fn cargo_tool(package: &str, program: &str, version: &str, flags: &[&str], opt_level: &str) -> Result {
    if output(command(program).arg("--version")).is_some_and(|line| line.split(' ').nth(1) == Some(version)) {
        return Ok(());
    }
    println!("Set-up: {package} {version}, compiled once into target/tools; this takes a few minutes");
    run(command("cargo")
        .args(["install", &format!("{package}@{version}"), "--root", "target/tools", "--force"])
        .args(flags)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_PANIC", "unwind"))
    .map_err(|error| format!("{error} It needs a C compiler (Debian: apt-get install build-essential) and the crates registry."))
}

fn locked_version(package: &str) -> Result<String> {
    let lock = read("Cargo.lock")?;
    let start = format!("name = \"{package}\"\nversion = \"");
    let version = lock.split_once(&start).and_then(|(_, rest)| rest.split('"').next());
    version.map(str::to_owned).ok_or_else(|| format!("Cargo.lock does not name {package}."))
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("Could not read {path}: {error}."))
}
