//! Every field of every kind, with its type: the facts of `schema.txt`, read once. Says what a field is, not what is valid in
//! it. Knows nothing of YAML or of the objects at hand.

use super::Kind;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What may stand in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    String,
    Bool,
    Int32,
    Int64,
    Float,
    /// `resource.Quantity`: `100m`, `1Gi`, `2`.
    Quantity,
    IntOrString,
    /// RFC 3339.
    Time,
    /// Base64.
    Bytes,
    Any,
    /// A type of the table.
    Object(&'static str),
    List(Box<Shape>),
    /// Keys are strings.
    Map(Box<Shape>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub shape: Shape,
    /// Whether the simulator acts on the field. What it merely stores, it must say.
    pub modelled: bool,
}

type Fields = BTreeMap<&'static str, Field>;

/// The fields of a type of the table: `PodSpec`.
pub fn fields_of(type_name: &str) -> Option<&'static Fields> {
    static TABLE: OnceLock<BTreeMap<&'static str, Fields>> = OnceLock::new();
    TABLE.get_or_init(|| include_str!("schema.txt").lines().filter_map(read_type).collect()).get(type_name)
}

/// The fields of a kind beside `apiVersion`, `kind` and `metadata`.
pub fn fields_of_kind(kind: Kind) -> &'static Fields {
    fields_of(kind.resource().name).expect("schema.txt has a line for every kind")
}

fn read_type(line: &'static str) -> Option<(&'static str, Fields)> {
    if line.starts_with('#') {
        return None;
    }
    let (name, fields) = line.split_once(' ').unwrap_or((line, ""));
    let read_field = |field: &'static str| {
        let modelled = field.starts_with('+');
        let (name, shape) = field.trim_start_matches('+').split_once(':').unwrap_or((field.trim_start_matches('+'), "s"));
        (name, Field { shape: read_shape(shape), modelled })
    };
    Some((name, fields.split(' ').filter(|field| !field.is_empty()).map(read_field).collect()))
}

fn read_shape(code: &'static str) -> Shape {
    if let Some(item) = code.strip_prefix("[]") {
        return Shape::List(Box::new(read_shape(item)));
    }
    if let Some(item) = code.strip_prefix("{}") {
        return Shape::Map(Box::new(read_shape(item)));
    }
    match code {
        "s" => Shape::String,
        "b" => Shape::Bool,
        "i" => Shape::Int32,
        "l" => Shape::Int64,
        "f" => Shape::Float,
        "q" => Shape::Quantity,
        "p" => Shape::IntOrString,
        "t" => Shape::Time,
        "y" => Shape::Bytes,
        "x" => Shape::Any,
        name => Shape::Object(name),
    }
}

impl Shape {
    /// What Go calls the type, as its JSON decoder's errors do: `int32`, `[]v1.Container`.
    pub fn go_name(&self) -> String {
        match self {
            Shape::String | Shape::Time | Shape::Quantity => "string".to_owned(),
            Shape::Bool => "bool".to_owned(),
            Shape::Int32 | Shape::IntOrString => "int32".to_owned(),
            Shape::Int64 => "int64".to_owned(),
            Shape::Float => "float64".to_owned(),
            Shape::Bytes => "[]uint8".to_owned(),
            Shape::Any => "interface {}".to_owned(),
            Shape::Object(name) => format!("v1.{}", go_type_name(name)),
            Shape::List(item) => format!("[]{}", item.go_name()),
            Shape::Map(item) => format!("map[string]{}", item.go_name()),
        }
    }
}

/// Two API groups have a type `EndpointPort`; the table tells the second one apart as `EndpointPort#core`.
pub fn go_type_name(table_name: &str) -> &str {
    table_name.split('#').next().unwrap_or(table_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_a_field_names_is_in_the_table() {
        fn object(shape: &Shape) -> Option<&'static str> {
            match shape {
                Shape::Object(name) => Some(name),
                Shape::List(item) | Shape::Map(item) => object(item),
                _ => None,
            }
        }
        let mut checked = 0;
        for line in include_str!("schema.txt").lines() {
            for name in read_type(line).into_iter().flat_map(|(_, fields)| fields).filter_map(|(_, field)| object(&field.shape)) {
                assert!(fields_of(name).is_some(), "{name} in {line}");
                checked += 1;
            }
        }
        assert!(checked > 300, "{checked}");
        Kind::ALL.iter().for_each(|&kind| assert!(fields_of(kind.resource().name).is_some(), "{kind}"));
    }
}
