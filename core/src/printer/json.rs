//! `-o json`: four spaces, keys sorted, as Go's encoder escapes.

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// The text of a document, with a newline at its end.
pub fn to_json(document: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    document.serialize(&mut serializer).expect("a JSON value always has a text");
    let text = String::from_utf8(bytes).expect("serde_json writes UTF-8");
    format!("{}\n", crate::jsonpath::escape_html(&text))
}
