//! What the commands share: reading files, and the two output forms.

use crate::Failure;
use hoplab_core::world::World;
use std::fmt::Display;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
}

impl Format {
    pub fn parse(word: &str) -> Result<Self, Failure> {
        match word {
            "text" => Ok(Format::Text),
            "json" => Ok(Format::Json),
            other => Err(format!("-o {other}: the forms are text and json")),
        }
    }
}

/// Prints a line. A reader that has gone (`hoplab … | head`) ends the program as SIGPIPE ends other tools.
pub fn say(line: impl Display) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(128 + 13);
    }
}

/// Prints a value as JSON.
pub fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    say(serde_json::to_string_pretty(value).map_err(|error| error.to_string())?);
    Ok(())
}

/// The value of the option just read.
pub fn text_value(arguments: &mut lexopt::Parser) -> Result<String, Failure> {
    let value = arguments.value().map_err(|error| error.to_string())?;
    value.into_string().map_err(|value| format!("{value:?} is not text"))
}

/// A file's text; `-` is standard input.
pub fn read(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input: {error}"))?;
        return Ok(text);
    }
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The world that the files given with `-f` describe, at rest.
pub fn world(files: &[PathBuf]) -> Result<World, Failure> {
    let texts = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let name = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("+");
    World::from_scene(&texts.join("\n---\n"), &name, None)
        .map_err(|diagnostics| diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}
