//! Tab completion: commands, file names, and for kubectl its verbs, resources, names and namespaces.

use super::{Completion, Process, commands};
use crate::api::Kind;

/// kubectl's verbs that are simulated or that people begin to type.
const VERBS: [&str; 22] = [
    "annotate",
    "api-resources",
    "apply",
    "cluster-info",
    "config",
    "create",
    "delete",
    "describe",
    "edit",
    "exec",
    "explain",
    "expose",
    "get",
    "label",
    "logs",
    "patch",
    "replace",
    "rollout",
    "run",
    "scale",
    "version",
    "wait",
];
const FLAGS: [&str; 14] = [
    "--all",
    "--all-namespaces",
    "--command",
    "--dry-run=client",
    "--filename",
    "--for",
    "--image",
    "--labels",
    "--namespace",
    "--output",
    "--port",
    "--selector",
    "--target-port",
    "--timeout",
];
const OUTPUTS: [&str; 6] = ["json", "jsonpath=", "name", "wide", "yaml", "custom-columns="];

pub(super) fn complete(process: &Process, line: &str, cursor: usize) -> Completion {
    let before = line.get(..cursor).unwrap_or(line);
    // Only the command that the cursor is in matters.
    let command = before.rsplit(['|', ';', '&', '(', '\n', '`']).next().unwrap_or(before);
    let word = command.rsplit([' ', '\t', '<', '>']).next().unwrap_or(command);
    let start = before.len() - word.len();
    let earlier = command.get(..command.len() - word.len()).unwrap_or_default();
    let words: Vec<&str> = earlier.split_whitespace().collect();
    let mut candidates = match words.as_slice() {
        [] if !word.contains('/') => commands::names(process),
        ["kubectl", rest @ ..] => kubectl(process, rest, word),
        ["gcloud", rest @ ..] => gcloud(rest),
        ["ssh"] => nodes(process),
        _ => Vec::new(),
    };
    candidates.retain(|candidate| candidate.starts_with(word));
    let takes_files = match words.as_slice() {
        [] => word.contains('/'),
        ["kubectl", .., flag] => matches!(*flag, "-f" | "--filename"),
        ["kubectl" | "gcloud" | "ssh", ..] => false,
        _ => true,
    };
    if takes_files {
        candidates = files(process, word);
    }
    candidates.sort();
    candidates.dedup();
    Completion { start, candidates }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn kubectl(process: &Process, words: &[&str], word: &str) -> Vec<String> {
    if word.starts_with('-') {
        return strings(&FLAGS);
    }
    match words.last() {
        Some(&("-n" | "--namespace")) => return names(process, Kind::Namespace, None),
        Some(&("-o" | "--output")) => return strings(&OUTPUTS),
        Some(&("-f" | "--filename")) => return Vec::new(),
        _ => {}
    }
    let namespace = words.iter().rposition(|flag| matches!(*flag, "-n" | "--namespace")).and_then(|at| words.get(at + 1));
    let namespace = namespace.copied().unwrap_or("default");
    let mut plain = Vec::new();
    let mut rest = words.iter();
    while let Some(&word) = rest.next() {
        match word {
            "-n" | "--namespace" | "-o" | "--output" | "-l" | "--selector" | "-c" => _ = rest.next(),
            flag if flag.starts_with('-') => {}
            other => plain.push(other),
        }
    }
    match plain.as_slice() {
        [] => strings(&VERBS),
        ["get" | "describe" | "delete" | "label" | "annotate" | "edit" | "patch" | "explain" | "wait"] => resources(),
        ["create"] => strings(&["configmap", "deployment", "job", "namespace", "secret", "service"]),
        ["expose" | "scale"] => strings(&["deployment", "pod", "replicaset", "service"]),
        ["exec" | "logs"] => names(process, Kind::Pod, Some(namespace)),
        [_, kind, ..] => kind_of(kind).map(|kind| names(process, kind, Some(namespace))).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn resources() -> Vec<String> {
    Kind::ALL.iter().flat_map(|kind| [kind.resource().plural, kind.resource().singular]).map(str::to_owned).collect()
}

fn kind_of(text: &str) -> Option<Kind> {
    Kind::ALL.iter().copied().find(|kind| {
        let resource = kind.resource();
        resource.plural == text || resource.singular == text || resource.short_names.contains(&text)
    })
}

fn names(process: &Process, kind: Kind, namespace: Option<&str>) -> Vec<String> {
    let world = process.world.borrow();
    let within = namespace.filter(|_| kind.resource().namespaced);
    let objects = world.store().list(kind).filter(|object| within.is_none_or(|namespace| object.namespace() == namespace));
    objects.map(|object| object.name().to_owned()).collect()
}

fn nodes(process: &Process) -> Vec<String> {
    process.world.borrow().cluster().nodes.iter().map(|node| node.name.clone()).collect()
}

fn gcloud(words: &[&str]) -> Vec<String> {
    strings(match words {
        [] => &["compute", "config", "container"],
        ["compute"] => &["ssh"],
        ["container"] => &["clusters"],
        ["container", "clusters"] => &["create"],
        ["config"] => &["get-value", "set"],
        _ => &[],
    })
}

fn files(process: &Process, word: &str) -> Vec<String> {
    let (directory, prefix) = word.rfind('/').map_or(("", word), |at| word.split_at_checked(at + 1).unwrap_or(("", word)));
    let listed = process.list(if directory.is_empty() { "." } else { directory }).unwrap_or_default();
    let matching =
        listed.into_iter().filter(|name| name.starts_with(prefix) && (prefix.starts_with('.') || !name.starts_with('.')));
    matching
        .map(|name| {
            let path = format!("{directory}{name}");
            if process.is_directory(&path) { format!("{path}/") } else { path }
        })
        .collect()
}
