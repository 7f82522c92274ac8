//! `hoplab lab check DIR…`: a lab proves itself. Its start fails every step's checks, each step's solution makes them pass, and
//! every link in its text leads somewhere.

use crate::Failure;
use crate::input;
use hoplab_core::lab::{Lab, Session};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

/// More polls than any solution needs; a lab that hangs is a fault of the lab.
const MAX_POLLS: usize = 2_000_000;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let mut words = Vec::new();
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Value(word) => words.push(PathBuf::from(word)),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let (verb, folders) = words.split_first().ok_or("lab: the form is hoplab lab check DIR…")?;
    if verb != Path::new("check") || folders.is_empty() {
        return Err("lab: the form is hoplab lab check DIR…".to_owned());
    }
    let mut faults = 0;
    for folder in folders {
        let found = check(folder)?;
        let name = folder.display();
        found.iter().for_each(|fault| input::say(format!("{name}: {fault}")));
        if found.is_empty() {
            input::say(format!("{name}: good"));
        }
        faults += found.len();
    }
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files)?;
    let slug = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let lab = match Lab::parse(&slug, &files) {
        Ok(lab) => Rc::new(lab),
        Err(diagnostics) => return Ok(diagnostics.iter().map(ToString::to_string).collect()),
    };
    let mut faults = broken_links(folder, &files);
    let mut session = match Session::start(Rc::clone(&lab), None) {
        Ok(session) => session,
        Err(diagnostics) => return Ok(diagnostics.iter().map(ToString::to_string).collect()),
    };
    for (index, step) in lab.steps.iter().enumerate() {
        let title = &step.title;
        if !step.checks.is_empty() && session.check(index).passed() {
            faults.push(format!("step “{title}”: its checks pass before anything was done"));
        }
        answer(&mut session, &files, index)?;
        session.submit(&step.solution);
        if !finish(&mut session) {
            faults.push(format!("step “{title}”: its solution does not end"));
            return Ok(faults);
        }
        let failed = session.check(index).checks.into_iter().filter(|check| !check.passed);
        faults.extend(failed.map(|check| {
            format!(
                "step “{title}”, check “{}” fails after the solution: expected {}; observed {}",
                check.name, check.expected, check.observed
            )
        }));
    }
    Ok(faults)
}

/// The right answers of a step stand beside its solution, in `answers.yaml`.
fn answer(session: &mut Session, files: &BTreeMap<String, String>, index: usize) -> Result<(), Failure> {
    let folders: std::collections::BTreeSet<_> =
        files.keys().filter_map(|path| path.strip_prefix("steps/")?.split_once('/').map(|(folder, _)| folder)).collect();
    let Some(text) = folders.iter().nth(index).and_then(|folder| files.get(&format!("steps/{folder}/answers.yaml"))) else {
        return Ok(());
    };
    let answers = hoplab_core::manifest::read_value(text, "answers.yaml").map_err(|faults| faults[0].to_string())?;
    for (question, answer) in answers.as_object().into_iter().flatten() {
        session.answer(question, answer.as_str().unwrap_or_default());
    }
    Ok(())
}

fn finish(session: &mut Session) -> bool {
    for _ in 0..MAX_POLLS {
        session.poll();
        if !session.is_busy() {
            return true;
        }
    }
    false
}

/// Links inside hoplab (`#/lab/NAME`) must name a lab beside this one; others must be https.
fn broken_links(folder: &Path, files: &BTreeMap<String, String>) -> Vec<String> {
    let labs = folder.parent().unwrap_or(Path::new("."));
    let mut faults = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let leads = match target.strip_prefix("#/lab/") {
                Some(slug) => labs.join(slug).is_dir(),
                None => target.starts_with("https://"),
            };
            if !leads {
                faults.push(format!("{path}: the link {target} leads nowhere"));
            }
        }
    }
    faults
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(inside) = path.strip_prefix(root) {
            files.insert(inside.to_string_lossy().into_owned(), input::read(&path)?);
        }
    }
    Ok(())
}
