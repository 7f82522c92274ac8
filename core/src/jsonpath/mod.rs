//! kubectl's JSONPath dialect: `{range .items[*]}{.metadata.name}{"\n"}{end}`. Input: a template and a document. Output: text,
//! or the words the real tool uses to refuse. The work per template is bounded, because templates come from strangers.
//! Follows client-go `util/jsonpath`, oddities included; knows nothing of kinds or of kubectl's flags.

mod compare;
mod evaluate;
mod parse;
mod text;

use serde_json::Value;
use std::borrow::Cow;

pub use text::go_syntax;
pub(crate) use text::{escape_html, go_value};

/// A parsed template. Actions (`{…}`) are lists of nodes; text between them is a node of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
    allow_missing_keys: bool,
}

/// Why a template cannot be read or carried out, in client-go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// `{…}`: each node works on what the one before it found.
    List(Vec<Node>),
    /// Literal text, and every literal inside an action.
    Literal(Value),
    Field(String),
    /// `range`, `end` or a word that is neither.
    Identifier(String),
    Wildcard,
    Recursive,
    Slice(Slice),
    Union(Vec<Vec<Node>>),
    Filter {
        left: Vec<Node>,
        test: Test,
    },
}

/// `[start:end:step]`; `None` where nothing was written.
#[derive(Clone, Debug, PartialEq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// `[3]` means `[3:4]`, and `[-1]` means up to the end rather than `[-1:0]`.
    single: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Exists,
    Compare { operator: String, right: Vec<Node> },
}

impl Template {
    /// Reads a template. The error is the parser's first complaint.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { nodes: parse::parse(text)?, allow_missing_keys: false })
    }

    /// A key that is not there gives nothing instead of an error. `kubectl get -o jsonpath` allows it.
    pub fn allow_missing_keys(mut self, allow: bool) -> Self {
        self.allow_missing_keys = allow;
        self
    }

    /// What the template prints for a document.
    pub fn execute(&self, document: &Value) -> Result<String, Error> {
        let results = self.results(document)?;
        Ok(results.iter().map(|values| text::print(values)).collect())
    }

    /// The values each action found, in the order in which they would be printed.
    pub fn results<'a>(&'a self, document: &'a Value) -> Result<Vec<Vec<Cow<'a, Value>>>, Error> {
        evaluate::Evaluation::new(&self.nodes, self.allow_missing_keys).run(document)
    }
}

/// Turns the loose forms that `--sort-by`, `custom-columns` and `wait --for=jsonpath` take (`metadata.name`, `.metadata.name`,
/// `{metadata.name}`) into a template (kubectl's `RelaxedJSONPathExpression`).
pub fn relaxed_expression(path: &str) -> Result<String, Error> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
    let field = inner.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(inner);
    if field.is_empty() || field.contains(['{', '}']) {
        let forms = "'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
        return Err(Error(format!("unexpected path string, expected a {forms}")));
    }
    Ok(format!("{{.{field}}}"))
}
