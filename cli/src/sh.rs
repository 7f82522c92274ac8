//! `hoplab sh`: the simulated terminal on a file's cluster; standard output, standard error and exit status as a shell would give.

use crate::Failure;
use crate::input::{self, text_value};
use hoplab_core::shell::run_script;
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let (mut files, mut script) = (Vec::new(), None);
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Short('f') => files.push(PathBuf::from(text_value(&mut arguments)?)),
            lexopt::Arg::Short('c') => script = Some(text_value(&mut arguments)?),
            lexopt::Arg::Value(file) if script.is_none() => script = Some(input::read(Path::new(&file))?),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let world = Rc::new(RefCell::new(input::world(&files)?));
    let script = match script {
        Some(script) => script,
        None if std::io::stdin().is_terminal() => {
            return Err("sh: give a script with -c, a file, or on standard input".to_owned());
        }
        None => input::read(Path::new("-"))?,
    };
    let output = run_script(&world, &script);
    // A reader that went away is no failure of the script.
    let _ = std::io::stdout().write_all(output.stdout.as_bytes());
    let _ = std::io::stderr().write_all(output.stderr.as_bytes());
    Ok(ExitCode::from(u8::try_from(output.status).unwrap_or(1)))
}
