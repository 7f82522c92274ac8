//! Families that the simulator does not run yet. Their cases count, and count as failed.

use super::{Family, read_json};
use crate::Failure;
use serde_json::Value;
use std::path::Path;

const NOT_MODELLED: &str = "not modelled yet";

/// `kernel/`: one scenario per file.
pub fn kernel(directory: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("kernel");
    let entries = std::fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names.iter().filter(|name| name.ends_with(".json")) {
        family.verdict(name, false, "what the kernel observed", NOT_MODELLED);
    }
    Ok(family)
}

/// `l7/`: every request and every status check.
pub fn l7(directory: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("l7");
    let gateway: Value = read_json(&directory.join("gateway-api/cases.json"))?;
    for test in items(&gateway["tests"]) {
        count(&mut family, &test["id"], "requests", &test["requests"]);
        count(&mut family, &test["id"], "status", &test["status"]);
    }
    let ingress: Value = read_json(&directory.join("ingress/cases.json"))?;
    for group in items(&ingress["groups"]) {
        count(&mut family, &group["id"], "cases", &group["cases"]);
    }
    Ok(family)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn count(family: &mut Family, id: &Value, what: &str, cases: &Value) {
    let id = id.as_str().unwrap_or_default();
    for index in 0..items(cases).count() {
        family.verdict(format!("{id}#{what}-{index}"), false, "the case's answer", NOT_MODELLED);
    }
}
