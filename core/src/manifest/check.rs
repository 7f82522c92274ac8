//! A document against the schema, as the API server's decoder with strict field validation reads it: fields that do not exist,
//! values of the wrong type. Also finds the fields that the simulator does not act on. Values are not judged here.

use crate::api::Kind;
use crate::api::schema::{self, Field, Shape};
use crate::clock::Instant;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Faults with the path of the field, in the order in which the server meets them.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub wrong_types: Vec<WrongType>,
    pub unknown: Vec<String>,
    pub not_modelled: Vec<String>,
}

/// A value that does not fit its field.
#[derive(Debug)]
pub(super) struct WrongType {
    pub path: String,
    /// What Go's JSON decoder says of it: built-in kinds are decoded into Go's types.
    pub decoder: String,
    /// What the OpenAPI validation of custom resources says of it.
    pub open_api: String,
}

pub(super) fn check(kind: Kind, document: &Value) -> Faults {
    let mut checker = Checker { faults: Faults::default(), path: String::new(), go_path: String::new(), mute: false };
    let Some(fields) = document.as_object() else { return checker.faults };
    let meta = Field { shape: Shape::Object("ObjectMeta"), modelled: true };
    let text = Field { shape: Shape::String, modelled: true };
    let mut known: BTreeMap<&str, &Field> = BTreeMap::from([("apiVersion", &text), ("kind", &text), ("metadata", &meta)]);
    known.extend(schema::fields_of_kind(kind).iter().map(|(name, field)| (*name, field)));
    checker.fields(kind.resource().name, |name| known.get(name).copied(), fields);
    checker.faults
}

struct Checker {
    faults: Faults,
    /// `spec.containers[0].ports`
    path: String,
    /// `spec.containers.ports`: Go's decoder names no indexes.
    go_path: String,
    /// Under a field that is not modelled, or in `status`: say nothing more of what is not modelled.
    mute: bool,
}

impl Checker {
    fn fields<'s>(&mut self, owner: &str, known: impl Fn(&str) -> Option<&'s Field>, fields: &Map<String, Value>) {
        for (name, value) in fields {
            let (path, go_path, mute) = (self.path.len(), self.go_path.len(), self.mute);
            let dot = if path == 0 { "" } else { "." };
            self.path.push_str(dot);
            self.path.push_str(name);
            self.go_path.push_str(dot);
            self.go_path.push_str(name);
            match known(name) {
                None => self.faults.unknown.push(self.path.clone()),
                Some(field) => self.field(owner, (name, field), name == "status" && path == 0, value),
            }
            self.path.truncate(path);
            self.go_path.truncate(go_path);
            self.mute = mute;
        }
    }

    fn field(&mut self, owner: &str, (name, field): (&str, &Field), is_status: bool, value: &Value) {
        if !field.modelled && !self.mute && !is_empty(value) && !is_default(name, value) {
            self.faults.not_modelled.push(self.path.clone());
        }
        self.mute |= !field.modelled || is_status;
        self.value(owner, &field.shape, value);
    }

    /// Null fits everywhere: Go leaves the field alone.
    fn value(&mut self, owner: &str, shape: &Shape, value: &Value) {
        match (shape, value) {
            (_, Value::Null) | (Shape::Any, _) => {}
            (Shape::String, Value::String(_)) | (Shape::Bool, Value::Bool(_)) | (Shape::Float, Value::Number(_)) => {}
            (Shape::Object(name), Value::Object(fields)) => {
                let known = schema::fields_of(name);
                self.fields(name, |field| known.and_then(|known| known.get(field)), fields);
            }
            (Shape::List(item), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.inside(&format!("[{index}]"), |checker| checker.value(owner, item, value));
                }
            }
            (Shape::Map(item), Value::Object(entries)) => {
                for (key, value) in entries {
                    self.inside(&format!(".{key}"), |checker| checker.value(owner, item, value));
                }
            }
            (Shape::Int32, Value::Number(number)) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => {}
            (Shape::IntOrString, Value::Number(number)) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
            (Shape::Int64, Value::Number(number)) if number.is_i64() => {}
            (Shape::IntOrString, Value::String(_)) => {}
            (Shape::Quantity, Value::Number(_)) => {}
            (Shape::Quantity, Value::String(text)) if is_quantity(text) => {}
            (Shape::Quantity, _) => {
                let rule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
                self.wrong(shape, value, rule.to_owned());
            }
            (Shape::Time, Value::String(text)) if Instant::parse_rfc3339(text).is_some() => {}
            (Shape::Time, Value::String(text)) => {
                self.wrong(
                    shape,
                    value,
                    format!("parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""),
                );
            }
            (Shape::Bytes, Value::String(text)) => {
                if let Some(offset) = base64_fault(text) {
                    self.wrong(shape, value, format!("illegal base64 data at input byte {offset}"));
                }
            }
            // These types read their own JSON, and their errors do not name the field.
            (Shape::IntOrString | Shape::Time, other) => {
                let message = format!("json: cannot unmarshal {} into Go value of type {}", json_name(other), shape.go_name());
                self.wrong(shape, value, message);
            }
            (_, other) => {
                let (owner, path) = (schema::go_type_name(owner), &self.go_path);
                let go_type = shape.go_name();
                let found = match (other, go_type.as_str()) {
                    (Value::Number(number), "int32" | "int64") => format!("number {number}"),
                    _ => json_name(other).to_owned(),
                };
                let message = format!("json: cannot unmarshal {found} into Go struct field {owner}.{path} of type {go_type}");
                self.wrong(shape, value, message);
            }
        }
    }

    fn inside(&mut self, step: &str, check: impl FnOnce(&mut Self)) {
        let parent = self.path.len();
        self.path.push_str(step);
        check(self);
        self.path.truncate(parent);
    }

    fn wrong(&mut self, shape: &Shape, value: &Value, decoder: String) {
        let (path, found) = (self.path.clone(), open_api_name(value));
        let wanted = match shape {
            Shape::Int32 | Shape::Int64 => "integer",
            Shape::Bool => "boolean",
            Shape::Float => "number",
            Shape::List(_) => "array",
            Shape::Object(_) | Shape::Map(_) => "object",
            Shape::String | Shape::Quantity | Shape::IntOrString | Shape::Time | Shape::Bytes | Shape::Any => "string",
        };
        let open_api = format!("{found:?}: {path} in body must be of type {wanted}: {found:?}");
        self.faults.wrong_types.push(WrongType { path, decoder, open_api });
    }
}

fn open_api_name(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        other => json_name(other),
    }
}

/// What the server would have filled in: `kubectl get -o yaml` writes it out, and it changes nothing.
fn is_default(field: &str, value: &Value) -> bool {
    match field {
        "schedulerName" => value == "default-scheduler",
        "terminationMessagePath" => value == "/dev/termination-log",
        "terminationMessagePolicy" => value == "File",
        "preemptionPolicy" => value == "PreemptLowerPriority",
        "priority" => value == 0,
        "enableServiceLinks" => value == true,
        "revisionHistoryLimit" => value == 10,
        "progressDeadlineSeconds" => value == 600,
        _ => false,
    }
}

/// Says nothing, so nothing is lost by not acting on it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}

pub(super) fn json_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A signed decimal with an optional suffix or exponent (apimachinery's `resource.ParseQuantity`).
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(digits);
    let is_number = number.bytes().any(|byte| byte.is_ascii_digit()) && number.matches('.').count() <= 1;
    let is_exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i32>().is_ok());
    let suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    is_number && (suffixes.contains(&suffix) || is_exponent)
}

/// The offset at which a text stops being padded base64, as Go counts it.
fn base64_fault(text: &str) -> Option<usize> {
    let bytes: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n')).collect();
    let data = bytes.iter().take_while(|(_, byte)| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count();
    let padding = bytes.get(data..).unwrap_or_default();
    let whole = match data % 4 {
        0 => padding.is_empty(),
        2 => padding.len() == 2 && padding.iter().all(|(_, byte)| *byte == b'='),
        3 => padding.len() == 1 && padding.iter().all(|(_, byte)| *byte == b'='),
        _ => false,
    };
    (!whole).then(|| padding.first().map_or(text.len(), |(offset, _)| *offset))
}
