//! One shape for everything that is wrong with somebody's text: a title, where it is, and what to do about it.
//! Knows nothing of Kubernetes; whoever finds a fault writes the sentence.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
    /// Accepted by a real cluster, but this simulator does not model it.
    NotModelled,
}

/// Where in a text: line and column count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub level: Level,
    /// What is wrong, in one sentence; for what a real tool refuses, the real tool's words.
    pub message: String,
    /// The text's name: a file, `STDIN`.
    pub source: String,
    pub position: Option<Position>,
    /// The field's path when the fault belongs to one: `spec.ingress[0].ports[0].port`.
    pub field: Option<String>,
    pub hint: Option<String>,
}

impl Diagnostic {
    pub fn error(source: &str, message: impl Into<String>) -> Self {
        Self { level: Level::Error, message: message.into(), source: source.to_owned(), position: None, field: None, hint: None }
    }

    pub fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }
}

/// `file:line:column: level: message`, as compilers write it, so editors can jump there.
impl core::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.source)?;
        if let Some(position) = self.position {
            write!(f, ":{}:{}", position.line, position.column)?;
        }
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::NotModelled => "not modelled",
        };
        write!(f, ": {level}: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}
