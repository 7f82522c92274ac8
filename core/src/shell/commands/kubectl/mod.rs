//! kubectl: verbs over the simulated API server. It talks to the API server, not over the Pod network, so it works whatever
//! policies say. Every request takes a little virtual time. What real kubectl can do and this one cannot is said in a hint.

mod about;
mod apply;
mod attach;
mod client;
mod create;
mod delete;
mod describe;
mod exec;
mod expose;
mod failure;
mod flags;
mod get;
mod label;
mod logs;
mod output;
mod resource;
mod run;
mod scale;
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

/// Each with what it makes or asks before the verb alone: the first name that fits is taken.
const VERBS: &[Verb] = &[
    Verb { name: "annotate", flags: label::FLAGS, run: |kubectl| Box::pin(label::annotate(kubectl)) },
    Verb { name: "api-resources", flags: about::RESOURCES_FLAGS, run: |kubectl| Box::pin(about::api_resources(kubectl)) },
    Verb { name: "apply", flags: apply::FLAGS, run: |kubectl| Box::pin(apply::run(kubectl)) },
    Verb { name: "cluster-info dump", flags: about::DUMP_FLAGS, run: |kubectl| Box::pin(about::cluster_info_dump(kubectl)) },
    Verb { name: "cluster-info", flags: about::CLUSTER_INFO_FLAGS, run: |kubectl| Box::pin(about::cluster_info(kubectl)) },
    Verb { name: "config current-context", flags: about::CONFIG_FLAGS, run: |kubectl| Box::pin(about::current_context(kubectl)) },
    Verb { name: "config get-contexts", flags: about::CONFIG_FLAGS, run: |kubectl| Box::pin(about::get_contexts(kubectl)) },
    Verb { name: "config view", flags: about::CONFIG_FLAGS, run: |kubectl| Box::pin(about::config_view(kubectl)) },
    Verb { name: "config", flags: about::CONFIG_FLAGS, run: |kubectl| Box::pin(about::config_other(kubectl)) },
    Verb { name: "create configmap", flags: create::CONFIG_MAP_FLAGS, run: |kubectl| Box::pin(create::config_map(kubectl)) },
    Verb { name: "create cm", flags: create::CONFIG_MAP_FLAGS, run: |kubectl| Box::pin(create::config_map(kubectl)) },
    Verb { name: "create deployment", flags: create::DEPLOYMENT_FLAGS, run: |kubectl| Box::pin(create::deployment(kubectl)) },
    Verb { name: "create deploy", flags: create::DEPLOYMENT_FLAGS, run: |kubectl| Box::pin(create::deployment(kubectl)) },
    Verb { name: "create namespace", flags: create::NAMESPACE_FLAGS, run: |kubectl| Box::pin(create::namespace(kubectl)) },
    Verb { name: "create ns", flags: create::NAMESPACE_FLAGS, run: |kubectl| Box::pin(create::namespace(kubectl)) },
    Verb {
        name: "create service clusterip",
        flags: create::SERVICE_FLAGS,
        run: |kubectl| Box::pin(create::cluster_ip_service(kubectl)),
    },
    Verb {
        name: "create svc clusterip",
        flags: create::SERVICE_FLAGS,
        run: |kubectl| Box::pin(create::cluster_ip_service(kubectl)),
    },
    Verb { name: "create", flags: create::FLAGS, run: |kubectl| Box::pin(create::from_files(kubectl)) },
    Verb { name: "delete", flags: delete::FLAGS, run: |kubectl| Box::pin(delete::run(kubectl)) },
    Verb { name: "describe", flags: describe::FLAGS, run: |kubectl| Box::pin(describe::run(kubectl)) },
    Verb { name: "exec", flags: exec::FLAGS, run: |kubectl| Box::pin(exec::run(kubectl)) },
    Verb { name: "explain", flags: about::EXPLAIN_FLAGS, run: |kubectl| Box::pin(about::explain(kubectl)) },
    Verb { name: "expose", flags: expose::FLAGS, run: |kubectl| Box::pin(expose::run(kubectl)) },
    Verb { name: "get", flags: get::FLAGS, run: |kubectl| Box::pin(get::run(kubectl)) },
    Verb { name: "label", flags: label::FLAGS, run: |kubectl| Box::pin(label::label(kubectl)) },
    Verb { name: "logs", flags: logs::FLAGS, run: |kubectl| Box::pin(logs::run(kubectl)) },
    Verb { name: "rollout restart", flags: scale::RESTART_FLAGS, run: |kubectl| Box::pin(scale::rollout_restart(kubectl)) },
    Verb { name: "rollout status", flags: scale::STATUS_FLAGS, run: |kubectl| Box::pin(scale::rollout_status(kubectl)) },
    Verb { name: "run", flags: run::FLAGS, run: |kubectl| Box::pin(run::run(kubectl)) },
    Verb { name: "scale", flags: scale::FLAGS, run: |kubectl| Box::pin(scale::run(kubectl)) },
    Verb { name: "set image", flags: scale::IMAGE_FLAGS, run: |kubectl| Box::pin(scale::set_image(kubectl)) },
    Verb { name: "version", flags: about::VERSION_FLAGS, run: |kubectl| Box::pin(about::version(kubectl)) },
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
    if words.is_empty() {
        return unmodelled::usage(&process, &rest).await;
    }
    let matches = |verb: &&Verb| {
        verb.name.split(' ').zip(&words).filter(|(part, word)| part == word).count() == verb.name.split(' ').count()
    };
    let Some(verb) = VERBS.iter().find(matches) else { return unmodelled::verb(&process, &words).await };
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
