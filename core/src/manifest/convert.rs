//! The tree of a YAML document to the JSON value that kubectl would send, and the place of every field. Aliases are expanded
//! and merge keys applied here, within a budget of nodes.

use super::node::{Content, Node};
use super::scalar::Scalar;
use super::syntax::SyntaxError;
use crate::diagnostic::Position;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values that aliases may add to one document. go-yaml stops at about the same number ("excessive aliasing").
const MAX_FROM_ALIASES: usize = 100_000;

/// Levels of the expanded document: aliases could otherwise stack shallow anchors to any height.
const MAX_DEPTH: usize = 100;

pub(super) struct Converted {
    pub value: Value,
    /// Field path to the position of its key or item.
    pub positions: BTreeMap<String, Position>,
    /// Keys that stand twice in one mapping, with the place of the later one. The later one wins, as in kubectl.
    pub duplicates: Vec<(String, Position)>,
}

pub(super) fn convert(root: &Node) -> Result<Converted, SyntaxError> {
    let mut converter = Converter {
        positions: BTreeMap::new(),
        duplicates: Vec::new(),
        path: String::new(),
        from_aliases: 0,
        alias_depth: 0,
        depth: 0,
    };
    let value = converter.value(root)?;
    Ok(Converted { value, positions: converter.positions, duplicates: converter.duplicates })
}

struct Converter {
    positions: BTreeMap<String, Position>,
    duplicates: Vec<(String, Position)>,
    path: String,
    from_aliases: usize,
    alias_depth: usize,
    depth: usize,
}

impl Converter {
    fn value(&mut self, node: &Node) -> Result<Value, SyntaxError> {
        self.enter(node)?;
        let value = match &node.content {
            Content::Scalar(scalar) => plain_value(scalar, node.position),
            Content::Sequence(items) => self.sequence(items),
            Content::Mapping(pairs) => {
                let mut fields = Map::new();
                self.mapping(pairs, &mut fields).map(|()| Value::Object(fields))
            }
            Content::Alias(target) => {
                self.alias_depth += 1;
                let value = self.value(target);
                self.alias_depth -= 1;
                value
            }
        };
        self.depth -= 1;
        value
    }

    /// One level deeper, and one node more on the budget when an alias led here.
    fn enter(&mut self, node: &Node) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::too_deep(node.position, MAX_DEPTH));
        }
        self.from_aliases += usize::from(self.alias_depth > 0);
        if self.from_aliases > MAX_FROM_ALIASES {
            return Err(SyntaxError::plain(Some(node.position), "document contains excessive aliasing"));
        }
        Ok(())
    }

    fn sequence(&mut self, items: &[Rc<Node>]) -> Result<Value, SyntaxError> {
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let value = self.under(&format!("[{index}]"), item.position, |converter| converter.value(item))?;
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    /// Merge keys take effect where they stand: what follows overrides them, what precedes is overridden (goyaml.v2).
    fn mapping(&mut self, pairs: &[(Rc<Node>, Rc<Node>)], fields: &mut Map<String, Value>) -> Result<(), SyntaxError> {
        let mut written = std::collections::BTreeSet::new();
        for (key, node) in pairs {
            let Some(name) = key_name(key)? else {
                self.merge(node, fields)?;
                continue;
            };
            let separator = if self.path.is_empty() { "" } else { "." };
            let value = self.under(&format!("{separator}{name}"), key.position, |converter| converter.value(node))?;
            if !written.insert(name.clone()) {
                self.duplicates.push((format!("{}{separator}{name}", self.path), key.position));
            }
            fields.insert(name, value);
        }
        Ok(())
    }

    fn merge(&mut self, node: &Node, fields: &mut Map<String, Value>) -> Result<(), SyntaxError> {
        self.alias_depth += 1;
        self.enter(node)?;
        let merged = match &node.content {
            Content::Mapping(pairs) => self.mapping(pairs, fields),
            Content::Alias(target) => self.merge(target, fields),
            // Backwards, because the first mapping of the list wins.
            Content::Sequence(items) => items.iter().rev().try_for_each(|item| match &item.content {
                Content::Mapping(_) | Content::Alias(_) => self.merge(item, fields),
                Content::Scalar(_) | Content::Sequence(_) => Err(not_mergeable(item.position)),
            }),
            Content::Scalar(_) => Err(not_mergeable(node.position)),
        };
        self.depth -= 1;
        self.alias_depth -= 1;
        merged
    }

    fn under<T>(&mut self, step: &str, position: Position, read: impl FnOnce(&mut Self) -> T) -> T {
        let parent = self.path.len();
        self.path.push_str(step);
        self.positions.insert(self.path.clone(), position);
        let value = read(self);
        self.path.truncate(parent);
        value
    }
}

fn not_mergeable(position: Position) -> SyntaxError {
    SyntaxError::plain(Some(position), "map merge requires map or sequence of maps as the value")
}

fn plain_value(scalar: &Scalar, position: Position) -> Result<Value, SyntaxError> {
    match scalar {
        Scalar::Value(value) => Ok(value.clone()),
        Scalar::Merge => Ok(Value::String("<<".to_owned())),
        Scalar::NotFinite(name) => {
            let message = format!("json: unsupported value: {name}");
            Err(SyntaxError { position: Some(position), message, hint: None })
        }
    }
}

/// A key as JSON knows keys; `None` for the merge key.
fn key_name(key: &Node) -> Result<Option<String>, SyntaxError> {
    let unsupported = |what: &str| {
        let message = format!("unsupported map key of type: {what}");
        Err(SyntaxError { position: Some(key.position), message, hint: Some("A key must be a plain word.".to_owned()) })
    };
    match &key.content {
        Content::Scalar(Scalar::Merge) => Ok(None),
        Content::Scalar(Scalar::Value(Value::String(name))) => Ok(Some(name.clone())),
        Content::Scalar(Scalar::Value(Value::Bool(value))) => Ok(Some(value.to_string())),
        Content::Scalar(Scalar::Value(Value::Number(number))) => Ok(Some(number.to_string())),
        Content::Scalar(Scalar::NotFinite(name)) => Ok(Some((*name).to_owned())),
        Content::Scalar(Scalar::Value(_)) => unsupported("%!s(<nil>)"),
        Content::Sequence(_) => Err(SyntaxError::plain(Some(key.position), "invalid map key")),
        Content::Mapping(_) => Err(SyntaxError {
            hint: Some("Quote the value if {{ }} is a template's placeholder.".to_owned()),
            ..SyntaxError::plain(Some(key.position), "invalid map key")
        }),
        Content::Alias(target) => key_name(target),
    }
}
