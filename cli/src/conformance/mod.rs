//! `hoplab conformance DIR`: cases from real implementations against the simulator. One file per family; a case that cannot be
//! run counts as failed, never as skipped.

mod dns;
mod jsonpath;
mod kubeproxy;
pub mod netpol;
mod printers;
mod unmodelled;
mod validation;

use crate::Failure;
use crate::input::{self, Format, text_value};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A family's score and everything that went wrong.
#[derive(Debug, Serialize)]
pub struct Family {
    pub name: &'static str,
    pub passed: usize,
    pub total: usize,
    pub failures: Vec<FailedCase>,
}

#[derive(Debug, Serialize)]
pub struct FailedCase {
    pub case: String,
    pub expected: String,
    pub got: String,
}

impl Family {
    pub fn new(name: &'static str) -> Self {
        Self { name, passed: 0, total: 0, failures: Vec::new() }
    }

    /// Counts one case.
    pub fn check(&mut self, case: impl Into<String>, expected: impl Into<String>, got: impl Into<String>) {
        let (expected, got) = (expected.into(), got.into());
        self.verdict(case, expected == got, expected, got);
    }

    /// Counts one case whose comparison is not plain equality.
    pub fn verdict(&mut self, case: impl Into<String>, passed: bool, expected: impl Into<String>, got: impl Into<String>) {
        self.total += 1;
        if passed {
            self.passed += 1;
        } else {
            self.failures.push(FailedCase { case: case.into(), expected: expected.into(), got: got.into() });
        }
    }
}

type Runner = fn(&Path) -> Result<Family, Failure>;

/// Every family by its folder.
const FAMILIES: &[(&str, Runner)] = &[
    ("dns", dns::run),
    ("jsonpath", jsonpath::run),
    ("kernel", unmodelled::kernel),
    ("kubeproxy", kubeproxy::run),
    ("l7", unmodelled::l7),
    ("netpol", netpol::run),
    ("printers", printers::run),
    ("validation", validation::run),
];

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let mut directory = None;
    let mut format = Format::Text;
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Short('o') => format = Format::parse(&text_value(&mut arguments)?)?,
            lexopt::Arg::Value(path) => directory = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let directory = directory.ok_or("conformance: which directory?")?;
    let families = families(&directory)?;
    match format {
        Format::Text => {
            families.iter().for_each(|family| input::say(format!("{} {}/{}", family.name, family.passed, family.total)))
        }
        Format::Json => input::say_json(&families)?,
    }
    let all_passed = families.iter().all(|family| family.passed == family.total);
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn families(directory: &Path) -> Result<Vec<Family>, Failure> {
    let mut families = Vec::new();
    for (name, runner) in FAMILIES {
        let folder = directory.join(name);
        if folder.is_dir() {
            families.push(runner(&folder)?);
        }
    }
    Ok(families)
}

/// The folders of a directory, in order.
pub fn folders(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut folders: Vec<_> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}

/// A JSON file of cases.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = crate::input::read(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
