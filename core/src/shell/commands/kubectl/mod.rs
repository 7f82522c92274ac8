//! kubectl: verbs over the simulated API server. It talks to the API server, not over the Pod network, so it works whatever
//! policies say. Every request takes a little virtual time. What real kubectl can do and this one cannot is said in a hint.

mod apply;
mod client;
mod create;
mod delete;
mod exec;
mod failure;
mod flags;
mod get;
mod output;
mod resource;
mod run;
mod selector;
mod source;
mod unmodelled;
mod wait;

use crate::shell::Process;
use client::Kubectl;
use core::pin::Pin;
use failure::Failure;
use flags::Flags;

type Outcome = Result<(), Failure>;

/// A verb, or a verb and what it makes (`create deployment`).
struct Verb {
    /// `get`; `create deployment`
    name: &'static str,
    /// What [`flags::parse`] reads.
    flags: &'static str,
    run: fn(Kubectl) -> Pin<Box<dyn Future<Output = Outcome>>>,
}

/// Longer names first: `create deployment` is tried before `create`.
const VERBS: &[Verb] = &[
    Verb { name: "apply", flags: apply::FLAGS, run: |kubectl| Box::pin(apply::run(kubectl)) },
    Verb { name: "create deployment", flags: create::DEPLOYMENT_FLAGS, run: |kubectl| Box::pin(create::deployment(kubectl)) },
    Verb { name: "create namespace", flags: create::NAMESPACE_FLAGS, run: |kubectl| Box::pin(create::namespace(kubectl)) },
    Verb { name: "create ns", flags: create::NAMESPACE_FLAGS, run: |kubectl| Box::pin(create::namespace(kubectl)) },
    Verb { name: "create", flags: create::FLAGS, run: |kubectl| Box::pin(create::from_files(kubectl)) },
    Verb { name: "delete", flags: delete::FLAGS, run: |kubectl| Box::pin(delete::run(kubectl)) },
    Verb { name: "exec", flags: exec::FLAGS, run: |kubectl| Box::pin(exec::run(kubectl)) },
    Verb { name: "get", flags: get::FLAGS, run: |kubectl| Box::pin(get::run(kubectl)) },
    Verb { name: "run", flags: run::FLAGS, run: |kubectl| Box::pin(run::run(kubectl)) },
    Verb { name: "wait", flags: wait::FLAGS, run: |kubectl| Box::pin(wait::run(kubectl)) },
];

/// The program.
pub(super) fn program(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move {
        let errors = process.clone();
        match dispatch(process).await {
            Ok(()) => 0,
            Err(failure) => {
                if !failure.message.is_empty() {
                    let newline = if failure.message.ends_with('\n') { "" } else { "\n" };
                    errors.print_error(format!("{}{newline}", failure.message)).await;
                }
                failure.status
            }
        }
    })
}

async fn dispatch(process: Process) -> Outcome {
    let (words, mut rest) = flags::split_verb(process.arguments());
    let Some(first) = words.first().cloned() else { return unmodelled::usage(&process, &rest).await };
    let matches = |verb: &&Verb| {
        verb.name.split(' ').zip(&words).filter(|(part, word)| part == word).count() == verb.name.split(' ').count()
    };
    let Some(verb) = VERBS.iter().find(matches) else { return unmodelled::verb(&process, &first).await };
    // Words beyond the verb are its first arguments.
    let taken = verb.name.split(' ').count();
    rest.splice(0..0, words.into_iter().skip(taken));
    let path = format!("kubectl {}", verb.name);
    let flags = Flags::parse(verb.flags, &rest).map_err(|error| Failure::flag(&error, &path))?;
    if flags.has("help") {
        return unmodelled::help(&process, verb).await;
    }
    unmodelled::hints(&process, &flags).await;
    (verb.run)(Kubectl::new(process, flags, path)).await
}
