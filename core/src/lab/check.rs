//! Asking whether an assertion holds: expected, observed, and the conversation that shows it.

use super::assertion::{OutcomeWord, SentAssertion};
use super::{Assertion, Question, QuestionAnswer};
use crate::api::{Kind, Object, ObjectRef};
use crate::jsonpath::{self, Template};
use crate::shell::{CommandRecord, SharedWorld, run_script};
use crate::trace::{Exchange, Outcome, Place};
use crate::world::World;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    pub name: String,
    pub passed: bool,
    /// What the check wants, as a sentence.
    pub expected: String,
    /// What is there, as a sentence.
    pub observed: String,
    /// "Show me": the conversation that decided it, when there is one.
    pub exchange: Option<Exchange>,
}

/// What assertions are asked of.
pub(super) struct Evidence<'a> {
    pub(super) world: &'a SharedWorld,
    /// Finished commands, oldest first.
    pub(super) commands: &'a [CommandRecord],
    pub(super) questions: &'a [Question],
    pub(super) answers: &'a BTreeMap<String, String>,
}

struct Finding {
    passed: bool,
    expected: String,
    observed: String,
    exchange: Option<Exchange>,
}

pub(super) fn check(name: &str, assertion: &Assertion, evidence: &Evidence) -> CheckResult {
    let world = evidence.world.borrow();
    let Finding { passed, expected, observed, exchange } = match assertion {
        Assertion::Field { object, path, is } => field(&world, object, path, is),
        Assertion::Exists(object) => {
            let found = find(&world, object).is_some();
            Finding::plain(found, format!("{object} exists"), if found { "it exists" } else { "it does not exist" })
        }
        Assertion::Absent(object) => {
            let found = find(&world, object).is_some();
            Finding::plain(!found, format!("{object} is gone"), if found { "it is still there" } else { "it is gone" })
        }
        Assertion::Printed { text, status } => printed(evidence.commands, text, *status),
        Assertion::Sent(sent) => sent_finding(&world, evidence.commands, sent),
        Assertion::Answered(id) => answered(&world, evidence, id),
        Assertion::Run { script, status, prints } => run(&world, script, *status, prints.as_deref()),
    };
    CheckResult { name: name.to_owned(), passed, expected, observed, exchange }
}

impl Finding {
    fn plain(passed: bool, expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { passed, expected: expected.into(), observed: observed.into(), exchange: None }
    }
}

/// `Pod shop/web`, `Namespace shop`.
fn parse_reference(text: &str) -> Option<ObjectRef> {
    let (kind, name) = text.split_once(' ')?;
    let kind = Kind::from_argument(kind)?;
    Some(match name.split_once('/') {
        Some((namespace, name)) => ObjectRef::namespaced(kind, namespace, name),
        None => ObjectRef::cluster(kind, name),
    })
}

fn find(world: &World, object: &str) -> Option<Rc<Object>> {
    world.store().get(&parse_reference(object)?).cloned()
}

/// What kubectl would print for the path.
fn read(path: &str, object: &Object) -> Result<String, jsonpath::Error> {
    Template::parse(path)?.allow_missing_keys(true).execute(object.document())
}

fn field(world: &World, object: &str, path: &str, is: &str) -> Finding {
    let expected = format!("{object} {path} is {is}");
    let Some(found) = find(world, object) else {
        return Finding::plain(false, expected, "the object does not exist");
    };
    match read(path, &found) {
        Ok(value) => Finding::plain(
            value == is,
            expected,
            if value.is_empty() { "it is not set".to_owned() } else { format!("it is {value}") },
        ),
        Err(error) => Finding::plain(false, expected, error.to_string()),
    }
}

fn printed(commands: &[CommandRecord], text: &str, status: Option<i32>) -> Finding {
    let with_status = status.map(|status| format!(" and ends with exit status {status}")).unwrap_or_default();
    let expected = format!("a command prints “{text}”{with_status}");
    let prints = |command: &&CommandRecord| command.stdout.contains(text) || command.stderr.contains(text);
    let Some(command) = commands.iter().rev().find(prints) else {
        return Finding::plain(false, expected, "no command has printed it yet");
    };
    let right_status = commands.iter().rev().filter(prints).any(|command| status.is_none_or(|status| command.status == status));
    Finding::plain(right_status, expected, format!("printed, with exit status {}", command.status))
}

fn sent_finding(world: &World, commands: &[CommandRecord], sent: &SentAssertion) -> Finding {
    let says = sent.says.as_deref().map(|says| format!(" with {says}")).unwrap_or_default();
    let to = sent.to.as_deref().map(|to| format!(" to {to}")).unwrap_or_default();
    let rewritten = sent.rewritten.map(|count| format!(", {count} packets rewritten")).unwrap_or_default();
    let expected = format!("{}{to}: {}{says}{rewritten}", sent.from, sent.outcome.sentence());
    let by_learner = |exchange: &&Exchange| commands.iter().any(|command| command.exchanges.contains(&exchange.id));
    let candidates = world.exchanges().iter().rev().filter(by_learner).filter(|exchange| is_from(&exchange.from, &sent.from));
    let candidates: Vec<_> = candidates.filter(|exchange| sent.to.as_deref().is_none_or(|to| goes_to(exchange, to))).collect();
    let matching = candidates.iter().find(|exchange| matches(exchange, sent));
    match (matching, candidates.first()) {
        (Some(exchange), _) => {
            Finding { exchange: Some((**exchange).clone()), ..Finding::plain(true, expected, describe(exchange)) }
        }
        (None, Some(exchange)) => {
            Finding { exchange: Some((**exchange).clone()), ..Finding::plain(false, expected, describe(exchange)) }
        }
        (None, None) => Finding::plain(false, expected, "nothing was sent yet"),
    }
}

fn is_from(place: &Place, from: &str) -> bool {
    match place {
        Place::Pod { namespace, name, .. } => from == format!("Pod {namespace}/{name}"),
        Place::Node { node } => from == format!("Node {node}"),
        Place::External { name } => from == name,
        Place::Device { .. } | Place::Underlay => false,
    }
}

fn goes_to(exchange: &Exchange, to: &str) -> bool {
    let first_packet = |leg: &crate::trace::Leg| leg.trace.hops.first()?.steps.first()?.packet.destination_socket();
    exchange.legs.iter().filter_map(first_packet).any(|socket| socket.to_string() == to)
}

fn translations(exchange: &Exchange) -> usize {
    exchange.legs.iter().map(|leg| leg.trace.translations()).sum()
}

fn matches(exchange: &Exchange, sent: &SentAssertion) -> bool {
    let says = |says: &str| matches!(&exchange.outcome, Outcome::Answered { summary } if summary.contains(says));
    OutcomeWord::of(&exchange.outcome) == sent.outcome
        && sent.says.as_deref().is_none_or(says)
        && sent.rewritten.is_none_or(|count| translations(exchange) == count)
}

fn describe(exchange: &Exchange) -> String {
    let outcome = match &exchange.outcome {
        Outcome::Answered { summary } => format!("answered with {summary}"),
        Outcome::NoSuchName { name } => format!("{name} does not exist"),
        Outcome::Unknown { why } => format!("unknown: {why}"),
        other @ (Outcome::Refused | Outcome::TimedOut | Outcome::NoRoute) => OutcomeWord::of(other).sentence().to_owned(),
    };
    format!("{outcome}, {} packets rewritten", translations(exchange))
}

fn answered(world: &World, evidence: &Evidence, id: &str) -> Finding {
    let Some(question) = evidence.questions.iter().find(|question| question.id == id) else {
        return Finding::plain(false, format!("an answer to question {id}"), "the lab has no such question");
    };
    let expected = format!("the right answer to “{}”", question.ask);
    let right = match &question.answer {
        QuestionAnswer::Is(answer) => Some(answer.clone()),
        QuestionAnswer::Field { object, path } => {
            find(world, object).and_then(|object| read(path, &object).ok()).filter(|value| !value.is_empty())
        }
    };
    match (evidence.answers.get(id), right) {
        (None, _) => Finding::plain(false, expected, "not answered yet"),
        (Some(given), Some(right)) if same_answer(given, &right) => Finding::plain(true, expected, given.clone()),
        (Some(given), _) => Finding::plain(false, expected, format!("{given}: not that")),
    }
}

fn same_answer(given: &str, right: &str) -> bool {
    given.trim().eq_ignore_ascii_case(right.trim())
}

fn run(world: &World, script: &str, status: Option<i32>, prints: Option<&str>) -> Finding {
    let copy: SharedWorld = Rc::new(RefCell::new(world.clone()));
    let before = world.exchanges().last().map_or(0, |exchange| exchange.id);
    let output = run_script(&copy, script);
    let exchange = copy.borrow().exchanges().iter().rev().find(|exchange| exchange.id > before).cloned();
    let right_status = status.is_none_or(|status| output.status == status);
    let right_text = prints.is_none_or(|text| output.stdout.contains(text) || output.stderr.contains(text));
    let wanted: Vec<String> =
        [status.map(|status| format!("exit status {status}")), prints.map(|text| format!("prints “{text}”"))]
            .into_iter()
            .flatten()
            .collect();
    let last_line = output.stderr.lines().chain(output.stdout.lines()).next().unwrap_or("nothing printed").to_owned();
    Finding {
        passed: right_status && right_text,
        expected: format!("`{}`: {}", script.trim(), wanted.join(", ")),
        observed: format!("exit status {}: {last_line}", output.status),
        exchange,
    }
}
