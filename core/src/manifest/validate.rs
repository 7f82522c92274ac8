//! What the API server would say of a text, without a cluster: every document parsed, defaulted and validated as a new object.

use super::{Document, Manifest, nearest_position, parse};
use crate::api::validation::{self, FieldError};
use crate::api::{Kind, ObjectRef, defaults};
use crate::diagnostic::{Diagnostic, Position};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that is wrong with a text, in the order of the text. For a fault in a value, `field` is its path and `message`
/// reads `PATH: Invalid value: …`.
pub fn validate(text: &str, source: &str) -> Vec<Diagnostic> {
    let Manifest { documents, mut diagnostics, .. } = parse(text, source);
    let mut seen: BTreeMap<ObjectRef, Option<Position>> = BTreeMap::new();
    for document in &documents {
        for fault in object(document.object.kind(), document.object.document()) {
            let position = nearest_position(&document.positions, &fault.field);
            let diagnostic = Diagnostic::error(source, fault.to_string());
            diagnostics.push(Diagnostic { position, field: Some(fault.field), ..diagnostic });
        }
        let position = name_position(document);
        if let Some(first) = seen.insert(document.object.reference(), position) {
            let hint = first.map(|first| format!("The other one is in line {}.", first.line));
            let message = format!("{} stands here a second time: the object already exists", document.object.reference());
            diagnostics.push(Diagnostic { position, hint, ..Diagnostic::error(source, message) });
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.position);
    diagnostics
}

fn name_position(document: &Document) -> Option<Position> {
    nearest_position(&document.positions, "metadata.name")
}

/// What is wrong with one document as a new object, in the namespace `default` unless it says another.
pub(super) fn object(kind: Kind, document: &Value) -> Vec<FieldError> {
    let mut document = document.clone();
    if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut).filter(|_| kind.resource().namespaced)
        && metadata.get("namespace").and_then(Value::as_str).unwrap_or_default().is_empty()
    {
        metadata.insert("namespace".to_owned(), json!("default"));
    }
    defaults::apply(kind, &mut document);
    validation::validate(kind, &document)
}
