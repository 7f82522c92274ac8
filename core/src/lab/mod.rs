//! Guided labs. Input: a lab's folder as texts. Output: steps with checks on outcomes, and a session that runs a learner's
//! commands, remembers them, and can be rebuilt from what it remembers. A check never looks at the text of a command.
//! Knows nothing of storage or pages.

mod assertion;
mod check;
mod journal;
mod parse;
mod session;

pub use assertion::{Assertion, OutcomeWord};
pub use check::CheckResult;
pub use journal::{Entry, Journal};
pub use parse::LabSummary;
pub use session::{Session, SessionEvent, StepResult};

/// A lab, parsed. `slug` is its folder's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    pub slug: String,
    pub title: String,
    pub minutes: u32,
    /// `Foundation`, `Intermediate`, `Advanced`, `Expert`.
    pub level: String,
    /// What the learner can do at the end, in one sentence.
    pub goal: String,
    /// `cluster.yaml`: the cluster and the objects the lab starts with.
    pub scene: String,
    /// `start.sh`: what happened on the cluster before the learner came; empty for most labs.
    pub start: String,
    pub steps: Vec<LabStep>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LabStep {
    /// The folder's name without its number: `deploy-test-pods`.
    pub slug: String,
    pub title: String,
    /// The step's text as the folder has it: Markdown, or HTML where the site's build rendered it.
    pub text: String,
    pub questions: Vec<Question>,
    /// In the order in which they should come true: the first failure is the one that is shown.
    pub checks: Vec<Check>,
    /// From a nudge to nearly the answer.
    pub hints: Vec<String>,
    /// Shell text that makes every check pass.
    pub solution: String,
}

/// Something the learner commits to before or after looking.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    pub ask: String,
    /// Choices; empty when the answer is typed.
    #[serde(default)]
    pub options: Vec<String>,
    pub answer: QuestionAnswer,
    /// Shown once it is answered right.
    #[serde(default)]
    pub because: String,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuestionAnswer {
    /// One of the options, or the text to type; case and surrounding space do not matter.
    Is(String),
    /// The value of a field of the cluster at the time of asking.
    Field { object: String, path: String },
}

/// One assertion with a name.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub name: String,
    pub expect: Assertion,
}
