//! A lab's folder, as texts by path, to a [`Lab`]. Somebody else may have written it: faults come back with their place.

use super::{Check, Lab, LabStep, Question};
use crate::diagnostic::Diagnostic;
use crate::manifest;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabFile {
    title: String,
    minutes: u32,
    level: String,
    goal: String,
    /// Its place in the list: what a lab builds upon has a smaller number.
    order: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    title: String,
    #[serde(default)]
    questions: Vec<Question>,
    #[serde(default)]
    checks: Vec<Check>,
    #[serde(default)]
    hints: Vec<String>,
}

impl Lab {
    /// `files` holds the folder's texts by path relative to it: `lab.yaml`, `cluster.yaml`, `steps/01-name/step.yaml` …
    pub fn parse(slug: &str, files: &BTreeMap<String, String>) -> Result<Lab, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let head: Option<LabFile> = read(files, "lab.yaml", &mut faults);
        let scene = text(files, "cluster.yaml", &mut faults);
        let steps: Vec<LabStep> = step_folders(files).iter().filter_map(|folder| step(files, folder, &mut faults)).collect();
        if steps.is_empty() && faults.is_empty() {
            faults.push(Diagnostic::error("steps", "a lab needs at least one step folder, steps/01-name"));
        }
        match (head, faults.is_empty()) {
            (Some(LabFile { title, minutes, level, goal, order: _ }), true) => {
                let start = files.get("start.sh").cloned().unwrap_or_default();
                Ok(Lab { slug: slug.to_owned(), title, minutes, level, goal, scene, start, steps })
            }
            _ => Err(faults),
        }
    }
}

/// `steps/01-name`, in order.
fn step_folders(files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let folder = |path: &String| {
        path.strip_prefix("steps/").and_then(|rest| rest.split_once('/')).map(|(name, _)| format!("steps/{name}"))
    };
    files.keys().filter_map(folder).collect()
}

fn step(files: &BTreeMap<String, String>, folder: &str, faults: &mut Vec<Diagnostic>) -> Option<LabStep> {
    let head: Option<StepFile> = read(files, &format!("{folder}/step.yaml"), faults);
    let rendered = files.get(&format!("{folder}/text.html")).cloned();
    let text = rendered.unwrap_or_else(|| text(files, &format!("{folder}/text.md"), faults));
    let solution = files.get(&format!("{folder}/solution.sh")).cloned().unwrap_or_default();
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let slug = name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-').to_owned();
    let StepFile { title, questions, checks, hints } = head?;
    Some(LabStep { slug, title, text, questions, checks, hints, solution })
}

fn text(files: &BTreeMap<String, String>, path: &str, faults: &mut Vec<Diagnostic>) -> String {
    files.get(path).cloned().unwrap_or_else(|| {
        faults.push(Diagnostic::error(path, "this file is missing"));
        String::new()
    })
}

fn read<T: serde::de::DeserializeOwned>(files: &BTreeMap<String, String>, path: &str, faults: &mut Vec<Diagnostic>) -> Option<T> {
    let text = text(files, path, faults);
    if text.is_empty() {
        return None;
    }
    match manifest::read_value(&text, path) {
        Ok(value) => T::deserialize(value).map_err(|error| faults.push(Diagnostic::error(path, error.to_string()))).ok(),
        Err(diagnostics) => {
            faults.extend(diagnostics);
            None
        }
    }
}

/// What the list of labs says of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabSummary {
    pub slug: String,
    pub title: String,
    pub minutes: u32,
    pub level: String,
    pub goal: String,
    order: u32,
}

impl LabSummary {
    /// Reads the index that the site's build writes, `[{"slug": …, "lab": text of lab.yaml}]`, in the order of learning.
    pub fn parse_index(text: &str) -> Result<Vec<LabSummary>, String> {
        #[derive(Deserialize)]
        struct Entry {
            slug: String,
            lab: String,
        }
        let entries: Vec<Entry> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let summary = |Entry { slug, lab }: Entry| {
            let value =
                manifest::read_value(&lab, &slug).map_err(|faults| faults.iter().map(ToString::to_string).collect::<String>())?;
            let LabFile { title, minutes, level, goal, order } =
                LabFile::deserialize(value).map_err(|error| format!("{slug}: {error}"))?;
            Ok(LabSummary { slug, title, minutes, level, goal, order })
        };
        let mut labs = entries.into_iter().map(summary).collect::<Result<Vec<LabSummary>, String>>()?;
        labs.sort_by(|a, b| (a.order, &a.slug).cmp(&(b.order, &b.slug)));
        Ok(labs)
    }
}
