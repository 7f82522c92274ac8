//! Reading a document whose fields may be missing, as Go reads a struct's zero values.

use serde_json::{Value, json};

pub(super) fn text<'a>(document: &'a Value, path: &str) -> &'a str {
    document.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A text that is absent when empty.
pub(super) fn text_or<'a>(document: &'a Value, path: &str, otherwise: &'a str) -> &'a str {
    Some(text(document, path)).filter(|text| !text.is_empty()).unwrap_or(otherwise)
}

/// A pointer's text: an empty one counts as given.
pub(super) fn given_or<'a>(document: &'a Value, path: &str, otherwise: &'a str) -> &'a str {
    document.pointer(path).and_then(Value::as_str).unwrap_or(otherwise)
}

pub(super) fn number(document: &Value, path: &str) -> i64 {
    document.pointer(path).and_then(Value::as_i64).unwrap_or_default()
}

pub(super) fn flag(document: &Value, path: &str) -> bool {
    document.pointer(path).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn list<'a>(document: &'a Value, path: &str) -> &'a [Value] {
    document.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// How many members a map or list has.
pub(super) fn count(document: &Value, path: &str) -> usize {
    match document.pointer(path) {
        Some(Value::Object(fields)) => fields.len(),
        Some(Value::Array(items)) => items.len(),
        _ => 0,
    }
}

pub(super) fn is_set(document: &Value, path: &str) -> bool {
    document.pointer(path).is_some_and(|value| !value.is_null())
}

pub(super) fn name(document: &Value) -> &str {
    text(document, "/metadata/name")
}

/// The NAME cell.
pub(super) fn named(document: &Value) -> Value {
    json!(name(document))
}

/// Texts of a list, joined.
pub(super) fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    texts.into_iter().collect::<Vec<_>>().join(separator)
}

/// An `IntOrString` or a quantity as Go prints it.
pub(super) fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
