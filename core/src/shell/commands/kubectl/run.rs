//! `kubectl run`: one Pod from an image.

use super::client::Kubectl;
use super::failure::Failure;
use super::{Outcome, attach, create};
use crate::api::{Kind, Object};
use serde_json::{Map, Value, json};

pub(super) const FLAGS: &str = "annotations= attach command dry-run=unchanged env= expose image= image-pull-policy= labels/l= output/o= \
    port= privileged quiet/q restart= rm save-config stdin/i template= tty/t !allow-missing-template-keys !cascade=background \
    !field-manager= !filename/f= !force !grace-period= !kustomize/k= !leave-stdin-open !override-type= !overrides= \
    !pod-running-timeout= !recursive/R !show-managed-fields !timeout= !wait";

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let flags = &kubectl.flags;
    let attached = flags.switch("attach", flags.has("stdin"));
    let name = match (flags.arguments.first(), flags.before_dash) {
        (Some(name), Some(1..) | None) => name.clone(),
        _ => return Err(Failure::usage(&kubectl.path, "NAME is required for run")),
    };
    if flags.value("image").is_none() {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    }
    check(&kubectl, attached)?;
    let document = pod(&kubectl, &name)?;
    if attached {
        let object = Object::from_document(Kind::Pod, document).map_err(Failure::error)?;
        let created = kubectl.create(object).await?;
        return attach::session(&kubectl, &created.reference()).await;
    }
    create::generated(&kubectl, Kind::Pod, document, "created").await?;
    if flags.has("expose") {
        return create::generated(&kubectl, Kind::Service, service(&kubectl, &name)?, "created").await;
    }
    Ok(())
}

/// The Service of `--expose`.
fn service(kubectl: &Kubectl, name: &str) -> Result<Value, Failure> {
    let port = flag_number(kubectl, "port")?;
    let spec = json!({ "ports": [{ "port": port, "protocol": "TCP", "targetPort": port }], "selector": labels(kubectl, name)? });
    Ok(json!({ "apiVersion": "v1", "kind": "Service", "metadata": create::metadata(kubectl, name), "spec": spec }))
}

fn flag_number(kubectl: &Kubectl, name: &str) -> Result<Option<i64>, Failure> {
    kubectl.flags.number(name).map_err(|error| Failure::flag(&error, &kubectl.path))
}

fn check(kubectl: &Kubectl, attached: bool) -> Outcome {
    let flags = &kubectl.flags;
    let usage = |message: &str| Err(Failure::usage(&kubectl.path, message));
    let image = flags.value("image").unwrap_or_default();
    if image.is_empty() {
        return Err(Failure::error("--image is required"));
    }
    if !image.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:@".contains(c)) || image.ends_with([':', '@', '/']) {
        return Err(Failure::error(format!("Invalid image name {image:?}: invalid reference format")));
    }
    if flags.has("tty") && !flags.has("stdin") {
        return usage("-i/--stdin is required for containers with -t/--tty=true");
    }
    if flags.has("expose") && flags.value("port").is_none() {
        return usage("--port must be set when exposing a service");
    }
    if let Some(policy @ ("" | "always" | "never")) =
        flags.value("restart").filter(|policy| !matches!(*policy, "Always" | "OnFailure" | "Never"))
    {
        return usage(&format!("invalid restart policy: {policy}"));
    }
    if !attached && flags.has("rm") {
        return usage("--rm should only be used for attached containers");
    }
    if attached && flags.value("dry-run").is_some() {
        return usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
    }
    Ok(())
}

/// The Pod's document, as kubectl's `run-pod/v1` generator writes it.
fn pod(kubectl: &Kubectl, name: &str) -> Result<Value, Failure> {
    let flags = &kubectl.flags;
    let mut metadata = create::metadata(kubectl, name);
    metadata["labels"] = labels(kubectl, name)?;
    if let Some(annotations) = annotations(kubectl)? {
        metadata["annotations"] = annotations;
    }
    let mut container = json!({ "name": name, "image": flags.value("image"), "resources": {} });
    let words: Vec<&String> = flags.arguments.iter().skip(1).collect();
    if !words.is_empty() {
        container[if flags.has("command") { "command" } else { "args" }] = json!(words);
    }
    if let Some(policy) = flags.value("image-pull-policy") {
        container["imagePullPolicy"] = json!(policy);
    }
    if let Some(port) = flag_number(kubectl, "port")? {
        container["ports"] = json!([{ "containerPort": port }]);
    }
    if let Some(environment) = environment(kubectl)? {
        container["env"] = environment;
    }
    if flags.has("stdin") {
        container["stdin"] = json!(true);
        container["stdinOnce"] = json!(true);
    }
    if flags.has("tty") {
        container["tty"] = json!(true);
    }
    if flags.has("privileged") {
        container["securityContext"] = json!({ "privileged": true });
    }
    let restart = flags.value("restart").unwrap_or("Always");
    let spec = json!({ "containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart });
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec });
    if flags.value("dry-run").is_some() {
        pod["status"] = json!({});
    }
    Ok(pod)
}

/// `--labels`; without it the Pod is labelled with its own name.
fn labels(kubectl: &Kubectl, name: &str) -> Result<Value, Failure> {
    let Some(text) = kubectl.flags.value("labels").filter(|text| !text.is_empty()) else { return Ok(json!({ "run": name })) };
    let pair = |part: &str| match part.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.contains('=') => Ok((key.to_owned(), json!(value))),
        _ => Err(Failure::error(format!("unexpected label spec: {part}"))),
    };
    Ok(Value::Object(text.split(',').map(pair).collect::<Result<Map<_, _>, _>>()?))
}

fn annotations(kubectl: &Kubectl) -> Result<Option<Value>, Failure> {
    let pair = |text: &str| match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), json!(value))),
        None => Err(Failure::error(format!("unexpected annotation: {text}"))),
    };
    let pairs: Map<String, Value> = kubectl.flags.values("annotations").into_iter().map(pair).collect::<Result<_, _>>()?;
    Ok((!pairs.is_empty()).then_some(Value::Object(pairs)))
}

fn environment(kubectl: &Kubectl) -> Result<Option<Value>, Failure> {
    let variable = |text: &str| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(json!({ "name": name, "value": value })),
        _ => Err(Failure::error(format!("invalid env: {text}"))),
    };
    let variables: Vec<Value> = kubectl.flags.values("env").into_iter().map(variable).collect::<Result<_, _>>()?;
    Ok((!variables.is_empty()).then_some(json!(variables)))
}
