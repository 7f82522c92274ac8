//! What the API server says of values. Expectations: the rules and words of Kubernetes 1.33 (pkg/apis/*/validation, apimachinery
//! v0.33) and of the CRDs of network-policy-api.

use hoplab_core::diagnostic::Level;
use hoplab_core::manifest;

/// `kind/version` short forms, so that each case shows only what it is about.
fn document(kind: &str, metadata: &str, spec: &str) -> String {
    let version = match kind {
        "Pod" | "Service" | "ConfigMap" | "Namespace" => "v1",
        "Deployment" => "apps/v1",
        "NetworkPolicy" | "Ingress" => "networking.k8s.io/v1",
        "ClusterNetworkPolicy" => "policy.networking.k8s.io/v1alpha2",
        _ => "policy.networking.k8s.io/v1alpha1",
    };
    format!("apiVersion: {version}\nkind: {kind}\nmetadata: {metadata}\n{spec}\n")
}

#[track_caller]
fn check(kind: &str, metadata: &str, spec: &str, expected: &[&str]) {
    let text = document(kind, metadata, spec);
    let found = manifest::validate(&text, "test");
    let mut errors: Vec<_> =
        found.iter().filter(|found| found.level == Level::Error).map(|found| found.message.as_str()).collect();
    let mut expected = expected.to_vec();
    errors.sort_unstable();
    expected.sort_unstable();
    assert_eq!(errors, expected, "{text}");
}

#[test]
fn names_and_labels() {
    check("Namespace", "{name: shop}", "", &[]);
    check(
        "Service",
        "{name: 1web}",
        "spec: {ports: [{port: 80}]}",
        &[
            "metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
        ],
    );
    check(
        "ConfigMap",
        "{name: A_b}",
        "",
        &[
            "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ],
    );
    check("ConfigMap", "{}", "", &["metadata.name: Required value: name or generateName is required"]);
    check(
        "ConfigMap",
        "{name: a, labels: {app: 'a b'}}",
        "",
        &[
            "metadata.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ],
    );
    check(
        "ConfigMap",
        "{name: a, annotations: {/x: z}}",
        "",
        &["metadata.annotations: Invalid value: \"/x\": prefix part must be non-empty"],
    );
    check("ConfigMap", "{name: a}", "data: {..a: b}", &["data[..a]: Invalid value: \"..a\": must not start with '..'"]);
}

#[test]
fn pods() {
    check("Pod", "{name: a}", "spec: {containers: []}", &["spec.containers: Required value"]);
    check(
        "Pod",
        "{name: a}",
        "spec: {containers: [{name: a}, {name: a, image: b}]}",
        &["spec.containers[0].image: Required value", "spec.containers[1].name: Duplicate value: \"a\""],
    );
    check(
        "Pod",
        "{name: a}",
        "spec: {restartPolicy: Sometimes, containers: [{name: a, image: b, ports: [{containerPort: 70000}]}]}",
        &[
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"",
        ],
    );
    check(
        "Pod",
        "{name: a}",
        "spec: {containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /x}]}]}",
        &["spec.containers[0].volumeMounts[0].name: Not found: \"v\""],
    );
    check(
        "Deployment",
        "{name: a}",
        "spec: {template: {spec: {containers: [{name: a, image: b}]}}}",
        &["spec.selector: Required value"],
    );
}

#[test]
fn services() {
    check("Service", "{name: a}", "spec: {type: ExternalName, externalName: db.example.com.}", &[]);
    check("Service", "{name: a}", "spec: {clusterIP: None}", &[]);
    check(
        "Service",
        "{name: a}",
        "spec: {ports: [{port: 80}, {port: 80, name: x}]}",
        &[
            "spec.ports[0].name: Required value",
            "spec.ports[1]: Duplicate value: core.ServicePort{Name:\"\", Protocol:\"TCP\", AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:\"\"}, NodePort:0}",
        ],
    );
    check(
        "Service",
        "{name: a}",
        "spec: {type: NodePort, clusterIP: None, ports: [{port: 80}]}",
        &["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
    );
    check(
        "Service",
        "{name: a}",
        "spec: {externalTrafficPolicy: Local, ports: [{port: 80, targetPort: a--b}]}",
        &[
            "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services",
            "spec.ports[0].targetPort: Invalid value: \"a--b\": must not contain consecutive hyphens",
        ],
    );
    check(
        "Service",
        "{name: a}",
        "spec: {externalIPs: [127.0.0.1], ports: [{port: 80}]}",
        &["spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)"],
    );
}

#[test]
fn network_policies() {
    check(
        "NetworkPolicy",
        "{name: a}",
        "spec: {podSelector: {}, ingress: [{from: [{}]}]}",
        &["spec.ingress[0].from[0]: Required value: must specify a peer"],
    );
    check(
        "NetworkPolicy",
        "{name: a}",
        "spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}, podSelector: {}}]}]}",
        &[
            "spec.egress[0].to[0].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`",
            "spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer",
        ],
    );
    check(
        "NetworkPolicy",
        "{name: a}",
        "spec: {podSelector: {matchExpressions: [{key: a, operator: In}]}, policyTypes: [Both], ingress: [{ports: [{port: 90, endPort: 80}, {endPort: 5}]}]}",
        &[
            "spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`",
            "spec.ingress[0].ports[1].endPort: Invalid value: 5: may not be specified when `port` is not specified",
            "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
            "spec.policyTypes[0]: Unsupported value: \"Both\": supported values: \"Ingress\", \"Egress\"",
        ],
    );
}

#[test]
fn ingresses() {
    check(
        "Ingress",
        "{name: a}",
        "spec: {}",
        &["spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified"],
    );
    check(
        "Ingress",
        "{name: a}",
        "spec: {rules: [{host: 1.2.3.4, http: {paths: [{path: a, pathType: Prefix, backend: {}}, {path: /}]}}]}",
        &[
            "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address",
            "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is required",
            "spec.rules[0].http.paths[0].path: Invalid value: \"a\": must be an absolute path",
            "spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified",
        ],
    );
}

#[test]
fn admin_policies_are_checked_as_their_crds_say() {
    check(
        "AdminNetworkPolicy",
        "{name: a}",
        "spec: {priority: 1001, subject: {}, ingress: [{action: Allow, from: []}]}",
        &[
            "spec.ingress[0].from: Invalid value: 0: spec.ingress[0].from in body should have at least 1 items",
            "spec.priority: Invalid value: 1001: spec.priority in body should be less than or equal to 1000",
            "spec.subject: Invalid value: 0: spec.subject in body should have at least 1 properties",
        ],
    );
    check(
        "AdminNetworkPolicy",
        "{name: a}",
        "spec: {priority: high, subject: {namespaces: {}}}",
        &["spec.priority: Invalid value: \"string\": spec.priority in body must be of type integer: \"string\""],
    );
    check(
        "BaselineAdminNetworkPolicy",
        "{name: other}",
        "spec: {subject: {namespaces: {}}, egress: [{action: Pass, to: [{networks: [a]}]}]}",
        &[
            "<nil>: Invalid value: \"object\": Only one baseline admin network policy with metadata.name=\"default\" can be created in the cluster",
            "spec.egress[0].action: Unsupported value: \"Pass\": supported values: \"Allow\", \"Deny\"",
            "spec.egress[0].to[0].networks[0]: Invalid value: \"string\": Invalid CIDR format provided",
        ],
    );
    check(
        "ClusterNetworkPolicy",
        "{name: a}",
        "spec: {tier: Admin, priority: 0, subject: {namespaces: {}}, egress: [{action: Accept, to: [{networks: [10.0.0.0/8]}], protocols: [{tcp: {destinationPort: {range: {start: 9, end: 8}}}}]}]}",
        &[
            "spec.egress[0].protocols[0].tcp.destinationPort.range: Invalid value: \"object\": Start port must be less than End port",
        ],
    );
}

/// Kubernetes has no such rule; ten thousand containers would keep the simulator busy for minutes.
#[test]
fn more_containers_than_can_be_simulated_are_refused() {
    let containers: Vec<String> = (0..101).map(|number| format!("{{name: c{number}, image: nginx}}")).collect();
    let expected = ["spec.containers: Forbidden: hoplab simulates at most 100 containers of a Pod"];
    check("Pod", "{name: a}", &format!("spec: {{containers: [{}]}}", containers.join(", ")), &expected);
}
