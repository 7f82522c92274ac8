//! `kind: Cluster`, `apiVersion: hoplab.dev/v1`: the machines under the objects. `metadata.name` and `spec`, as Kubernetes lays
//! out its own kinds; `spec` holds the fields of [`api::Cluster`](crate::api::Cluster) except its name.

use super::Reader;
use super::convert::Converted;
use crate::api::Cluster;
use crate::diagnostic::Diagnostic;
use crate::net::IpNet;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) const API_VERSION: &str = "hoplab.dev/v1";
pub(super) const KIND: &str = "Cluster";

impl Reader<'_> {
    pub(super) fn cluster(&mut self, converted: &Converted) {
        let faults = match read(&converted.value) {
            Ok(_) if self.manifest.cluster.is_some() => {
                vec![("kind".to_owned(), "a second Cluster; one text describes one cluster".to_owned())]
            }
            Ok(cluster) => {
                self.manifest.cluster = Some(cluster);
                return;
            }
            Err(faults) => faults,
        };
        for (field, message) in faults {
            let position = converted.positions.get(&field).copied();
            let diagnostic = Diagnostic::error(self.source, format!("Cluster: {field}: {message}"));
            self.manifest.diagnostics.push(Diagnostic { position, field: Some(field), ..diagnostic });
        }
    }
}

/// The cluster, or every field that is wrong with what is wrong about it.
fn read(document: &Value) -> Result<Cluster, Vec<(String, String)>> {
    let mut faults = Vec::new();
    let unknown = |path: &str, fields: Option<&Map<String, Value>>, known: &[&str]| {
        let unknown = fields.into_iter().flat_map(Map::keys).filter(|key| !known.contains(&key.as_str()));
        unknown.map(|key| (format!("{path}{key}"), "unknown field".to_owned())).collect::<Vec<_>>()
    };
    faults.extend(unknown("", document.as_object(), &["apiVersion", "kind", "metadata", "spec"]));
    faults.extend(unknown("metadata.", document["metadata"].as_object(), &["name"]));
    let name = document["metadata"]["name"].as_str();
    if name.is_none() {
        faults.push(("metadata".to_owned(), "name is missing".to_owned()));
    }
    let no_fields = Map::new();
    let spec = document["spec"].as_object().unwrap_or(&no_fields);
    if spec.contains_key("name") {
        faults.push(("spec.name".to_owned(), "the name belongs into metadata".to_owned()));
    }
    // Each field alone, so that every fault is found and has its place.
    for (key, value) in spec {
        let alone = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
        if let Err(error) = Cluster::deserialize(&alone) {
            faults.extend(inner_faults(key, value, error.to_string()));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let cluster =
        Cluster::deserialize(Value::Object(spec.clone())).map_err(|error| vec![("spec".to_owned(), error.to_string())])?;
    let no_room = |range: &IpNet| range.prefix_len() + 2 > range.max_prefix_len();
    let faults: Vec<_> = (cluster.nodes.iter().enumerate())
        .filter(|(_, node)| no_room(&node.pod_cidr))
        .map(|(index, node)| (format!("spec.nodes[{index}]"), format!("podCIDR {} holds no address for a Pod", node.pod_cidr)))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Cluster { name: name.unwrap_or_default().to_owned(), ..cluster })
}

/// In a list, which item it is.
fn inner_faults(key: &str, value: &Value, message: String) -> Vec<(String, String)> {
    let at = |index: usize, item: &Value| {
        let alone = Value::Object(Map::from_iter([(key.to_owned(), Value::Array(vec![item.clone()]))]));
        Cluster::deserialize(&alone).err().map(|error| (format!("spec.{key}[{index}]"), error.to_string()))
    };
    let faults: Vec<_> = value.as_array().into_iter().flatten().enumerate().filter_map(|(index, item)| at(index, item)).collect();
    if faults.is_empty() { vec![(format!("spec.{key}"), message)] } else { faults }
}
