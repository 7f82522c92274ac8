//! How to repair a text that is refused: what copying from a page, a slide or a chat does to YAML, and misspelt names.
//! Knows the faults of texts, not of clusters.

use crate::api::{Kind, schema};
use crate::diagnostic::Position;
use serde_json::Value;

const FLATTENED: &str =
    "`metadata:` or `spec:` has nothing under it: the text lost its indentation. Indent what belongs to it by two spaces.";

/// How to repair the text, when the fault is one of those that copying from a page or a slide makes.
pub(super) fn syntax(document: &str, error: Position) -> Option<String> {
    let line = |number: u32| document.lines().nth(usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX));
    let around = [error.line, error.line.saturating_sub(1)];
    let mut numbered = document.lines().zip(1_u32..);
    if let Some((_, number)) = numbered.find(|(line, _)| line.contains(['“', '”', '‘', '’', '„'])) {
        return Some(format!("Line {number} has typographic quotes; YAML knows only \" and '."));
    }
    let indented_with =
        |blank: char| around.into_iter().find(|&number| line(number).is_some_and(|line| indentation(line).contains(blank)));
    if let Some(number) = indented_with('\t') {
        return Some(format!("Line {number} is indented with a tab; YAML wants spaces."));
    }
    if let Some(number) = indented_with('\u{a0}') {
        return Some(format!(
            "Line {number} is indented with non-breaking spaces, copied from a web page; type ordinary spaces."
        ));
    }
    let text = line(error.line)?;
    if text.contains("apiVersion:") && text.contains(" kind:") {
        return Some(
            "The whole manifest stands on one line; each field needs its own line, indented under its parent.".to_owned(),
        );
    }
    is_flattened(document).then(|| FLATTENED.to_owned())
}

fn indentation(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '\t', '\u{a0}']);
    line.get(..line.len() - text.len()).unwrap_or_default()
}

/// `metadata:` or `spec:` followed by a line that is not indented: the manifest was pasted without its leading spaces.
fn is_flattened(document: &str) -> bool {
    let mut lines = document.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        let opens = matches!(line.trim_end(), "metadata:" | "spec:");
        if opens && lines.peek().is_some_and(|next| !next.starts_with([' ', '\t', '-'])) {
            return true;
        }
    }
    false
}

/// Fields at the top that belong under `metadata:` or `spec:`, which are empty.
pub(super) fn lost_indentation(document: &Value, unknown: &[String]) -> Option<String> {
    let is_null = |field: &str| document.get(field).is_some_and(Value::is_null);
    let at_top = unknown.iter().any(|path| !path.contains('.'));
    (at_top && (is_null("metadata") || is_null("spec"))).then(|| FLATTENED.to_owned())
}

/// The field that was probably meant: another case, or one slip of the finger.
pub(super) fn similar_field(kind: Kind, path: &str) -> Option<String> {
    let mut fields = schema::fields_of_kind(kind);
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    for step in parents.split('.').filter(|step| !step.is_empty()) {
        let step = step.split('[').next().unwrap_or(step);
        let shape = if step == "metadata" { None } else { Some(&fields.get(step)?.shape) };
        fields = schema::fields_of(shape.map_or(Some("ObjectMeta"), item_type)?)?;
    }
    let meant = fields.keys().find(|known| known.eq_ignore_ascii_case(name) || one_slip(known, name))?;
    Some(format!("Is it `{meant}`?"))
}

fn item_type(shape: &schema::Shape) -> Option<&'static str> {
    match shape {
        schema::Shape::Object(name) => Some(name),
        schema::Shape::List(item) | schema::Shape::Map(item) => item_type(item),
        _ => None,
    }
}

/// One letter too many, too few, wrong, or two swapped.
fn one_slip(known: &str, typed: &str) -> bool {
    let (known, typed): (Vec<char>, Vec<char>) = (known.chars().collect(), typed.chars().collect());
    if known.len() < 4 || known.len().abs_diff(typed.len()) > 1 {
        return false;
    }
    let same_start = known.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let (known, typed) = (known.get(same_start..).unwrap_or_default(), typed.get(same_start..).unwrap_or_default());
    match (known, typed) {
        ([a, b, k @ ..], [c, d, t @ ..]) if a == d && b == c && k == t => true,
        ([_, k @ ..], [_, t @ ..]) if k == t => true,
        ([_, k @ ..], t) if k == t => true,
        (k, [_, t @ ..]) => k == t,
        _ => false,
    }
}
