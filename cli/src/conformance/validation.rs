//! The family `validation/`: one manifest per file, `index.json` says what the API server answers. A case passes when the
//! simulator accepts or refuses as the server does and, where the case says so, names the same fields with the same faults.

use super::Family;
use crate::Failure;
use hoplab_core::diagnostic::{Diagnostic, Level};
use hoplab_core::manifest;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    file: String,
    expect: Verdict,
    #[serde(default)]
    errors: Vec<ExpectedError>,
    /// The API server's defaulting would repair the object; either answer is right.
    #[serde(default)]
    defaulting_sensitive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Valid,
    Invalid,
}

#[derive(Debug, Deserialize)]
struct ExpectedError {
    field: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Compared only beside a field: elsewhere it is another tool's wording.
    message: Option<String>,
}

pub fn run(directory: &Path) -> Result<Family, Failure> {
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).map_err(|error| format!("{name}: {error}"));
    let cases: Vec<Case> = serde_json::from_str(&read("index.json")?).map_err(|error| format!("index.json: {error}"))?;
    let mut family = Family::new("validation");
    for case in cases {
        match read(&case.file) {
            Ok(text) => judge(&case, &text, &mut family),
            Err(failure) => family.verdict(case.file, false, "a manifest", failure),
        }
    }
    Ok(family)
}

fn judge(case: &Case, text: &str, family: &mut Family) {
    let faults: Vec<_> = manifest::validate(text, &case.file).into_iter().filter(|fault| fault.level == Level::Error).collect();
    let verdict = if faults.is_empty() { Verdict::Valid } else { Verdict::Invalid };
    let expected = case.errors.iter().filter(|error| error.field.is_some());
    let passed = case.defaulting_sensitive
        || verdict == case.expect && expected.into_iter().all(|error| faults.iter().any(|fault| error.is_found_in(fault)));
    let got: Vec<_> = faults.iter().map(|fault| fault.message.clone()).collect();
    family.verdict(&case.file, passed, format!("{:?} {:?}", case.expect, case.errors), format!("{verdict:?} {got:?}"));
}

impl ExpectedError {
    fn is_found_in(&self, fault: &Diagnostic) -> bool {
        let says = |part: &Option<String>| part.as_ref().is_none_or(|part| fault.message.contains(part.as_str()));
        self.field == fault.field && says(&self.kind) && says(&self.message)
    }
}
