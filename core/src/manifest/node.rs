//! A YAML document as a tree that remembers where everything stands. Input: one document's text. Aliases point at their
//! anchor's node and are not expanded, so the tree is never larger than the text; nesting is bounded here.

use super::scalar::{Scalar, resolve_plain};
use super::syntax::SyntaxError;
use crate::diagnostic::Position;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deeper than any Kubernetes object (a Pod's deepest field lies at 14), shallow enough for every recursion over it.
const MAX_DEPTH: usize = 100;

#[derive(Debug)]
pub(super) struct Node {
    pub position: Position,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar(Scalar),
    Sequence(Vec<Rc<Node>>),
    /// In the order of the text; keys may repeat.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
    Alias(Rc<Node>),
}

/// A collection whose end has not come yet.
struct Open {
    anchor: usize,
    position: Position,
    collection: Collection,
}

enum Collection {
    Sequence(Vec<Rc<Node>>),
    Mapping { pairs: Vec<(Rc<Node>, Rc<Node>)>, key: Option<Rc<Node>> },
}

/// Reads the first document of `text`; `None` when there is none. What follows `...` is ignored, as kubectl does.
pub(super) fn read(text: &str) -> Result<Option<Rc<Node>>, SyntaxError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| SyntaxError::from_scan(&error, text))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.take(event, span)?;
    }
    Ok(builder.root)
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let position = position_of(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = scalar(text, style, tag.as_deref());
                self.place(Rc::new(Node { position, content: Content::Scalar(scalar) }), anchor);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).cloned().ok_or_else(|| SyntaxError::alias_in_itself(position))?;
                self.place(Rc::new(Node { position, content: Content::Alias(target) }), 0);
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, position, Collection::Sequence(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.begin(anchor, position, Collection::Mapping { pairs: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, position: Position, collection: Collection) -> Result<(), SyntaxError> {
        if self.open.len() == MAX_DEPTH {
            return Err(SyntaxError::too_deep(position, MAX_DEPTH));
        }
        self.open.push(Open { anchor, position, collection });
        Ok(())
    }

    fn end(&mut self) {
        let Some(Open { anchor, position, collection }) = self.open.pop() else { return };
        let content = match collection {
            Collection::Sequence(items) => Content::Sequence(items),
            Collection::Mapping { pairs, .. } => Content::Mapping(pairs),
        };
        self.place(Rc::new(Node { position, content }), anchor);
    }

    /// Puts a finished node where it belongs: into the innermost open collection, or at the root.
    fn place(&mut self, node: Rc<Node>, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut().map(|open| &mut open.collection) {
            None => self.root = Some(node),
            Some(Collection::Sequence(items)) => items.push(node),
            Some(Collection::Mapping { pairs, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Scalar {
    let tag = tag.map(|tag| if tag.is_yaml_core_schema() { tag.suffix.as_str() } else { "!" });
    match (style, tag) {
        (ScalarStyle::Plain, None) | (_, Some("bool" | "int" | "float" | "null")) => resolve_plain(&text),
        _ => Scalar::Value(Value::String(text.into_owned())),
    }
}

fn position_of(span: Span) -> Position {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: count(span.start.line()), column: count(span.start.col().saturating_add(1)) }
}
