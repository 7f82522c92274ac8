//! `kubectl create`: from files, and the generators for common kinds.

use super::client::Kubectl;
use super::failure::Failure;
use super::output::{DryRun, changed, dry_run};
use super::{Outcome, source};
use crate::api::{Kind, Object};
use serde_json::{Value, json};

pub(super) const FLAGS: &str = "filename/f= dry-run=unchanged output/o= save-config template= !edit !field-manager= !kustomize/k= \
    !raw= !recursive/R selector/l= !validate=strict !allow-missing-template-keys !show-managed-fields !windows-line-endings";
pub(super) const NAMESPACE_FLAGS: &str = "dry-run=unchanged output/o= save-config template= !allow-missing-template-keys !field-manager= !show-managed-fields !validate=strict";
pub(super) const DEPLOYMENT_FLAGS: &str = "image= port= replicas/r= dry-run=unchanged output/o= save-config template= \
    !allow-missing-template-keys !field-manager= !show-managed-fields !validate=strict";

pub(super) const CONFIG_MAP_FLAGS: &str = "from-literal= from-file= dry-run=unchanged output/o= save-config template= append-hash \
    !allow-missing-template-keys !field-manager= !from-env-file= !show-managed-fields !validate=strict";
pub(super) const SERVICE_FLAGS: &str = "tcp= clusterip= dry-run=unchanged output/o= save-config template= !allow-missing-template-keys \
    !field-manager= !show-managed-fields !validate=strict";

pub(super) async fn from_files(kubectl: Kubectl) -> Outcome {
    if kubectl.flags.value("filename").is_none() {
        return match kubectl.flags.arguments.first() {
            Some(kind) => Err(Failure::usage(&kubectl.path, format!("Unexpected args: [{kind}]"))),
            None => Err(Failure::error("must specify one of -f and -k")),
        };
    }
    let files = source::read(&kubectl).await?;
    let nothing = files.objects.is_empty() && files.failures.is_empty();
    let mut failures = files.failures;
    for found in files.objects {
        let created = match dry_run(&kubectl)? {
            DryRun::No => kubectl.create(found.object).await,
            DryRun::Client | DryRun::Server => Ok(std::rc::Rc::new(found.object)),
        };
        match created {
            Ok(object) => changed(&kubectl, &object, "created").await?,
            Err(error) => failures.push(Failure::from_source(&error, "creating", &found.source)),
        }
    }
    if nothing {
        return Err(Failure::error("no objects passed to create"));
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

/// Creates one generated object, or only shows it. `done`: what is said of it then.
pub(super) async fn generated(kubectl: &Kubectl, kind: Kind, document: Value, done: &str) -> Outcome {
    let object = Object::from_document(kind, document).map_err(Failure::error)?;
    match dry_run(kubectl)? {
        DryRun::No => {
            let created = kubectl.create(object).await.map_err(|error| create_failure(kubectl, error))?;
            changed(kubectl, &created, done).await
        }
        DryRun::Client | DryRun::Server => changed(kubectl, &object, done).await,
    }
}

/// Some generators say what they were doing, and then the server's sentence without its prefix.
fn create_failure(kubectl: &Kubectl, error: crate::store::ApiError) -> Failure {
    let what = match kubectl.path.strip_prefix("kubectl create ").unwrap_or_default() {
        "deployment" | "deploy" => "deployment",
        "configmap" | "cm" => "configmap",
        "service clusterip" | "svc clusterip" => "ClusterIP service",
        _ => return Failure::from(error),
    };
    Failure::error(format!("failed to create {what}: {}", error.message))
}

/// The one name that generators take.
pub(super) fn exact_name(kubectl: &Kubectl) -> Result<String, Failure> {
    match kubectl.flags.arguments.as_slice() {
        [name] => Ok(name.clone()),
        names => Err(Failure::usage(&kubectl.path, format!("exactly one NAME is required, got {}", names.len()))),
    }
}

/// `metadata` of a generated object; the context's namespace is written only where a file would need it.
pub(super) fn metadata(kubectl: &Kubectl, name: &str) -> Value {
    let mut metadata = json!({ "name": name });
    let shown_only = kubectl.flags.value("dry-run").is_some() && kubectl.flags.value("namespace").is_none();
    if !shown_only {
        metadata["namespace"] = json!(kubectl.namespace());
    }
    metadata
}

pub(super) async fn namespace(kubectl: Kubectl) -> Outcome {
    let name = exact_name(&kubectl)?;
    let mut document = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    if kubectl.flags.value("dry-run").is_some() {
        document["spec"] = json!({});
        document["status"] = json!({});
    }
    generated(&kubectl, Kind::Namespace, document, "created").await
}

pub(super) async fn deployment(kubectl: Kubectl) -> Outcome {
    let name = exact_name(&kubectl)?;
    let images = kubectl.flags.values("image");
    if images.is_empty() {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    }
    let command = kubectl.flags.after_dash();
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::error("cannot specify multiple --image options and command"));
    }
    let port = kubectl.flags.number("port").map_err(|error| Failure::flag(&error, &kubectl.path))?;
    let replicas = kubectl.flags.number("replicas").map_err(|error| Failure::flag(&error, &kubectl.path))?.unwrap_or(1);
    let container = |image: &&str| {
        let base = image.rsplit('/').next().unwrap_or(image).split(['@', ':']).next().unwrap_or(image);
        let mut container = json!({ "name": base.replace('_', "-"), "image": image });
        if !command.is_empty() {
            container["command"] = json!(command);
        }
        if let Some(port) = port.filter(|port| *port >= 0) {
            container["ports"] = json!([{ "containerPort": port }]);
        }
        container
    };
    let containers: Vec<Value> = images.iter().map(container).collect();
    let labels = json!({ "app": name });
    let mut metadata = metadata(&kubectl, &name);
    metadata["labels"] = labels.clone();
    let document = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } },
        },
    });
    generated(&kubectl, Kind::Deployment, document, "created").await
}

pub(super) async fn config_map(kubectl: Kubectl) -> Outcome {
    let name = exact_name(&kubectl)?;
    let mut data = serde_json::Map::new();
    for literal in kubectl.flags.values("from-literal") {
        let Some((key, value)) = literal.split_once('=') else {
            return Err(Failure::error(format!("invalid literal source {literal}, expected key=value")));
        };
        data.insert(key.to_owned(), json!(value));
    }
    for file in kubectl.flags.values("from-file") {
        let (key, path) = file.split_once('=').unwrap_or((file.rsplit('/').next().unwrap_or(file), file));
        data.insert(key.to_owned(), json!(source::read_text(&kubectl, path)?));
    }
    let mut document = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(&kubectl, &name) });
    if !data.is_empty() {
        document["data"] = Value::Object(data);
    }
    generated(&kubectl, Kind::ConfigMap, document, "created").await
}

/// `create service clusterip web --tcp=80:8080`
pub(super) async fn cluster_ip_service(kubectl: Kubectl) -> Outcome {
    let name = exact_name(&kubectl)?;
    let tcp: Vec<&str> = kubectl.flags.values("tcp").into_iter().flat_map(|ports| ports.split(',')).collect();
    let cluster_ip = kubectl.flags.value("clusterip");
    if tcp.is_empty() && cluster_ip != Some("None") {
        return Err(Failure::error("at least one tcp port specifier must be provided"));
    }
    let port = |text: &&str| {
        let (port, target) = text.split_once(':').unwrap_or((text, text));
        let number: u16 = port.parse().map_err(|_| Failure::error(format!("strconv.Atoi: parsing {port:?}: invalid syntax")))?;
        let target = target.parse::<u16>().map_or(json!(target), |target| json!(target));
        Ok(json!({ "name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target }))
    };
    let ports: Vec<Value> = tcp.iter().map(port).collect::<Result<_, Failure>>()?;
    let labels = json!({ "app": name });
    let mut metadata = metadata(&kubectl, &name);
    metadata["labels"] = labels.clone();
    let mut spec = json!({ "type": "ClusterIP", "selector": labels, "ports": ports });
    if let Some(address) = cluster_ip {
        spec["clusterIP"] = json!(address);
    }
    let document = json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec });
    generated(&kubectl, Kind::Service, document, "created").await
}
