//! The fields that the API server fills in when a manifest leaves them out (pkg/apis/*/v1/defaults.go, Kubernetes 1.33). Input and
//! output: a document. What depends on the cluster — addresses, node ports — is allocated by the store.

use super::Kind;
use serde_json::{Map, Value, json};

/// Fills in what the server would. Defaults never overwrite, except null, which is the same as absent.
pub fn apply(kind: Kind, document: &mut Value) {
    match kind {
        Kind::Pod => pod_spec(child(document, "spec")),
        Kind::Service => service(child(document, "spec")),
        Kind::NetworkPolicy => network_policy(child(document, "spec")),
        Kind::Deployment => deployment(child(document, "spec")),
        Kind::ReplicaSet => {
            default(child(document, "spec"), "replicas", json!(1));
            workload(document);
        }
        Kind::DaemonSet => {
            default(child(document, "spec"), "revisionHistoryLimit", json!(10));
            default(
                child(document, "spec"),
                "updateStrategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}),
            );
            workload(document);
        }
        Kind::StatefulSet => {
            for (field, value) in [
                ("replicas", json!(1)),
                ("revisionHistoryLimit", json!(10)),
                ("podManagementPolicy", json!("OrderedReady")),
                ("updateStrategy", json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})),
            ] {
                default(child(document, "spec"), field, value);
            }
            workload(document);
        }
        Kind::Job => job(child(document, "spec")),
        Kind::CronJob => {
            let spec = child(document, "spec");
            for (field, value) in [
                ("concurrencyPolicy", json!("Allow")),
                ("suspend", json!(false)),
                ("successfulJobsHistoryLimit", json!(3)),
                ("failedJobsHistoryLimit", json!(1)),
            ] {
                default(spec, field, value);
            }
            pod_spec(child(child(child(child(spec, "jobTemplate"), "spec"), "template"), "spec"));
        }
        Kind::Endpoints => {
            for subset in items(document, "subsets") {
                items(subset, "ports").for_each(|port| default(port, "protocol", json!("TCP")));
            }
        }
        Kind::EndpointSlice => {
            for port in items(document, "ports") {
                default(port, "name", json!(""));
                default(port, "protocol", json!("TCP"));
            }
        }
        Kind::Secret => default(document, "type", json!("Opaque")),
        Kind::IngressClass => {
            if document["spec"]["parameters"].is_object() {
                default(child(child(document, "spec"), "parameters"), "scope", json!("Cluster"));
            }
        }
        Kind::Namespace => namespace(document),
        Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy => admin_ports(child(document, "spec")),
        Kind::Node | Kind::ConfigMap | Kind::ServiceAccount | Kind::Event | Kind::Ingress | Kind::ClusterNetworkPolicy => {}
    }
}

/// The object under a key, made when there is none. What is not an object stays, and gets no defaults.
fn child<'a>(parent: &'a mut Value, name: &str) -> &'a mut Value {
    if !parent.is_object() {
        return parent;
    }
    let child = &mut parent[name];
    if child.is_null() {
        *child = Value::Object(Map::new());
    }
    child
}

fn items<'a>(parent: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    parent.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().filter(|item| item.is_object())
}

fn default(parent: &mut Value, name: &str, value: Value) {
    let Some(fields) = parent.as_object_mut() else { return };
    if fields.get(name).is_none_or(Value::is_null) {
        fields.insert(name.to_owned(), value);
    }
}

fn text<'a>(parent: &'a Value, name: &str) -> &'a str {
    parent[name].as_str().unwrap_or_default()
}

fn namespace(document: &mut Value) {
    let name = document["metadata"]["name"].clone();
    if name.is_string() {
        default(child(child(document, "metadata"), "labels"), "kubernetes.io/metadata.name", name);
    }
    default(child(document, "status"), "phase", json!("Active"));
    default(child(document, "spec"), "finalizers", json!(["kubernetes"]));
}

fn pod_spec(spec: &mut Value) {
    for (field, value) in [
        ("restartPolicy", json!("Always")),
        ("dnsPolicy", json!("ClusterFirst")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("schedulerName", json!("default-scheduler")),
        ("securityContext", json!({})),
        ("enableServiceLinks", json!(true)),
    ] {
        default(spec, field, value);
    }
    if let Some(account) =
        spec.get("serviceAccountName").or(spec.get("serviceAccount")).filter(|account| account.is_string()).cloned()
    {
        default(spec, "serviceAccountName", account.clone());
        default(spec, "serviceAccount", account);
    }
    let host_network = spec["hostNetwork"].as_bool().unwrap_or_default();
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            self::container(container);
            for port in items(container, "ports").filter(|_| host_network) {
                let number = port["containerPort"].clone();
                default(port, "hostPort", number);
            }
        }
    }
}

fn container(container: &mut Value) {
    let policy = if pulls_always(text(container, "image")) { "Always" } else { "IfNotPresent" };
    for (field, value) in [
        ("imagePullPolicy", json!(policy)),
        ("resources", json!({})),
        ("terminationMessagePath", json!("/dev/termination-log")),
        ("terminationMessagePolicy", json!("File")),
    ] {
        default(container, field, value);
    }
    items(container, "ports").for_each(|port| default(port, "protocol", json!("TCP")));
    for variable in items(container, "env") {
        if variable["valueFrom"]["fieldRef"].is_object() {
            default(child(child(variable, "valueFrom"), "fieldRef"), "apiVersion", json!("v1"));
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container[probe].is_object() {
            self::probe(child(container, probe));
        }
    }
}

/// An image without a tag, or tagged `latest`, may change under its name.
fn pulls_always(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn probe(probe: &mut Value) {
    for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)] {
        default(probe, field, json!(value));
    }
    if probe["httpGet"].is_object() {
        let http = child(probe, "httpGet");
        default(http, "path", json!("/"));
        default(http, "scheme", json!("HTTP"));
    }
}

fn service(spec: &mut Value) {
    default(spec, "sessionAffinity", json!("None"));
    default(spec, "type", json!("ClusterIP"));
    if text(spec, "sessionAffinity") == "ClientIP" {
        default(child(child(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", json!(10_800));
    }
    for port in items(spec, "ports") {
        default(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        if port["targetPort"] == json!(0) || port["targetPort"] == json!("") {
            port["targetPort"] = Value::Null;
        }
        default(port, "targetPort", number);
    }
    let kind = text(spec, "type").to_owned();
    let has_external_ips = spec["externalIPs"].as_array().is_some_and(|ips| !ips.is_empty());
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") || (kind == "ClusterIP" && has_external_ips) {
        default(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP") {
        default(spec, "internalTrafficPolicy", json!("Cluster"));
    }
    if kind == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", json!(true));
    }
    // The registry keeps the old field and the list in step.
    let cluster_ip = text(spec, "clusterIP").to_owned();
    if !cluster_ip.is_empty() {
        default(spec, "clusterIPs", json!([cluster_ip]));
    }
}

fn network_policy(spec: &mut Value) {
    for direction in ["ingress", "egress"] {
        for rule in items(spec, direction) {
            items(rule, "ports").for_each(|port| default(port, "protocol", json!("TCP")));
        }
    }
    default(spec, "podSelector", json!({}));
    let has_egress = spec["egress"].as_array().is_some_and(|rules| !rules.is_empty());
    let types = if has_egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
    if spec["policyTypes"].as_array().is_some_and(Vec::is_empty) {
        spec["policyTypes"] = Value::Null;
    }
    default(spec, "policyTypes", types);
}

fn deployment(spec: &mut Value) {
    default(spec, "replicas", json!(1));
    let strategy = child(spec, "strategy");
    default(strategy, "type", json!("RollingUpdate"));
    if text(strategy, "type") == "RollingUpdate" {
        let rolling = child(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", json!("25%"));
        default(rolling, "maxSurge", json!("25%"));
    }
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "progressDeadlineSeconds", json!(600));
    pod_template(spec);
}

fn workload(document: &mut Value) {
    pod_template(child(document, "spec"));
}

fn pod_template(spec: &mut Value) {
    let template = child(spec, "template");
    default(child(template, "metadata"), "creationTimestamp", Value::Null);
    pod_spec(child(template, "spec"));
}

fn job(spec: &mut Value) {
    for (field, value) in [
        ("completions", json!(1)),
        ("parallelism", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
        ("manualSelector", json!(false)),
    ] {
        default(spec, field, value);
    }
    pod_template(spec);
}

/// The CRD defaults a port's protocol, for single ports and for ranges.
fn admin_ports(spec: &mut Value) {
    for direction in ["ingress", "egress"] {
        for rule in items(spec, direction) {
            for port in items(rule, "ports") {
                for form in ["portNumber", "portRange"] {
                    if port[form].is_object() {
                        default(child(port, form), "protocol", json!("TCP"));
                    }
                }
            }
        }
    }
}
