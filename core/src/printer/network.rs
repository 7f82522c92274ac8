//! Services, endpoints, ingress, network policy and address ranges.

use super::document::{given_or, joined, list, named, number, text, text_or};
use super::format::{first_few, label_selector, labels};
use super::{Printer, View};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A load balancer's addresses get this many characters unless the output is wide.
const LOAD_BALANCER_WIDTH: usize = 16;

pub(super) fn printer(kind: &str) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "Service" => ("Name|Type|Cluster-IP|External-IP|Port(s)|Age|+Selector", service),
        "Endpoints" => ("Name|Endpoints|Age", endpoints),
        "EndpointSlice" => ("Name|AddressType|Ports|Endpoints|Age", endpoint_slice),
        "Ingress" => ("Name|Class|Hosts|Address|Ports|Age", ingress),
        "IngressClass" => ("Name|Controller|Parameters|Age", ingress_class),
        "NetworkPolicy" => ("Name|Pod-Selector|Age", network_policy),
        "AdminNetworkPolicy" => ("Name|Priority|Age", admin_network_policy),
        "ClusterNetworkPolicy" => ("Name|Tier|Priority|Age", cluster_network_policy),
        "ClusterCIDR" => ("Name|PerNodeHostBits|IPv4|IPv6|Age|+NodeSelector", cluster_cidr),
        "ServiceCIDR" => ("Name|CIDRs|Age", service_cidr),
        "IPAddress" => ("Name|ParentRef", ip_address),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn service(document: &Value, view: &View) -> Vec<Value> {
    let ports: Vec<String> = list(document, "/spec/ports").iter().map(service_port).collect();
    let ports = if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") };
    let mut cells = vec![
        named(document),
        json!(text(document, "/spec/type")),
        json!(given_or(document, "/spec/clusterIPs/0", "<none>")),
        json!(external_ip(document, view.wide)),
        json!(ports),
        view.age(document),
    ];
    if view.wide {
        cells.push(json!(labels(document.pointer("/spec/selector"))));
    }
    cells
}

fn service_port(port: &Value) -> String {
    let protocol = text(port, "/protocol");
    match number(port, "/nodePort") {
        node_port @ 1.. => format!("{}:{node_port}/{protocol}", number(port, "/port")),
        _ => format!("{}/{protocol}", number(port, "/port")),
    }
}

fn external_ip(document: &Value, wide: bool) -> String {
    let external: Vec<&str> = list(document, "/spec/externalIPs").iter().filter_map(Value::as_str).collect();
    match text(document, "/spec/type") {
        "ClusterIP" | "NodePort" if external.is_empty() => "<none>".to_owned(),
        "ClusterIP" | "NodePort" => external.join(","),
        "LoadBalancer" => {
            let balanced = load_balancer(document, wide);
            let all: Vec<&str> = Some(balanced.as_str()).filter(|text| !text.is_empty()).into_iter().chain(external).collect();
            if all.is_empty() { "<pending>".to_owned() } else { all.join(",") }
        }
        "ExternalName" => text(document, "/spec/externalName").to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

/// Addresses of a load balancer, sorted; cut off unless the output is wide.
fn load_balancer(document: &Value, wide: bool) -> String {
    let ingress = list(document, "/status/loadBalancer/ingress").iter();
    let addresses: BTreeSet<&str> =
        ingress.map(|entry| text_or(entry, "/ip", text(entry, "/hostname"))).filter(|a| !a.is_empty()).collect();
    let all = joined(addresses, ",");
    match all.get(..LOAD_BALANCER_WIDTH - 3) {
        Some(start) if !wide && all.len() > LOAD_BALANCER_WIDTH => format!("{start}..."),
        _ => all,
    }
}

fn endpoints(document: &Value, view: &View) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in list(document, "/subsets") {
        let addresses = list(subset, "/addresses").iter().map(|address| text(address, "/ip"));
        let ports = list(subset, "/ports");
        if ports.is_empty() {
            all.extend(addresses.clone().map(str::to_owned));
        }
        for port in ports {
            all.extend(addresses.clone().map(|ip| host_port(ip, number(port, "/port"))));
        }
    }
    let shown = if list(document, "/subsets").is_empty() { "<none>".to_owned() } else { first_few(&all, 3, ",") };
    vec![named(document), json!(shown), view.age(document)]
}

/// Go's `net.JoinHostPort`.
fn host_port(ip: &str, port: i64) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

fn endpoint_slice(document: &Value, view: &View) -> Vec<Value> {
    let port = |port: &Value| match port.get("port").and_then(Value::as_i64) {
        Some(number) => number.to_string(),
        None => given_or(port, "/name", "*").to_owned(),
    };
    let ports: Vec<String> = list(document, "/ports").iter().map(port).collect();
    let slices = list(document, "/endpoints").iter();
    let addresses = slices.flat_map(|endpoint| list(endpoint, "/addresses")).filter_map(Value::as_str);
    let addresses: Vec<String> = addresses.map(str::to_owned).collect();
    let [ports, addresses] = [ports, addresses].map(|entries| unset_if_empty(first_few(&entries, 3, ",")));
    vec![named(document), json!(text(document, "/addressType")), json!(ports), json!(addresses), view.age(document)]
}

pub(super) fn unset_if_empty(text: String) -> String {
    if text.is_empty() { "<unset>".to_owned() } else { text }
}

fn ingress(document: &Value, view: &View) -> Vec<Value> {
    let rules = list(document, "/spec/rules");
    let tls = !list(document, "/spec/tls").is_empty();
    vec![
        named(document),
        json!(given_or(document, "/spec/ingressClassName", "<none>")),
        json!(hosts(rules)),
        json!(load_balancer(document, view.wide)),
        json!(if tls { "80, 443" } else { "80" }),
        view.age(document),
    ]
}

/// The first three hosts; the rest is counted by rules, as in the original.
fn hosts(rules: &[Value]) -> String {
    let (mut shown, mut more) = (Vec::new(), false);
    for rule in rules {
        more |= shown.len() == 3;
        match text(rule, "/host") {
            "" => {}
            _ if more => {}
            host => shown.push(host),
        }
    }
    match (shown.is_empty(), more) {
        (true, _) => "*".to_owned(),
        (false, false) => shown.join(","),
        (false, true) => format!("{} + {} more...", shown.join(","), rules.len() - 3),
    }
}

fn ingress_class(document: &Value, view: &View) -> Vec<Value> {
    let parameters = match document.pointer("/spec/parameters").filter(|parameters| !parameters.is_null()) {
        Some(parameters) => {
            let group = parameters.get("apiGroup").and_then(Value::as_str).map(|group| format!(".{group}")).unwrap_or_default();
            format!("{}{group}/{}", text(parameters, "/kind"), text(parameters, "/name"))
        }
        None => "<none>".to_owned(),
    };
    vec![named(document), json!(text(document, "/spec/controller")), json!(parameters), view.age(document)]
}

fn network_policy(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(label_selector(document.pointer("/spec/podSelector"))), view.age(document)]
}

/// The columns that the policy API's custom resource definitions ask for.
fn admin_network_policy(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), document.pointer("/spec/priority").cloned().unwrap_or_default(), view.age(document)]
}

fn cluster_network_policy(document: &Value, view: &View) -> Vec<Value> {
    let [tier, priority] = ["/spec/tier", "/spec/priority"].map(|path| document.pointer(path).cloned().unwrap_or_default());
    vec![named(document), tier, priority, view.age(document)]
}

fn cluster_cidr(document: &Value, view: &View) -> Vec<Value> {
    let mut cells = vec![
        named(document),
        json!(number(document, "/spec/perNodeHostBits").to_string()),
        json!(text_or(document, "/spec/ipv4", "<none>")),
        json!(text_or(document, "/spec/ipv6", "<none>")),
        view.age(document),
    ];
    if view.wide {
        cells.push(json!(node_selector(document.pointer("/spec/nodeSelector"))));
    }
    cells
}

/// A node selector as Go prints its terms with `%v`.
fn node_selector(selector: Option<&Value>) -> String {
    let Some(selector) = selector.filter(|selector| !selector.is_null()) else { return "<none>".to_owned() };
    let mut parts = Vec::new();
    for term in list(selector, "/nodeSelectorTerms") {
        for (name, path) in [("MatchExpressions", "/matchExpressions"), ("MatchFields", "/matchFields")] {
            let requirements: Vec<String> = list(term, path).iter().map(node_requirement).collect();
            if !requirements.is_empty() {
                parts.push(format!("{name}: [{}]", requirements.join(" ")));
            }
        }
    }
    parts.join(",")
}

fn node_requirement(requirement: &Value) -> String {
    let values = joined(list(requirement, "/values").iter().filter_map(Value::as_str), " ");
    format!("{{{} {} [{values}]}}", text(requirement, "/key"), text(requirement, "/operator"))
}

fn service_cidr(document: &Value, view: &View) -> Vec<Value> {
    let cidrs = joined(list(document, "/spec/cidrs").iter().filter_map(Value::as_str), ",");
    vec![named(document), json!(cidrs), view.age(document)]
}

/// Its age is a cell without a column, as in the original.
fn ip_address(document: &Value, view: &View) -> Vec<Value> {
    let parent = match document.pointer("/spec/parentRef").filter(|parent| !parent.is_null()) {
        Some(parent) => {
            let group = text(parent, "/group");
            let dot = if group.is_empty() { "" } else { "." };
            let resource = format!("{}{dot}{group}", text(parent, "/resource")).to_lowercase();
            let path = [text(parent, "/namespace"), text(parent, "/name")];
            path.iter().filter(|part| !part.is_empty()).fold(resource, |all, part| format!("{all}/{part}"))
        }
        None => "<none>".to_owned(),
    };
    vec![named(document), json!(parent), view.age(document)]
}
