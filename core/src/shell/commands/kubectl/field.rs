//! Setting fields of a document that somebody wrote. Knows nothing of kinds.

use serde_json::{Value, json};

/// Sets the field at a path, making the maps on the way where there are none.
pub(super) fn set(document: &mut Value, path: &[&str], value: Value) {
    *value_at(document, path) = value;
}

/// The value at a path; null where there was nothing.
pub(super) fn value_at<'a>(document: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(document, |place, key| {
        if !place.is_object() {
            *place = json!({});
        }
        &mut place[*key]
    })
}
