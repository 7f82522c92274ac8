//! A field of a document with its path, and the faults that can be found in it, worded as apimachinery's `field.Error`.
//! Knows no kind.

use serde_json::Value;

/// One line of a validation error (apimachinery's `field.Error`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// `spec.ports[0].port`
    pub field: String,
    /// `Required value`, `Invalid value`, `Unsupported value` …
    pub kind: String,
    /// What stands behind the kind: the value where the server quotes it, and the detail. May be empty.
    pub message: String,
}

/// `spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`
impl core::fmt::Display for FieldError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

impl FieldError {
    pub(super) fn new(field: &str, kind: &str, message: String) -> Self {
        Self { field: field.to_owned(), kind: kind.to_owned(), message }
    }

    /// Without the field: what the server puts into a status' causes.
    pub fn body(&self) -> String {
        if self.message.is_empty() { self.kind.clone() } else { format!("{}: {}", self.kind, self.message) }
    }
}

pub(super) type Faults = Vec<FieldError>;

/// A place in a document. An absent field is null.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub path: String,
    pub value: &'a Value,
}

impl<'a> Field<'a> {
    pub fn root(document: &'a Value) -> Self {
        Self { path: String::new(), value: document }
    }

    pub fn child(&self, name: &str) -> Field<'a> {
        let dot = if self.path.is_empty() { "" } else { "." };
        Field { path: format!("{}{dot}{name}", self.path), value: self.value.get(name).unwrap_or(&Value::Null) }
    }

    /// A deeper field: `at("spec.template.spec")`.
    pub fn at(&self, path: &str) -> Field<'a> {
        path.split('.').fold(self.clone(), |field, name| field.child(name))
    }

    pub fn items(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let path = self.path.clone();
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(move |(index, value)| Field { path: format!("{path}[{index}]"), value })
    }

    /// Keys and values of a map, each with the path `field[key]`.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Field<'a>)> + use<'a> {
        let path = self.path.clone();
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(move |(key, value)| (key.as_str(), Field { path: format!("{path}[{key}]"), value }))
    }

    pub fn len(&self) -> usize {
        self.value.as_array().map(Vec::len).or_else(|| self.value.as_object().map(serde_json::Map::len)).unwrap_or_default()
    }

    pub fn is_set(&self) -> bool {
        !self.value.is_null()
    }

    /// Empty when absent, as Go's zero value.
    pub fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    /// Zero when absent, as Go's zero value.
    pub fn number(&self) -> i64 {
        self.value.as_i64().unwrap_or_default()
    }

    pub fn is_true(&self) -> bool {
        self.value.as_bool().unwrap_or_default()
    }

    pub fn invalid(&self, detail: impl AsRef<str>) -> FieldError {
        self.invalid_value(&go_value(self.value), detail)
    }

    /// `value` is already in Go's notation.
    pub fn invalid_value(&self, value: &str, detail: impl AsRef<str>) -> FieldError {
        FieldError::new(&self.path, "Invalid value", format!("{value}: {}", detail.as_ref()))
    }

    pub fn required(&self, detail: &str) -> FieldError {
        FieldError::new(&self.path, "Required value", detail.to_owned())
    }

    pub fn forbidden(&self, detail: impl Into<String>) -> FieldError {
        FieldError::new(&self.path, "Forbidden", detail.into())
    }

    pub fn duplicate(&self) -> FieldError {
        FieldError::new(&self.path, "Duplicate value", go_value(self.value))
    }

    pub fn not_found(&self) -> FieldError {
        FieldError::new(&self.path, "Not found", go_value(self.value))
    }

    pub fn unsupported(&self, supported: &[&str]) -> FieldError {
        let supported: Vec<_> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!("{}: supported values: {}", go_value(self.value), supported.join(", "));
        FieldError::new(&self.path, "Unsupported value", message)
    }

    /// `Required value` when empty, `Unsupported value` when not among `supported`.
    pub fn one_of(&self, supported: &[&str], faults: &mut Faults) {
        if self.text().is_empty() {
            faults.push(self.required(""));
        } else if !supported.contains(&self.text()) {
            faults.push(self.unsupported(supported));
        }
    }

    /// One `Invalid value` for each complaint about the field's text.
    pub fn check(&self, complaints: Vec<String>, faults: &mut Faults) {
        faults.extend(complaints.iter().map(|complaint| self.invalid(complaint)));
    }

    pub fn non_negative(&self, faults: &mut Faults) {
        if self.number() < 0 {
            faults.push(self.invalid("must be greater than or equal to 0"));
        }
    }
}

/// As Go's `%#v` prints the value, near enough: texts quoted, string maps as `map[string]string{"a":"b"}`.
pub(super) fn go_value(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Object(fields) if fields.values().all(Value::is_string) => format!("map[string]string{value}"),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            format!("[]string{{{}}}", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
