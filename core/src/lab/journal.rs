//! What a learner did, in order: enough to rebuild the session exactly, since the world is deterministic.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Journal {
    /// The lab's slug.
    pub lab: String,
    /// The network plugin the learner chose instead of the scene's.
    pub cni: Option<crate::api::Cni>,
    pub entries: Vec<Entry>,
    /// Answers by question id.
    pub answers: BTreeMap<String, String>,
    /// Hints opened, per step.
    pub hints: BTreeMap<String, usize>,
    /// Steps whose checks have all been true at some time. A later step may undo an earlier one's work.
    pub done: Vec<String>,
    /// The step on the page.
    pub step: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Entry {
    /// Time passed while the terminal was idle, in milliseconds.
    Elapsed(u64),
    /// Text given to the terminal: a command, or input to one that runs.
    Submitted(String),
    /// Ctrl-C after this many polls of the running command.
    Interrupted { polls: u64 },
    /// Ctrl-D.
    EndOfInput,
}
