//! What kubectl says of itself, its configuration and the cluster: `version`, `cluster-info`, `config`, `api-resources`.

use super::client::Kubectl;
use super::failure::Failure;
use super::{Outcome, output, unmodelled};
use crate::api::Kind;
use crate::printer::{self, Tabwriter};
use serde_json::{Value, json};

pub(super) const VERSION_FLAGS: &str = "client output/o=";
pub(super) const CLUSTER_INFO_FLAGS: &str = "";
pub(super) const DUMP_FLAGS: &str = "all-namespaces/A namespaces= output/o= output-directory= template= !allow-missing-template-keys !pod-running-timeout= \
    !show-managed-fields";
pub(super) const CONFIG_FLAGS: &str =
    "minify raw flatten output/o= template= !allow-missing-template-keys !merge=true !show-managed-fields";
pub(super) const RESOURCES_FLAGS: &str =
    "api-group= namespaced= no-headers output/o= !cached !categories= !show-managed-fields !sort-by= !verbs=";
pub(super) const EXPLAIN_FLAGS: &str = "recursive api-version= output/o=";

/// The one that kubectl 1.33 carries.
const KUSTOMIZE: &str = "v5.6.0";
/// Of a kubeadm cluster's API server.
const API_PORT: u16 = 6443;

pub(super) async fn version(kubectl: Kubectl) -> Outcome {
    let version = kubectl.process.world.borrow().cluster().kubernetes_version.clone();
    let client_only = kubectl.flags.has("client");
    let minor = version.split('.').nth(1).unwrap_or_default().to_owned();
    let info = json!({ "gitVersion": version, "major": "1", "minor": minor, "platform": "linux/amd64" });
    let mut document = json!({ "clientVersion": info, "kustomizeVersion": KUSTOMIZE });
    if !client_only {
        document["serverVersion"] = info;
    }
    let text = match kubectl.flags.value("output") {
        None | Some("") => {
            let server = if client_only { String::new() } else { format!("Server Version: {version}\n") };
            format!("Client Version: {version}\nKustomize Version: {KUSTOMIZE}\n{server}")
        }
        Some("yaml") => format!("{}\n", printer::to_yaml(&document)),
        Some("json") => printer::to_json(&document),
        Some(_) => return Err(Failure::error("--output must be 'yaml' or 'json'")),
    };
    kubectl.print(text).await;
    Ok(())
}

/// `https://192.168.1.11:6443`
fn server(kubectl: &Kubectl) -> String {
    let world = kubectl.process.world.borrow();
    let nodes = &world.cluster().nodes;
    let host = nodes.iter().find(|node| node.control_plane).or(nodes.first()).map(|node| node.internal_ip.to_string());
    format!("https://{}:{API_PORT}", host.unwrap_or_else(|| "127.0.0.1".to_owned()))
}

pub(super) async fn cluster_info(kubectl: Kubectl) -> Outcome {
    let server = server(&kubectl);
    let services = kubectl.list(Kind::Service, Some("kube-system")).await;
    let dns = services.iter().any(|service| service.meta().labels.get("k8s-app").is_some_and(|app| app == "kube-dns"));
    // kubectl colours these whether or not anybody looks.
    let line = |name: &str, address: &str| format!("\u{1b}[0;32m{name}\u{1b}[0m is running at \u{1b}[0;33m{address}\u{1b}[0m\n");
    let mut text = line("Kubernetes control plane", &server);
    if dns {
        text.push_str(&line("CoreDNS", &format!("{server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy")));
    }
    text.push_str("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
    kubectl.print(text).await;
    Ok(())
}

/// Objects of the cluster as JSON lists: what `| grep service-cluster-ip-range` looks through.
pub(super) async fn cluster_info_dump(kubectl: Kubectl) -> Outcome {
    let nodes = kubectl.list(Kind::Node, None).await;
    kubectl.print(printer::to_json(&kind_list(Kind::Node, &nodes))).await;
    let every = kubectl.flags.has("all-namespaces");
    for namespace in ["kube-system", "default"] {
        if every && namespace == "default" {
            break;
        }
        let namespace = if every { None } else { Some(namespace) };
        for kind in [Kind::Event, Kind::Service, Kind::DaemonSet, Kind::Deployment, Kind::ReplicaSet, Kind::Pod] {
            let objects = kubectl.list(kind, namespace).await;
            kubectl.print(printer::to_json(&kind_list(kind, &objects))).await;
        }
    }
    Ok(())
}

fn kind_list(kind: Kind, objects: &[std::rc::Rc<crate::api::Object>]) -> Value {
    let items: Vec<&Value> = objects.iter().map(|object| object.document()).collect();
    json!({ "apiVersion": kind.api_version(), "kind": format!("{}List", kind.resource().name), "metadata": {}, "items": items })
}

fn context(kubectl: &Kubectl) -> String {
    format!("kubernetes-admin@{}", kubectl.process.world.borrow().cluster().name)
}

pub(super) async fn current_context(kubectl: Kubectl) -> Outcome {
    kubectl.print(format!("{}\n", context(&kubectl))).await;
    Ok(())
}

pub(super) async fn get_contexts(kubectl: Kubectl) -> Outcome {
    let cluster = kubectl.process.world.borrow().cluster().name.clone();
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    let context = context(&kubectl);
    let lines =
        [row(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]), row(["*", &context, &cluster, "kubernetes-admin", ""])];
    kubectl.print(Tabwriter::table().format(&lines)).await;
    Ok(())
}

pub(super) async fn config_view(kubectl: Kubectl) -> Outcome {
    let cluster = kubectl.process.world.borrow().cluster().name.clone();
    let context = context(&kubectl);
    let document = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": cluster, "cluster": { "certificate-authority-data": "DATA+OMITTED", "server": server(&kubectl) } }],
        "contexts": [{ "name": context, "context": { "cluster": cluster, "user": "kubernetes-admin" } }],
        "current-context": context,
        "preferences": {},
        "users": [{
            "name": "kubernetes-admin",
            "user": { "client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED" },
        }],
    });
    let format = output::Format::from_flags(&kubectl)?;
    let text = if format.is_table() { printer::to_yaml(&document) } else { format.text(&document)? };
    kubectl.print(text).await;
    Ok(())
}

pub(super) async fn config_other(kubectl: Kubectl) -> Outcome {
    match kubectl.flags.arguments.first() {
        Some(word) => unmodelled::hint(&kubectl.process, &format!("kubectl config {word}")).await,
        None => unmodelled::hint(&kubectl.process, "more of kubectl config than view, current-context and get-contexts").await,
    }
    Err(Failure { message: String::new(), status: 1 })
}

pub(super) async fn api_resources(kubectl: Kubectl) -> Outcome {
    let flags = &kubectl.flags;
    let namespaced = flags.value("namespaced");
    let mut lines: Vec<Vec<String>> = Vec::new();
    if flags.value("output") != Some("name") && !flags.has("no-headers") {
        lines.push(["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"].map(str::to_owned).to_vec());
    }
    let mut kinds: Vec<Kind> = Kind::ALL.to_vec();
    kinds.sort_by_key(|kind| (kind.resource().group, kind.resource().plural));
    for kind in kinds {
        let resource = kind.resource();
        let wanted = namespaced.is_none_or(|wanted| wanted == resource.namespaced.to_string());
        if !wanted || flags.value("api-group").is_some_and(|group| group != resource.group) {
            continue;
        }
        if flags.value("output") == Some("name") {
            let dot = if resource.group.is_empty() { "" } else { "." };
            lines.push(vec![format!("{}{dot}{}", resource.plural, resource.group)]);
        } else {
            let cells = [resource.plural.to_owned(), resource.short_names.join(","), kind.api_version()];
            lines.push(cells.into_iter().chain([resource.namespaced.to_string(), resource.name.to_owned()]).collect());
        }
    }
    kubectl.print(Tabwriter::table().format(&lines)).await;
    unmodelled::remark(&kubectl.process, "these are the kinds that are simulated; a real cluster serves more").await;
    Ok(())
}

pub(super) async fn explain(kubectl: Kubectl) -> Outcome {
    let Some(argument) = kubectl.flags.arguments.first() else {
        return Err(Failure::usage(
            &kubectl.path,
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    };
    super::resource::parse_kind(argument.split('.').next().unwrap_or(argument))?;
    unmodelled::hint(&kubectl.process, "kubectl explain (see https://kubernetes.io/docs/reference/kubernetes-api/)").await;
    Err(Failure { message: String::new(), status: 1 })
}
