//! `-o`: how objects are printed that are not a table.

use super::client::Kubectl;
use super::failure::Failure;
use crate::api::Object;
use crate::jsonpath::{self, Template};
use crate::printer::{self, Tabwriter};
use serde_json::{Value, json};

const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,\
    jsonpath-file,name,template,templatefile,wide,yaml";

pub(super) enum Format {
    /// A table, or for a verb that changes something the line that says so.
    Plain,
    Wide,
    Yaml,
    Json,
    Name,
    JsonPath {
        template: Template,
        text: String,
        as_json: bool,
    },
    CustomColumns(Vec<(String, Template)>),
}

impl Format {
    pub fn from_flags(kubectl: &Kubectl) -> Result<Self, Failure> {
        let Some(text) = kubectl.flags.value("output") else { return Ok(Format::Plain) };
        let (name, argument) = text.split_once('=').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let template = argument.or(kubectl.flags.value("template"));
        match (name, template) {
            ("", _) => Ok(Format::Plain),
            ("wide", _) => Ok(Format::Wide),
            ("yaml", _) => Ok(Format::Yaml),
            ("json", _) => Ok(Format::Json),
            ("name", _) => Ok(Format::Name),
            ("jsonpath" | "jsonpath-as-json", None | Some("")) => {
                Err(Failure::error("template format specified but no template given"))
            }
            ("jsonpath" | "jsonpath-as-json", Some(template)) => Self::json_path(template, name == "jsonpath-as-json"),
            ("custom-columns", None | Some("")) => {
                Err(Failure::error("custom-columns format specified but no custom columns given"))
            }
            ("custom-columns", Some(columns)) => custom_columns(columns).map(Format::CustomColumns),
            ("go-template" | "template", _) => Err(Failure::error("hoplab does not simulate go-template output; jsonpath works")),
            _ => Err(Failure::error(format!(
                "unable to match a printer suitable for the output format \"{text}\", allowed formats are: {FORMATS}"
            ))),
        }
    }

    fn json_path(text: &str, as_json: bool) -> Result<Self, Failure> {
        match Template::parse(text) {
            Ok(template) => Ok(Format::JsonPath { template: template.allow_missing_keys(true), text: text.to_owned(), as_json }),
            Err(error) => Err(Failure::error(format!("error parsing jsonpath {text}, {error}"))),
        }
    }

    pub fn is_table(&self) -> bool {
        matches!(self, Format::Plain | Format::Wide)
    }

    /// The text of a document or of a `List`. Tables are made elsewhere.
    pub fn text(&self, document: &Value) -> Result<String, Failure> {
        match self {
            Format::Plain | Format::Wide | Format::Name => Ok(names(document)),
            Format::Yaml => Ok(printer::to_yaml(document)),
            Format::Json => Ok(printer::to_json(document)),
            Format::JsonPath { template, text, as_json } => {
                let failure = |error: jsonpath::Error| json_path_failure(text, &error, document);
                if *as_json {
                    let results = template.results(document).map_err(failure)?;
                    return Ok(results.iter().map(|values| printer::to_json(&json!(values))).collect());
                }
                template.execute(document).map_err(failure)
            }
            Format::CustomColumns(columns) => Ok(custom_columns_text(columns, document)),
        }
    }
}

fn json_path_failure(text: &str, error: &jsonpath::Error, document: &Value) -> Failure {
    Failure::error(format!(
        "error executing jsonpath {text:?}: Error executing template: {error}. Printing more information for debugging the \
         template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
        jsonpath::go_syntax(document)
    ))
}

/// `kind: List`, as kubectl wraps several objects.
pub(super) fn list_document<'a>(objects: impl Iterator<Item = &'a Object>) -> Value {
    let items: Vec<&Value> = objects.map(Object::document).collect();
    json!({ "apiVersion": "v1", "kind": "List", "metadata": { "resourceVersion": "" }, "items": items })
}

fn items(document: &Value) -> Vec<&Value> {
    match document.get("items").and_then(Value::as_array) {
        Some(items) if document["kind"] == "List" => items.iter().collect(),
        _ => vec![document],
    }
}

/// `-o name`
fn names(document: &Value) -> String {
    let name = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let group = text(&item["apiVersion"]).split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
        format!("{}{group}/{}\n", text(&item["kind"]).to_lowercase(), text(&item["metadata"]["name"]))
    };
    items(document).into_iter().map(name).collect()
}

/// `NAME:.metadata.name,IP:.status.podIP`
fn custom_columns(specification: &str) -> Result<Vec<(String, Template)>, Failure> {
    let column = |part: &str| {
        let (header, path) = part.split_once(':').ok_or_else(|| {
            Failure::error(format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))
        })?;
        let template = jsonpath::relaxed_expression(path).and_then(|text| Template::parse(&text)).map_err(Failure::error)?;
        Ok((header.to_owned(), template.allow_missing_keys(true)))
    };
    specification.split(',').map(column).collect()
}

fn custom_columns_text(columns: &[(String, Template)], document: &Value) -> String {
    let mut lines = vec![columns.iter().map(|(header, _)| header.clone()).collect::<Vec<_>>()];
    for item in items(document) {
        let cell = |template: &Template| {
            let results = template.results(item).unwrap_or_default();
            let values: Vec<String> = results.iter().flatten().map(|value| jsonpath::go_value(value)).collect();
            if values.is_empty() { "<none>".to_owned() } else { values.join(",") }
        };
        lines.push(columns.iter().map(|(_, template)| cell(template)).collect());
    }
    Tabwriter::table().format(&lines)
}

/// Says that something was done to an object: `pod/web created`, or the object itself with `-o`.
pub(super) async fn changed(kubectl: &Kubectl, object: &Object, operation: &str) -> Result<(), Failure> {
    let dry_run = match dry_run(kubectl)? {
        DryRun::No => "",
        DryRun::Client => " (dry run)",
        DryRun::Server => " (server dry run)",
    };
    let text = match Format::from_flags(kubectl)? {
        Format::Plain => format!("{} {operation}{dry_run}\n", super::resource::short_name(&object.reference())),
        Format::Wide => return Err(Failure::error("unable to match a printer suitable for the output format \"wide\"")),
        format => format.text(object.document())?,
    };
    kubectl.print(text).await;
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DryRun {
    No,
    Client,
    Server,
}

pub(super) fn dry_run(kubectl: &Kubectl) -> Result<DryRun, Failure> {
    match kubectl.flags.value("dry-run") {
        None | Some("none") => Ok(DryRun::No),
        Some("client") => Ok(DryRun::Client),
        Some("server") => Ok(DryRun::Server),
        Some("unchanged") => {
            Err(Failure::error("Invalid dry-run value (unchanged). Must be \"none\", \"server\", or \"client\"."))
        }
        Some(other) => {
            Err(Failure::error(format!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\".")))
        }
    }
}
