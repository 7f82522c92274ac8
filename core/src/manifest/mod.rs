//! Text to objects. Input: YAML (or JSON) as somebody pasted it, hostile until parsed. Output: objects with a position for every
//! field, and diagnostics; faults are gathered, not stopped at. Sizes, nesting and alias expansion are bounded.

mod check;
mod cluster;
mod convert;
mod hints;
mod node;
mod object;
mod scalar;
mod stream;
mod syntax;
mod validate;

pub use validate::validate;

use crate::api::validation::FieldError;
use crate::api::{Cluster, Object, ObjectRef};
use crate::diagnostic::{Diagnostic, Level, Position};
use serde_json::Value;
use std::collections::BTreeMap;
use stream::Chunk;
use syntax::SyntaxError;

/// Room for 150,000 Pods as `kubectl get -o yaml` prints them, and no text that would exhaust a browser tab.
const MAX_TEXT: usize = 512 << 20;

/// More faults than a person reads.
const MAX_DIAGNOSTICS: usize = 100;

/// Field path (`spec.ingress[0].from`) to position of its key or item.
pub type Positions = BTreeMap<String, Position>;

/// What one text held.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub documents: Vec<Document>,
    /// The text's `kind: Cluster` document, if it has one.
    pub cluster: Option<Cluster>,
    pub diagnostics: Vec<Diagnostic>,
    /// The documents that did not become objects, in the order in which kubectl would report them.
    pub refusals: Vec<Refusal>,
}

/// One object and where its fields stand.
#[derive(Clone, Debug)]
pub struct Document {
    pub object: Object,
    pub positions: Positions,
}

/// Why a document did not become an object, in the real tool's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// kubectl refuses before it asks the server; it prints `error: ` and this.
    Client(String),
    /// The server cannot decode the object (400). kubectl prints `Error from server (BadRequest): error when creating
    /// "STDIN": ` and this message.
    BadRequest { object: ObjectRef, message: String },
    /// Values that the server does not accept (422), so far out of range that they have no typed view.
    Invalid { object: ObjectRef, causes: Vec<FieldError> },
}

/// Where a field stands, or else the nearest field around it: what is missing has no place of its own.
pub fn nearest_position(positions: &Positions, path: &str) -> Option<Position> {
    let mut path = path;
    loop {
        if let Some(position) = positions.get(path) {
            return Some(*position);
        }
        match path.rfind(['.', '[']) {
            Some(end) => path = path.get(..end)?,
            None => return positions.get("kind").copied(),
        }
    }
}

impl Manifest {
    /// Whether something is wrong, beyond warnings and fields that are not modelled.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }
}

/// Reads every document of a text. `source` names it in diagnostics: a file name, or `STDIN`. `List` documents are opened.
pub fn parse(text: &str, source: &str) -> Manifest {
    let mut reader = Reader { source, manifest: Manifest::default(), stopped: false };
    if text.len() > MAX_TEXT {
        let size = format!("the text has {} MB; at most {} MB are read", text.len() >> 20, MAX_TEXT >> 20);
        reader.manifest.diagnostics.push(Diagnostic::error(source, size));
        return reader.manifest;
    }
    let (chunks, bad_separator) = stream::split(text);
    for chunk in chunks {
        reader.chunk(chunk);
    }
    if let Some(separator) = bad_separator {
        let position = Position { line: separator.line, column: 1 };
        let message = format!("error parsing {source}: invalid Yaml document separator: {}", separator.rest);
        reader.stop(Diagnostic::error(source, message).at(position));
    }
    let diagnostics = &mut reader.manifest.diagnostics;
    if diagnostics.len() > MAX_DIAGNOSTICS {
        diagnostics.sort_by_key(|diagnostic| diagnostic.level);
        diagnostics.truncate(MAX_DIAGNOSTICS);
    }
    reader.manifest
}

/// Reads a text that is one YAML document of any shape, such as a lab's files. An empty text is null.
pub fn read_value(text: &str, source: &str) -> Result<Value, Vec<Diagnostic>> {
    let read = read_chunk(Chunk { text, first_line: 1 });
    let fault = |error: SyntaxError| {
        let hint = error.hint.or_else(|| error.position.and_then(|position| hints::syntax(text, position)));
        vec![Diagnostic { position: error.position, hint, ..Diagnostic::error(source, error.message) }]
    };
    read.map(|converted| converted.map_or(Value::Null, |converted| converted.value)).map_err(fault)
}

struct Reader<'a> {
    source: &'a str,
    manifest: Manifest,
    /// kubectl reads no further than the first document that is not YAML. What follows is only looked at for diagnostics.
    stopped: bool,
}

impl Reader<'_> {
    fn chunk(&mut self, chunk: Chunk<'_>) {
        match read_chunk(chunk) {
            Ok(Some(converted)) => self.document(converted),
            Ok(None) => {}
            Err(error) => self.syntax_error(chunk, error),
        }
    }

    fn syntax_error(&mut self, chunk: Chunk<'_>, error: SyntaxError) {
        let message = format!("error parsing {}: error converting YAML to JSON: {}", self.source, error.message);
        let hint = error.hint.or_else(|| error.position.and_then(|position| hints::syntax(chunk.text, position)));
        let position = error.position.map(|position| moved(syntax::within(chunk.text, position), chunk.first_line));
        self.stop(Diagnostic { position, hint, ..Diagnostic::error(self.source, message) });
    }

    fn stop(&mut self, diagnostic: Diagnostic) {
        self.refuse(Refusal::Client(diagnostic.message.clone()));
        self.manifest.diagnostics.push(diagnostic);
        self.stopped = true;
    }

    fn refuse(&mut self, refusal: Refusal) {
        if !self.stopped {
            self.manifest.refusals.push(refusal);
        }
    }
}

fn read_chunk(chunk: Chunk<'_>) -> Result<Option<convert::Converted>, SyntaxError> {
    syntax::check_characters(chunk.text)?;
    let Some(root) = node::read(chunk.text)? else { return Ok(None) };
    let mut converted = convert::convert(&root)?;
    for position in converted.positions.values_mut() {
        *position = moved(*position, chunk.first_line);
    }
    for (_, position) in &mut converted.duplicates {
        *position = moved(*position, chunk.first_line);
    }
    Ok(Some(converted))
}

/// A position in a document as a position in the text that holds it.
fn moved(position: Position, first_line: u32) -> Position {
    Position { line: position.line.saturating_add(first_line - 1), ..position }
}
