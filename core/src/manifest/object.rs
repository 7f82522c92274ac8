//! A document to an object: which kind it is, lists opened, fields checked as the API server checks them.

use super::check::{Faults, WrongType, check, json_name};
use super::convert::Converted;
use super::{Document, MAX_DIAGNOSTICS, Positions, Reader, Refusal, cluster, hints};
use crate::api::validation::FieldError;
use crate::api::{Kind, Object, ObjectRef};
use crate::diagnostic::{Diagnostic, Level, Position};
use serde_json::Value;
use std::collections::BTreeMap;

/// Go's messages quote the whole document; nobody reads more of it than this.
const MAX_QUOTED: usize = 2_000;

impl Reader<'_> {
    pub(super) fn document(&mut self, converted: Converted) {
        if converted.value.is_null() {
            return;
        }
        for (field, position) in &converted.duplicates {
            let message = format!("duplicate key {field:?}: kubectl silently keeps the last value");
            let diagnostic = Diagnostic::error(self.source, message).at(*position);
            self.manifest.diagnostics.push(Diagnostic { level: Level::Warning, field: Some(field.clone()), ..diagnostic });
        }
        let (api_version, kind) = match type_of(&converted.value) {
            Ok(names) => names,
            Err(faults) => return self.without_type(&converted, &faults),
        };
        if (api_version.as_str(), kind.as_str()) == (cluster::API_VERSION, cluster::KIND) {
            return self.cluster(&converted);
        }
        let Converted { mut value, positions, .. } = converted;
        match value.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => self.list(&api_version, &kind, items, &positions),
            Some(Value::Null) | None => self.object(&api_version, &kind, value, positions),
            Some(other) => {
                let go_type = json_name(&other);
                let message = format!(
                    "unable to decode {:?}: json: cannot unmarshal {go_type} into Go struct field decodeList.items of type []json.RawMessage",
                    self.source
                );
                self.refuse_at(message, positions.get("items").copied(), None);
            }
        }
    }

    /// kubectl's check before it sends anything.
    fn without_type(&mut self, converted: &Converted, faults: &[&str]) {
        let faults_text = if let [only] = faults { (*only).to_owned() } else { format!("[{}]", faults.join(", ")) };
        let message = format!(
            "error validating {:?}: error validating data: {faults_text}; if you choose to ignore these errors, turn validation off with --validate=false",
            self.source
        );
        let position = converted.positions.values().min().copied();
        let hint = converted.value.is_object().then(|| "Every object starts with apiVersion and kind, not indented.".to_owned());
        let hint = hint.unwrap_or_else(|| "This is not a Kubernetes object: it has no fields at all.".to_owned());
        self.stop(Diagnostic { position, hint: Some(hint), ..Diagnostic::error(self.source, message) });
    }

    /// Items of a typed list (`PodList`) need not say their kind.
    fn list(&mut self, api_version: &str, kind: &str, items: Vec<Value>, positions: &Positions) {
        let mut split = split_by_item(positions);
        for (index, mut item) in items.into_iter().enumerate() {
            let positions = split.remove(&index).unwrap_or_default();
            let field = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (mut item_version, mut item_kind) = (field("apiVersion"), field("kind"));
            if item_kind.is_empty() && item_version.is_empty() {
                api_version.clone_into(&mut item_version);
                kind.trim_end_matches("List").clone_into(&mut item_kind);
                if let (Some(fields), true) = (item.as_object_mut(), item_kind != kind) {
                    fields.insert("apiVersion".to_owned(), Value::String(item_version.clone()));
                    fields.insert("kind".to_owned(), Value::String(item_kind.clone()));
                }
            }
            if item_kind.is_empty() || !item.is_object() {
                let message = format!("unable to decode {:?}: Object 'Kind' is missing in '{}'", self.source, quoted(&item));
                self.refuse_at(message, positions.values().min().copied(), None);
            } else {
                self.object(&item_version, &item_kind, item, positions);
            }
        }
    }

    fn object(&mut self, api_version: &str, kind_name: &str, value: Value, positions: Positions) {
        let Some(kind) = Kind::from_manifest(api_version, kind_name) else {
            return self.unknown_kind(api_version, kind_name, &value, &positions);
        };
        let faults = check(kind, &value);
        self.not_modelled(kind_name, &faults, &positions);
        if !faults.wrong_types.is_empty() || !faults.unknown.is_empty() {
            return self.undecodable(kind, &value, &faults, &positions);
        }
        match Object::from_document(kind, value.clone()) {
            Ok(object) if self.stopped => drop(object),
            Ok(object) => self.manifest.documents.push(Document { object, positions }),
            // The schema holds, so a value is out of its range: the typed view is narrower than the API's types.
            Err(error) => self.out_of_range(kind, &value, &error.to_string(), &positions),
        }
    }

    /// One refusal, in which the server tells the first wrong type, or else every unknown field; a diagnostic for each.
    fn undecodable(&mut self, kind: Kind, value: &Value, faults: &Faults, positions: &Positions) {
        let said = match faults.wrong_types.first() {
            Some(_) if is_custom(kind) && faults.unknown.is_empty() => {
                return self.invalid(kind, value, open_api(faults), positions);
            }
            Some(wrong) if !is_custom(kind) => wrong.decoder.clone(),
            Some(_) | None => {
                let unknown: Vec<_> =
                    faults.unknown.iter().take(MAX_DIAGNOSTICS).map(|path| format!("unknown field {path:?}")).collect();
                format!("strict decoding error: {}", unknown.join(", "))
            }
        };
        self.refuse(Refusal::BadRequest { object: reference(kind, value), message: cannot_be_handled(kind, &said) });
        for wrong in faults.wrong_types.iter().take(MAX_DIAGNOSTICS) {
            self.field_error(&wrong.path, wrong.decoder.clone(), None, positions);
        }
        let lost = hints::lost_indentation(value, &faults.unknown);
        for path in faults.unknown.iter().take(MAX_DIAGNOSTICS) {
            let hint = lost.clone().or_else(|| hints::similar_field(kind, path));
            self.field_error(path, format!("unknown field {path:?}"), hint, positions);
        }
    }

    fn invalid(&mut self, kind: Kind, value: &Value, causes: Vec<FieldError>, positions: &Positions) {
        for cause in &causes {
            self.field_error(&cause.field, cause.to_string(), None, positions);
        }
        self.refuse(Refusal::Invalid { object: reference(kind, value), causes });
    }

    fn field_error(&mut self, path: &str, message: String, hint: Option<String>, positions: &Positions) {
        let position = super::nearest_position(positions, path);
        let diagnostic = Diagnostic { position, hint, ..Diagnostic::error(self.source, message) };
        self.manifest.diagnostics.push(Diagnostic { field: Some(path.to_owned()), ..diagnostic });
    }

    fn not_modelled(&mut self, kind_name: &str, faults: &Faults, positions: &Positions) {
        for path in faults.not_modelled.iter().take(MAX_DIAGNOSTICS) {
            let message = format!("{kind_name} {path} is stored and printed, but the simulator does not act on it");
            let position = positions.get(path).copied();
            let diagnostic = Diagnostic { level: Level::NotModelled, position, ..Diagnostic::error(self.source, message) };
            self.manifest.diagnostics.push(Diagnostic { field: Some(path.clone()), ..diagnostic });
        }
    }

    /// The server's own validation says what is wrong with the value; if it finds nothing, we say what we cannot read.
    fn out_of_range(&mut self, kind: Kind, value: &Value, error: &str, positions: &Positions) {
        let causes = super::validate::object(kind, value);
        if !causes.is_empty() {
            return self.invalid(kind, value, causes, positions);
        }
        let message = cannot_be_handled(kind, error);
        self.refuse(Refusal::BadRequest { object: reference(kind, value), message: message.clone() });
        let position = positions.get("kind").copied();
        self.manifest.diagnostics.push(Diagnostic { position, ..Diagnostic::error(self.source, message) });
    }

    fn unknown_kind(&mut self, api_version: &str, kind: &str, value: &Value, positions: &Positions) {
        let metadata = |field: &str| value["metadata"][field].as_str().unwrap_or_default();
        let message = format!(
            "resource mapping not found for name: {:?} namespace: {:?} from {:?}: no matches for kind {kind:?} in version {api_version:?}\nensure CRDs are installed first",
            metadata("name"),
            metadata("namespace"),
            self.source,
        );
        let position = positions.get("kind").or(positions.get("apiVersion")).copied();
        self.refuse_at(message, position, similar_kind(api_version, kind));
    }

    /// A refusal after which kubectl goes on with the next document.
    fn refuse_at(&mut self, message: String, position: Option<Position>, hint: Option<String>) {
        self.refuse(Refusal::Client(message.clone()));
        self.manifest.diagnostics.push(Diagnostic { position, hint, ..Diagnostic::error(self.source, message) });
    }
}

/// Kinds that a CustomResourceDefinition brings.
fn is_custom(kind: Kind) -> bool {
    kind.resource().group == "policy.networking.k8s.io"
}

fn open_api(faults: &Faults) -> Vec<FieldError> {
    let error = |wrong: &WrongType| FieldError {
        field: wrong.path.clone(),
        kind: "Invalid value".to_owned(),
        message: wrong.open_api.clone(),
    };
    faults.wrong_types.iter().map(error).collect()
}

fn cannot_be_handled(kind: Kind, why: &str) -> String {
    let resource = kind.resource();
    format!("{} in version {:?} cannot be handled as a {}: {why}", resource.name, resource.version, resource.name)
}

fn reference(kind: Kind, document: &Value) -> ObjectRef {
    let metadata = |field: &str| document["metadata"][field].as_str().unwrap_or_default();
    ObjectRef::namespaced(kind, metadata("namespace"), metadata("name"))
}

fn type_of(document: &Value) -> Result<(String, String), Vec<&'static str>> {
    let Some(fields) = document.as_object() else { return Err(vec!["invalid object to validate"]) };
    let mut faults = Vec::new();
    let mut read = |field: &str, absent, not_a_string| match fields.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => {
            faults.push(absent);
            String::new()
        }
        Some(_) => {
            faults.push(not_a_string);
            String::new()
        }
    };
    let api_version = read("apiVersion", "apiVersion not set", "apiVersion isn't string type");
    let kind = read("kind", "kind not set", "kind isn't string type");
    if faults.is_empty() { Ok((api_version, kind)) } else { Err(faults) }
}

/// `items[3].spec` belongs to item 3 as `spec`.
fn split_by_item(positions: &Positions) -> BTreeMap<usize, Positions> {
    let mut split: BTreeMap<usize, Positions> = BTreeMap::new();
    for (path, position) in positions {
        let Some((index, rest)) = path.strip_prefix("items[").and_then(|rest| rest.split_once(']')) else { continue };
        let (Ok(index), Some(path)) = (index.parse(), rest.strip_prefix('.')) else { continue };
        split.entry(index).or_default().insert(path.to_owned(), *position);
    }
    split
}

/// The kind that was probably meant: same name in another version or case.
fn similar_kind(api_version: &str, name: &str) -> Option<String> {
    let kind = Kind::ALL.iter().find(|kind| kind.resource().name.eq_ignore_ascii_case(name))?;
    let meant = format!("kind: {} has apiVersion: {}", kind.resource().name, kind.api_version());
    let unlike = kind.resource().name != name || kind.api_version() != api_version;
    unlike.then(|| format!("{meant}."))
}

fn quoted(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_QUOTED) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
