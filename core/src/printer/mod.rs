//! What `kubectl get` prints. Input: documents and a moment. Output: tables (which cells a kind has) and text (how kubectl lays
//! them out), YAML, JSON. Works on documents alone, so kinds that the engine does not know print too.
//! Follows Kubernetes' `pkg/printers/internalversion` and cli-runtime's `tableprinter`.

mod access;
mod age;
mod cluster;
mod configuration;
mod document;
mod format;
mod json;
mod network;
mod pod;
mod scheduling;
mod storage;
mod table;
mod tabwriter;
mod workload;
mod yaml;
mod yaml_scalar;

pub use age::{human_duration, since};
pub use cluster::node_roles;
pub use format::{label_selector, label_selector_as_selector, labels};
pub use json::to_json;
pub use pod::pod_status;
pub use table::{Column, Layout, Row, Table, TablePrinter};
pub use tabwriter::Tabwriter;
pub use yaml::to_yaml;

use crate::clock::Instant;
use serde_json::Value;

/// What a table depends on besides the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub now: Instant,
    /// The API server's minor version: columns came and went (`Status` of a Job in 1.31).
    pub minor: u32,
    /// Whether cells that only `-o wide` shows are asked for. Kubectl always asks and leaves them out itself.
    pub wide: bool,
}

/// A kind's columns and how a document fills them.
struct Printer {
    /// Names separated by `|`; `+` before a name marks a column of `-o wide`.
    columns: &'static str,
    cells: fn(&Value, &View) -> Vec<Value>,
}

/// The table of documents of one kind. A `…List` document gives a row for each of its items.
pub fn table<'a>(kind: &str, documents: impl IntoIterator<Item = &'a Value>, view: &View) -> Table {
    let item_kind = kind.strip_suffix("List").unwrap_or(kind);
    let printer = printer(item_kind, view);
    let mut items: Vec<&Value> = Vec::new();
    for document in documents {
        match document.get("items").and_then(Value::as_array) {
            Some(list) if item_kind != kind => items.extend(list),
            _ => items.push(document),
        }
    }
    if item_kind == "FlowSchema" {
        items.sort_by_key(|item| (document::number(item, "/spec/matchingPrecedence"), document::name(item)));
    }
    let rows = items.into_iter().map(|item| Row { cells: (printer.cells)(item, view), object: item.clone() }).collect();
    Table { columns: Column::list(printer.columns, view.wide), rows }
}

fn printer(kind: &str, view: &View) -> Printer {
    pod::printer(kind)
        .or_else(|| workload::printer(kind, view))
        .or_else(|| network::printer(kind))
        .or_else(|| cluster::printer(kind))
        .or_else(|| configuration::printer(kind))
        .or_else(|| storage::printer(kind, view))
        .or_else(|| access::printer(kind, view))
        .or_else(|| scheduling::printer(kind, view))
        .unwrap_or(Printer { columns: "Name|Age", cells: |document, view| vec![document::named(document), view.age(document)] })
}

impl View {
    /// The AGE cell.
    fn age(&self, document: &Value) -> Value {
        Value::String(self.since(document, "/metadata/creationTimestamp"))
    }

    /// Time since the moment at a path, in kubectl's short form.
    fn since(&self, document: &Value, path: &str) -> String {
        since(document.pointer(path).and_then(Value::as_str), self.now)
    }
}
