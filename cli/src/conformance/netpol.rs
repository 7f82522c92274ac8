//! `netpol/`: a cluster, and for each probe whether policy lets it through. Counted by probe.

use super::{Family, folders, read_json};
use crate::Failure;
use hoplab_core::api::{Kind, Object};
use hoplab_core::manifest;
use hoplab_core::net::{IpAddr, Protocol};
use hoplab_core::policy::{PolicySet, reach};
use hoplab_core::store::Store;
use serde::Deserialize;
use serde_json::json;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    probes: Vec<Probe>,
    #[serde(default)]
    contested_probes: Vec<Probe>,
    #[serde(default)]
    service_probes: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Probe {
    from: End,
    to: End,
    port: u16,
    #[serde(default)]
    protocol: Protocol,
    expect: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct End {
    pod: Option<String>,
    workload: Option<String>,
    ip: Option<IpAddr>,
}

pub fn run(directory: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("netpol");
    for folder in folders(directory)? {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let cluster = crate::input::read(&folder.join("cluster.yaml"))?;
        check_probes(&mut family, &name, &cluster, &read_json(&folder.join("probes.json"))?);
    }
    Ok(family)
}

/// The score of one probe file against manifests.
pub fn answer_file(cluster: &str, probes: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("probes");
    check_probes(&mut family, &probes.display().to_string(), cluster, &read_json(probes)?);
    Ok(family)
}

fn check_probes(family: &mut Family, name: &str, cluster: &str, case: &Case) {
    let store = store(cluster);
    let policies = PolicySet::compile(&store);
    for (index, probe) in case.probes.iter().enumerate() {
        family.check(format!("{name}#{index}"), probe.expect.clone(), answer(&store, &policies, probe));
    }
    for (index, probe) in case.contested_probes.iter().enumerate() {
        // Implementations differ: any answer passes, none fails.
        let got = answer(&store, &policies, probe);
        family.verdict(format!("{name}#contested-{index}"), got != "no such end", "an answer", got);
    }
    for index in 0..case.service_probes.len() {
        family.check(format!("{name}#service-{index}"), "an answer", "services are not dialled here yet");
    }
}

/// Policy cases describe the state of a cluster, not requests to one: what stands in the file is what is there, and every
/// workload has one Pod.
fn store(text: &str) -> Store {
    let documents = manifest::parse(&with_quoted_letters(text), "cluster.yaml").documents;
    let mut objects: Vec<Object> = documents.into_iter().map(|document| in_namespace(document.object)).collect();
    let pods: Vec<Object> = objects.iter().filter_map(pod_of_workload).collect();
    objects.extend(pods);
    Store::holding(objects.into_iter().enumerate().map(|(index, object)| with_address(index, object)))
}

/// The cases were written by YAML 1.2 tools, which print the letters y and n bare; kubectl reads those as booleans.
fn with_quoted_letters(text: &str) -> String {
    let quoted = |line: &str| match line.strip_suffix(": y").or_else(|| line.strip_suffix(": n")) {
        Some(key) => format!("{key}: \"{}\"\n", &line[line.len() - 1..]),
        None => match line.trim_start() {
            "- y" | "- n" => format!("{}\"{}\"\n", &line[..line.len() - 1], &line[line.len() - 1..]),
            _ => format!("{line}\n"),
        },
    };
    text.lines().map(quoted).collect()
}

fn in_namespace(object: Object) -> Object {
    if !object.namespace().is_empty() || !object.kind().resource().namespaced {
        return object;
    }
    object.edited(|document| document["metadata"]["namespace"] = json!("default")).unwrap_or(object)
}

fn pod_of_workload(object: &Object) -> Option<Object> {
    let spec = &object.document()["spec"];
    let template = if object.kind() == Kind::CronJob { &spec["jobTemplate"]["spec"]["template"] } else { &spec["template"] };
    let resource = object.kind().resource();
    let owner =
        json!({"apiVersion": object.kind().api_version(), "kind": resource.name, "name": object.name(), "controller": true});
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{}-{}", resource.singular, object.name()),
            "namespace": object.namespace(),
            "labels": template["metadata"]["labels"],
            "ownerReferences": [owner],
        },
        "spec": template.get("spec")?,
    });
    Object::from_document(Kind::Pod, pod).ok()
}

/// A Pod whose file does not say its address gets one that no case uses: 198.18.0.0/15 is for benchmarks (RFC 2544).
fn with_address(index: usize, object: Object) -> Object {
    let needs_one = object.as_pod().is_some_and(|pod| pod.ip().is_none() && !pod.spec.host_network);
    if !needs_one {
        return object;
    }
    let address = format!("198.18.{}.{}", index / 250, index % 250 + 1);
    object.edited(|document| document["status"]["podIP"] = json!(address)).unwrap_or(object)
}

fn answer(store: &Store, policies: &PolicySet, probe: &Probe) -> String {
    let (Some(from), Some(to)) = (probe.from.address(store), probe.to.address(store)) else {
        return "no such end".to_owned();
    };
    crate::reach::word(reach(policies, from, to, probe.protocol, probe.port).answer()).to_owned()
}

impl End {
    fn address(&self, store: &Store) -> Option<IpAddr> {
        if let Some(ip) = self.ip {
            return Some(ip);
        }
        let wanted = |pod: &Object| match (&self.pod, &self.workload) {
            (Some(name), _) => *name == format!("{}/{}", pod.namespace(), pod.name()),
            (None, Some(workload)) => owned_by(pod, workload),
            (None, None) => false,
        };
        store.list(Kind::Pod).find(|pod| wanted(pod)).and_then(|pod| pod.as_pod()?.ip())
    }
}

/// Is the Pod made by `namespace/Kind/name`, or named so itself?
fn owned_by(pod: &Object, workload: &str) -> bool {
    let mut parts = workload.splitn(3, '/');
    let (Some(namespace), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let owns = pod.meta().owner_references.iter().any(|owner| owner.kind == kind && owner.name == name);
    pod.namespace() == namespace && (owns || (kind == "Pod" && pod.name() == name))
}
