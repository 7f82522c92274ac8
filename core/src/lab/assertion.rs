//! What a check can say: a fact about the cluster, about what was sent, about what the terminal showed.

use crate::trace::Outcome;
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Assertion {
    /// A field of an object, read with kubectl's JSONPath. `object` is `Kind namespace/name` or `Kind name`.
    Field { object: String, path: String, is: String },
    /// The object is there.
    Exists(String),
    /// No such object is there.
    Absent(String),
    /// A finished command printed this (on either stream), with this exit status if one is named.
    Printed {
        text: String,
        #[serde(default)]
        status: Option<i32>,
    },
    /// A finished command started a conversation that went like this. The newest that comes from `from` counts.
    Sent(SentAssertion),
    /// A question was answered right.
    Answered(String),
    /// This script, run on a copy of the cluster, ends and prints like this. The learner's cluster is not touched.
    Run {
        script: String,
        #[serde(default)]
        status: Option<i32>,
        #[serde(default)]
        prints: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SentAssertion {
    /// `Pod namespace/name` or `Node name`.
    pub from: String,
    pub outcome: OutcomeWord,
    /// What the outcome says: `HTTP 200`.
    #[serde(default)]
    pub says: Option<String>,
    /// How many packets of it were rewritten on their way.
    #[serde(default)]
    pub rewritten: Option<usize>,
    /// Only conversations with a packet to this address and port: `10.244.0.15:80`.
    #[serde(default)]
    pub to: Option<String>,
}

/// The kinds of [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OutcomeWord {
    Answered,
    NoSuchName,
    Refused,
    TimedOut,
    NoRoute,
    Unknown,
}

impl OutcomeWord {
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered { .. } => Self::Answered,
            Outcome::NoSuchName { .. } => Self::NoSuchName,
            Outcome::Refused => Self::Refused,
            Outcome::TimedOut => Self::TimedOut,
            Outcome::NoRoute => Self::NoRoute,
            Outcome::Unknown { .. } => Self::Unknown,
        }
    }

    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NoSuchName => "no such name",
            Self::Refused => "refused",
            Self::TimedOut => "timed out",
            Self::NoRoute => "no route",
            Self::Unknown => "unknown",
        }
    }
}
