//! `hoplab validate`: what the API server would say of manifests, with positions.

use crate::Failure;
use crate::input::{self, Format, text_value};
use hoplab_core::diagnostic::{Diagnostic, Level};
use hoplab_core::manifest;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let (mut files, mut format) = (Vec::new(), Format::Text);
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Short('o') => format = Format::parse(&text_value(&mut arguments)?)?,
            lexopt::Arg::Value(file) => files.push(PathBuf::from(file)),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if files.is_empty() {
        return Err("validate: which files?".to_owned());
    }
    let mut found: Vec<Diagnostic> = Vec::new();
    for file in &files {
        found.extend(manifest::validate(&input::read(file)?, &file.display().to_string()));
    }
    match format {
        Format::Text => found.iter().for_each(input::say),
        Format::Json => input::say_json(&found)?,
    }
    let valid = found.iter().all(|diagnostic| diagnostic.level != Level::Error);
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
