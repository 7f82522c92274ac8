//! `netpol/`: a cluster, and for each probe whether policy lets it through. Counted by probe.

use super::{Family, folders, read_json};
use crate::Failure;
use hoplab_core::api::{Kind, Object};
use hoplab_core::manifest;
use hoplab_core::net::{IpAddr, Protocol};
use hoplab_core::policy::{PolicySet, reach};
use hoplab_core::store::Store;
use serde::Deserialize;
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

/// Policy cases describe the state of a cluster, not requests to one: what stands in the file is what is there.
fn store(text: &str) -> Store {
    let documents = manifest::parse(text, "cluster.yaml").documents;
    Store::holding(documents.into_iter().map(|document| document.object))
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
