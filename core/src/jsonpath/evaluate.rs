//! Walks a document along a template's nodes.

use super::compare::compare;
use super::text::{go_type, go_value};
use super::{Error, Node, Slice, Test};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Steps one template may take: unclosed ranges and repeated `..` multiply, and both come from strangers.
const MAX_STEPS: usize = 1_000_000;

type Values<'a> = Vec<Cow<'a, Value>>;

/// An error and the values that stood where it happened: a filter that only asks whether something exists looks at them.
struct Failure<'a> {
    error: Error,
    values: Values<'a>,
}

type Evaluated<'a> = Result<Values<'a>, Failure<'a>>;

pub(super) struct Evaluation<'a> {
    nodes: &'a [Node],
    allow_missing_keys: bool,
    begin_range: usize,
    in_range: usize,
    end_range: usize,
    /// Index of the `end` that was met last: where a loop goes on after its rounds.
    last_end: Option<usize>,
    steps: usize,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(nodes: &'a [Node], allow_missing_keys: bool) -> Self {
        Self { nodes, allow_missing_keys, begin_range: 0, in_range: 0, end_range: 0, last_end: None, steps: 0 }
    }

    pub(super) fn run(mut self, document: &'a Value) -> Result<Vec<Values<'a>>, Error> {
        self.block(Cow::Borrowed(document), 0)
    }

    /// Carries out nodes from `start` up to the `end` of the innermost range, or all of them outside one.
    fn block(&mut self, current: Cow<'a, Value>, start: usize) -> Result<Vec<Values<'a>>, Error> {
        let mut all = Vec::new();
        let mut at = start;
        while let Some(node) = self.nodes.get(at) {
            let results = self.walk(vec![current.clone()], node).map_err(|failure| failure.error)?;
            if self.end_range > 0 && self.end_range <= self.in_range {
                self.end_range -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begin_range > 0 {
                self.begin_range -= 1;
                at = self.range(results, at, &mut all)?;
            } else {
                all.push(results);
            }
            at += 1;
        }
        Ok(all)
    }

    /// The rounds of a range whose node stands at `at`; hands back the index of its `end`.
    fn range(&mut self, rounds: Values<'a>, at: usize, all: &mut Vec<Values<'a>>) -> Result<usize, Error> {
        self.in_range += 1;
        if rounds.is_empty() {
            // Nothing to print, but the end of the block must be found.
            self.block(Cow::Owned(Value::Null), at + 1)?;
        }
        for value in rounds {
            all.extend(self.block(value, at + 1)?);
        }
        self.in_range -= 1;
        Ok(self.last_end.filter(|&end| end > at).unwrap_or(at))
    }

    fn list(&mut self, input: Values<'a>, nodes: &'a [Node]) -> Evaluated<'a> {
        nodes.iter().try_fold(input, |values, node| self.walk(values, node))
    }

    fn walk(&mut self, input: Values<'a>, node: &'a Node) -> Evaluated<'a> {
        self.steps += 1 + input.len();
        if self.steps > MAX_STEPS {
            return fail(format!("the template takes more than {MAX_STEPS} steps"), input);
        }
        match node {
            Node::List(nodes) => self.list(input, nodes),
            // Text stands for itself whatever came before; a number or boolean once for each value.
            Node::Literal(value) => Ok(vec![Cow::Borrowed(value); if value.is_string() { 1 } else { input.len() }]),
            Node::Field(name) => self.field(input, name),
            Node::Identifier(name) => self.identifier(input, name),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => self.recursive(input),
            Node::Slice(slice) => evaluate_slice(input, slice),
            Node::Union(members) => self.union(input, members),
            Node::Filter { left, test } => self.filter(input, left, test),
        }
    }

    fn identifier(&mut self, input: Values<'a>, name: &str) -> Evaluated<'a> {
        match name {
            "range" => {
                self.begin_range += 1;
                Ok(input)
            }
            "end" if self.in_range > 0 => {
                self.end_range += 1;
                Ok(Vec::new())
            }
            "end" => fail("not in range, nothing to end", Vec::new()),
            _ => fail(format!("unrecognized identifier {name}"), input),
        }
    }

    fn field(&mut self, input: Values<'a>, name: &str) -> Evaluated<'a> {
        let nothing_to_look_in = input.is_empty();
        let found: Values<'a> = input.into_iter().filter_map(|value| member(value, name)).collect();
        if found.is_empty() && !nothing_to_look_in && !self.allow_missing_keys {
            return fail(format!("{name} is not found"), found);
        }
        Ok(found)
    }

    fn union(&mut self, input: Values<'a>, members: &'a [Vec<Node>]) -> Evaluated<'a> {
        let mut all = Vec::new();
        for nodes in members {
            match self.list(input.clone(), nodes) {
                Ok(values) => all.extend(values),
                Err(failure) => return Err(Failure { values: input, ..failure }),
            }
        }
        Ok(all)
    }

    /// Every value that holds others, parents before children.
    fn recursive(&mut self, input: Values<'a>) -> Evaluated<'a> {
        let mut all = Vec::new();
        let mut pending: Values<'a> = input.into_iter().rev().collect();
        while let Some(value) = pending.pop() {
            let below = children(&value);
            self.steps += 1 + below.len();
            if self.steps > MAX_STEPS {
                return fail(format!("the template takes more than {MAX_STEPS} steps"), all);
            }
            if !below.is_empty() {
                all.push(value);
                pending.extend(below.into_iter().rev());
            }
        }
        Ok(all)
    }

    fn filter(&mut self, input: Values<'a>, left: &'a [Node], test: &'a Test) -> Evaluated<'a> {
        let mut found = Vec::new();
        for value in &input {
            if !value.is_array() {
                let shown = if value.is_null() { "<invalid reflect.Value>".to_owned() } else { go_value(value) };
                return fail(format!("{shown} is not array or slice and cannot be filtered"), input);
            }
            for item in children(value) {
                match self.passes(item.clone(), left, test) {
                    Ok(true) => found.push(item),
                    Ok(false) => {}
                    Err(error) => return Err(Failure { error, values: input }),
                }
            }
        }
        Ok(found)
    }

    fn passes(&mut self, item: Cow<'a, Value>, left: &'a [Node], test: &'a Test) -> Result<bool, Error> {
        let lefts = self.list(vec![item.clone()], left);
        let (operator, right) = match test {
            Test::Exists => return Ok(!lefts.unwrap_or_else(|failure| failure.values).is_empty()),
            Test::Compare { operator, right } => (operator, right),
        };
        let Some(left) = only_one(lefts.map_err(|failure| failure.error)?)? else { return Ok(false) };
        let rights = self.list(vec![item], right).map_err(|failure| failure.error)?;
        let Some(right) = only_one(rights)? else { return Ok(false) };
        compare(operator, &left, &right)
    }
}

fn fail<'a>(message: impl Into<String>, values: Values<'a>) -> Evaluated<'a> {
    Err(Failure { error: Error(message.into()), values })
}

fn only_one(values: Values<'_>) -> Result<Option<Cow<'_, Value>>, Error> {
    if values.len() > 1 {
        return Err(Error("can only compare one element at a time".to_owned()));
    }
    Ok(values.into_iter().next())
}

fn member<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(mut value) => value.as_object_mut()?.remove(name).map(Cow::Owned),
    }
}

/// What a value holds: members in key order (Go's order is random), items, or the bytes of a string, as in client-go.
fn children<'a>(value: &Cow<'a, Value>) -> Values<'a> {
    match value {
        Cow::Borrowed(Value::Object(fields)) => fields.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Object(fields)) => fields.values().cloned().map(Cow::Owned).collect(),
        Cow::Owned(Value::Array(items)) => items.iter().cloned().map(Cow::Owned).collect(),
        Cow::Borrowed(Value::String(text)) => text.bytes().map(|byte| Cow::Owned(json!(byte))).collect(),
        Cow::Owned(Value::String(text)) => text.bytes().map(|byte| Cow::Owned(json!(byte))).collect(),
        _ => Vec::new(),
    }
}

fn evaluate_slice<'a>(input: Values<'a>, slice: &Slice) -> Evaluated<'a> {
    let mut found = Vec::new();
    for value in &input {
        if value.is_null() {
            continue;
        }
        if !value.is_array() {
            return fail(format!("{} is not array or slice", go_type(value)), input);
        }
        let items = children(value);
        match bounds(slice, i64::try_from(items.len()).unwrap_or(i64::MAX)) {
            Ok(Some((start, end, step))) => found.extend(items.into_iter().take(end).skip(start).step_by(step)),
            // client-go stops at the first value of which nothing is asked.
            Ok(None) => return Ok(found),
            Err(error) => return Err(Failure { error, values: input }),
        }
    }
    Ok(found)
}

/// Start, end and step in a list of `length`; `None` when the slice is empty by its numbers.
fn bounds(slice: &Slice, length: i64) -> Result<Option<(usize, usize, usize)>, Error> {
    let from_end = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let written = slice.start.unwrap_or(0);
    let start = from_end(written);
    let end = match (slice.end, slice.single) {
        (Some(end), _) => from_end(end),
        (None, false) => length,
        (None, true) if written == -1 => length,
        (None, true) => from_end(written.saturating_add(1)),
    };
    if start == end {
        return Ok(None);
    }
    let out_of_bounds = |index: i64| Err(Error(format!("array index out of bounds: index {index}, length {length}")));
    if start < 0 || start >= length {
        return out_of_bounds(start);
    }
    if end < 0 || end > length {
        return out_of_bounds(end - 1);
    }
    if start > end {
        return Err(Error(format!("starting index {start} is greater than ending index {end}")));
    }
    let step = slice.step.unwrap_or(1);
    if step <= 0 {
        return Err(Error("step must be > 0".to_owned()));
    }
    let index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Some((index(start), index(end), index(step))))
}
