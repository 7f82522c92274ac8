//! How kubectl fails: a message on standard error and an exit status.

use crate::store::{ApiError, ErrorReason};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Printed as it is; nothing when empty.
    pub message: String,
    pub status: i32,
}

impl Failure {
    /// `error: …`
    pub fn error(message: impl core::fmt::Display) -> Self {
        Self { message: format!("error: {message}"), status: 1 }
    }

    /// A mistake in how a command was called; says where help is.
    pub fn usage(path: &str, message: impl core::fmt::Display) -> Self {
        Self::error(format!("{message}\nSee '{path} -h' for help and examples"))
    }

    /// What pflag says.
    pub fn flag(message: &str, path: &str) -> Self {
        Self::error(format!("{message}\nSee '{path} --help' for usage."))
    }

    /// Several failures, one a line. `None` when nothing failed.
    pub fn all(failures: Vec<Failure>) -> Option<Self> {
        let messages: Vec<&str> = failures.iter().map(|failure| failure.message.trim_end_matches('\n')).collect();
        match failures.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            // In a list kubectl leaves the prefix of its own errors out.
            _ => Some(Self {
                message: messages.iter().map(|m| m.strip_prefix("error: ").unwrap_or(m)).collect::<Vec<_>>().join("\n"),
                status: 1,
            }),
        }
    }

    /// The server's refusal of what came from a file: `error when creating "STDIN": …`.
    pub fn from_source(error: &ApiError, doing: &str, source: &str) -> Self {
        if error.reason == ErrorReason::Invalid {
            return Self::from(error.clone());
        }
        let message = format!("error when {doing} \"{source}\": {}", error.message);
        Self::from(ApiError { message, ..error.clone() })
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let message = match error.reason {
            ErrorReason::Invalid => invalid(&error),
            reason => format!("Error from server ({reason:?}): {}", error.message),
        };
        Self { message, status: 1 }
    }
}

/// `The Pod "web" is invalid: …`: one cause on the same line, several below it.
fn invalid(error: &ApiError) -> String {
    let Some((subject, _)) = error.message.split_once(" is invalid").filter(|_| !error.causes.is_empty()) else {
        return error.message.clone();
    };
    // The server says `Pod "web" is invalid: …`, with a group for kinds that have one; kubectl says only the kind.
    let subject = match subject.strip_prefix("The ").unwrap_or(subject).split_once(' ') {
        Some((kind, name)) => format!("{} {name}", kind.split('.').next().unwrap_or(kind)),
        None => subject.to_owned(),
    };
    let mut causes: Vec<String> = Vec::new();
    for line in error.causes.iter().map(ToString::to_string) {
        if !causes.contains(&line) {
            causes.push(line);
        }
    }
    match causes.as_slice() {
        [only] => format!("The {subject} is invalid: {only}\n"),
        _ => format!(
            "The {subject} is invalid: \n{}\n",
            causes.iter().map(|cause| format!("* {cause}")).collect::<Vec<_>>().join("\n")
        ),
    }
}
