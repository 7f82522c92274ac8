//! `jsonpath/`: templates and documents, and what client-go prints or refuses.

use super::{Family, read_json};
use crate::Failure;
use hoplab_core::jsonpath::Template;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Cases {
    inputs: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    id: Value,
    template: String,
    allow_missing_keys: bool,
    input: Option<String>,
    #[serde(default)]
    compare: String,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    output: Option<String>,
    error: Option<String>,
}

pub fn run(folder: &Path) -> Result<Family, Failure> {
    let cases: Cases = read_json(&folder.join("cases.json"))?;
    let mut family = Family::new("jsonpath");
    for case in &cases.cases {
        let input = case.input.as_ref().and_then(|hash| cases.inputs.get(hash)).unwrap_or(&Value::Null);
        let got = Template::parse(&case.template)
            .and_then(|template| template.allow_missing_keys(case.allow_missing_keys).execute(input))
            .unwrap_or_else(|error| format!("error: {error}"));
        let expected = match (&case.expect.output, &case.expect.error) {
            (Some(output), _) => output.clone(),
            (None, error) => format!("error: {}", error.as_deref().unwrap_or_default()),
        };
        let same = match case.compare.as_str() {
            "sorted-fields" => sorted_fields(&got) == sorted_fields(&expected),
            _ => got == expected,
        };
        family.verdict(format!("{} {}", case.id, case.template), same, expected, got);
    }
    Ok(family)
}

fn sorted_fields(text: &str) -> Vec<&str> {
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    fields.sort_unstable();
    fields
}
