//! `printers/`: what `kubectl get` prints. Cells of Kubernetes v1.28.7, text layout of cli-runtime.

use super::{Family, read_json};
use crate::Failure;
use hoplab_core::clock::Instant;
use hoplab_core::printer::{self, Column, Layout, Row, Table, TablePrinter, View};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// The cases come from this minor version.
const MINOR: u32 = 28;

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct CellCase {
    id: Value,
    kind: String,
    options: CellOptions,
    object: Value,
    columns: Vec<Column>,
    rows: Vec<ExpectedRow>,
    now: String,
}

#[derive(Deserialize)]
struct CellOptions {
    wide: bool,
}

#[derive(Deserialize)]
struct ExpectedRow {
    cells: Vec<Value>,
}

#[derive(Deserialize)]
struct TextCase {
    id: Value,
    options: TextOptions,
    calls: Vec<Call>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TextOptions {
    column_labels: Option<Vec<String>>,
    kind: String,
    no_headers: bool,
    show_labels: bool,
    wide: bool,
    with_kind: bool,
    with_namespace: bool,
}

#[derive(Deserialize)]
struct Call {
    objtype: String,
    object: Value,
    output: String,
}

pub fn run(folder: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("printers");
    let cells: Cases<CellCase> = read_json(&folder.join("cases.json"))?;
    for case in &cells.cases {
        check_cells(&mut family, case)?;
    }
    let texts: Cases<TextCase> = read_json(&folder.join("table_text.json"))?;
    for case in texts.cases {
        check_text(&mut family, case)?;
    }
    Ok(family)
}

fn check_cells(family: &mut Family, case: &CellCase) -> Result<(), Failure> {
    let view = View { now: moment(&case.now)?, minor: MINOR, wide: case.options.wide };
    let table = printer::table(&case.kind, [&case.object], &view);
    let columns = |columns: &[Column]| columns.iter().map(|column| (column.name.clone(), column.priority)).collect::<Vec<_>>();
    let got: Vec<&Vec<Value>> = table.rows.iter().map(|row| &row.cells).collect();
    let expected: Vec<&Vec<Value>> = case.rows.iter().map(|row| &row.cells).collect();
    let (expected, got) = ((columns(&case.columns), expected), (columns(&table.columns), got));
    family.check(format!("{} {}", case.id, case.kind), format!("{expected:?}"), format!("{got:?}"));
    Ok(())
}

/// RFC 3339 with a fraction.
fn moment(text: &str) -> Result<Instant, Failure> {
    let whole = Instant::parse_rfc3339(text).ok_or_else(|| format!("{text}: not a time"))?;
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Ok(Instant::from_micros(whole.micros() + micros.parse::<u64>().map_err(|error| error.to_string())?))
}

fn check_text(family: &mut Family, case: TextCase) -> Result<(), Failure> {
    let options = case.options;
    let layout = Layout {
        wide: options.wide,
        no_headers: options.no_headers,
        show_labels: options.show_labels,
        with_namespace: options.with_namespace,
        kind: (options.with_kind && !options.kind.is_empty()).then(|| options.kind.to_lowercase()),
        column_labels: options.column_labels.unwrap_or_default(),
    };
    let mut printer = TablePrinter::new(layout);
    let (mut expected, mut got) = (String::new(), String::new());
    for call in case.calls {
        expected.push_str(&call.output);
        got.push_str(&print(&mut printer, &call.objtype, &call.object)?);
    }
    family.check(format!("table text {}", case.id), expected, got);
    Ok(())
}

fn print(printer: &mut TablePrinter, kind: &str, object: &Value) -> Result<String, Failure> {
    if kind.ends_with("WatchEvent") {
        let event = object["type"].as_str().unwrap_or_default();
        let event = match event {
            "ADDED" | "DELETED" | "ERROR" => format!("{event:<8}"),
            event => event.to_owned(),
        };
        return Ok(printer.print(table(&object["object"])?, Some(&event)));
    }
    Ok(printer.print(table(object)?, None))
}

/// A `meta.k8s.io` Table, or the default table of any other object.
fn table(object: &Value) -> Result<Table, Failure> {
    if object["columnDefinitions"].is_array() || object["rows"].is_array() {
        let columns = object.get("columnDefinitions").cloned().unwrap_or(Value::Array(Vec::new()));
        let columns: Vec<Column> = serde_json::from_value(columns).map_err(|error| error.to_string())?;
        let rows = object["rows"].as_array().into_iter().flatten();
        let row =
            |row: &Value| Row { cells: row["cells"].as_array().cloned().unwrap_or_default(), object: row["object"].clone() };
        return Ok(Table { columns, rows: rows.map(row).collect() });
    }
    let kind = if object["kind"] == "Status" { "Status" } else { "" };
    Ok(printer::table(kind, [object], &View { now: Instant::default(), minor: MINOR, wide: false }))
}
