//! `kubectl expose`: a Service for Pods that something else selects.

use super::client::Kubectl;
use super::failure::Failure;
use super::resource::{self, Request};
use super::{Outcome, create};
use crate::api::{Kind, Object};
use crate::jsonpath::go_value;
use serde_json::{Map, Value, json};

pub(super) const FLAGS: &str = "cluster-ip= dry-run=unchanged external-ip= filename/f= labels/l= name= output/o= port= protocol= selector= \
    session-affinity= target-port= type= template= save-config !allow-missing-template-keys !field-manager= !kustomize/k= \
    !load-balancer-ip= !override-type= !overrides= !recursive/R !show-managed-fields";

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let requests = resource::requests(&kubectl, &kubectl.flags.arguments, false)?;
    if requests.is_empty() {
        return Err(Failure::error(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        ));
    }
    for request in requests {
        let Request::Named(reference) = request else { continue };
        let object = kubectl.get(&reference).await?;
        let document = service(&kubectl, &object)?;
        create::generated(&kubectl, Kind::Service, document, "exposed").await?;
    }
    Ok(())
}

fn service(kubectl: &Kubectl, object: &Object) -> Result<Value, Failure> {
    let flags = &kubectl.flags;
    let name: String = flags.value("name").unwrap_or(object.name()).chars().take(63).collect();
    let selector = match flags.value("selector") {
        Some(text) => pairs(text)?,
        None => selector(object)?,
    };
    let ports = ports(kubectl, object)?;
    let mut metadata = create::metadata(kubectl, &name);
    let labels = match flags.value("labels") {
        Some(text) => pairs(text)?,
        None => object.document().pointer("/metadata/labels").cloned().unwrap_or(Value::Null),
    };
    if labels.as_object().is_some_and(|labels| !labels.is_empty()) {
        metadata["labels"] = labels;
    }
    let mut spec = json!({ "selector": selector, "ports": ports });
    for (field, flag) in [("type", "type"), ("clusterIP", "cluster-ip"), ("sessionAffinity", "session-affinity")] {
        if let Some(value) = flags.value(flag).filter(|value| !value.is_empty()) {
            spec[field] = json!(value);
        }
    }
    if let Some(address) = flags.value("external-ip") {
        spec["externalIPs"] = json!([address]);
    }
    let mut document = json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec });
    if flags.value("dry-run").is_some() {
        document["status"] = json!({ "loadBalancer": {} });
    }
    Ok(document)
}

fn pairs(text: &str) -> Result<Value, Failure> {
    let pair = |part: &str| match part.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), json!(value))),
        _ => Err(Failure::error(format!("unexpected label spec: {part}"))),
    };
    Ok(Value::Object(text.split(',').map(pair).collect::<Result<Map<_, _>, _>>()?))
}

/// The labels by which the Service finds the object's Pods.
fn selector(object: &Object) -> Result<Value, Failure> {
    let document = object.document();
    let introspection =
        |message: &str| Failure::error(format!("couldn't retrieve selectors via --selector flag or introspection: {message}"));
    match object.kind() {
        Kind::Pod if object.meta().labels.is_empty() => Err(introspection("the pod has no labels and cannot be exposed")),
        Kind::Pod => Ok(document["metadata"]["labels"].clone()),
        Kind::Service => match document.pointer("/spec/selector").filter(|selector| selector.is_object()) {
            Some(selector) => Ok(selector.clone()),
            None => Err(introspection("the service has no pod selector set")),
        },
        Kind::Deployment | Kind::ReplicaSet => match document.pointer("/spec/selector/matchExpressions") {
            Some(Value::Array(expressions)) if !expressions.is_empty() => {
                Err(introspection("couldn't convert expressions - \"[...]\" to map-based selector format"))
            }
            _ => Ok(document.pointer("/spec/selector/matchLabels").cloned().unwrap_or(json!({}))),
        },
        kind => Err(Failure::error(format!("cannot expose a {}", kind.resource().name))),
    }
}

fn ports(kubectl: &Kubectl, object: &Object) -> Result<Value, Failure> {
    let flags = &kubectl.flags;
    let numbers: Vec<String> = match flags.value("port") {
        Some(text) if !text.is_empty() => text.split(',').map(str::to_owned).collect(),
        _ => own_ports(object),
    };
    if numbers.is_empty() && flags.value("cluster-ip") != Some("None") {
        return Err(Failure::error("couldn't find port via --port flag or introspection"));
    }
    let several = numbers.len() > 1;
    let port = |(index, text): (usize, &String)| {
        let number: u16 =
            text.trim().parse().map_err(|_| Failure::error(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))?;
        let target = match flags.value("target-port") {
            Some(target) => target.parse::<u16>().map_or(json!(target), |target| json!(target)),
            None => json!(number),
        };
        let mut port = json!({ "port": number, "protocol": flags.value("protocol").unwrap_or("TCP"), "targetPort": target });
        if several {
            port["name"] = json!(format!("port-{}", index + 1));
        }
        Ok(port)
    };
    Ok(Value::Array(numbers.iter().enumerate().map(port).collect::<Result<_, Failure>>()?))
}

/// Ports that the object's containers, or the Service itself, declare.
fn own_ports(object: &Object) -> Vec<String> {
    let (lists, field) = match object.kind() {
        Kind::Service => (object.document().pointer("/spec"), "port"),
        Kind::Pod => (object.document().pointer("/spec"), "containerPort"),
        _ => (object.document().pointer("/spec/template/spec"), "containerPort"),
    };
    let Some(spec) = lists else { return Vec::new() };
    let holders: Vec<&Value> = match spec.get("containers").and_then(Value::as_array) {
        Some(containers) => containers.iter().collect(),
        None => vec![spec],
    };
    let ports = holders.into_iter().filter_map(|holder| holder.get("ports").and_then(Value::as_array)).flatten();
    ports.filter_map(|port| port.get(field)).map(go_value).collect()
}
