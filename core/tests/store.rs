//! What the API server makes of a request: defaults, allocation, refusals. Expectations: Kubernetes 1.33 (pkg/registry, pkg/apis).

use hoplab_core::api::{Cluster, Kind, Object, ObjectRef};
use hoplab_core::clock::Instant;
use hoplab_core::manifest;
use hoplab_core::store::{ApiError, Store};
use hoplab_core::world::World;
use serde_json::{Value, json};

fn parse(text: &str) -> Vec<Object> {
    let manifest = manifest::parse(text, "STDIN");
    assert!(!manifest.has_errors(), "{:?}", manifest.diagnostics);
    manifest.documents.into_iter().map(|document| document.object).collect()
}

fn create(store: &mut Store, text: &str) -> Result<Value, ApiError> {
    let mut last = Value::Null;
    for object in parse(text) {
        last = store.create(object, Instant::from_unix_seconds(1_700_000_000))?.document().clone();
    }
    Ok(last)
}

/// A store with the namespace `shop`.
fn shop() -> Store {
    let mut store = Store::new(&Cluster::default());
    create(&mut store, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}").expect("a valid namespace");
    store
}

fn service(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}")
}

fn refusal(store: &mut Store, text: &str) -> String {
    create(store, text).expect_err("the server refuses this").to_string()
}

#[test]
fn a_namespace_gets_its_label_its_finalizer_and_a_phase() {
    let store = shop();
    let namespace = store.list(Kind::Namespace).next().expect("just created");
    let document = namespace.document();
    assert_eq!(document["metadata"]["labels"], json!({"kubernetes.io/metadata.name": "shop"}));
    assert_eq!((&document["spec"]["finalizers"], &document["status"]["phase"]), (&json!(["kubernetes"]), &json!("Active")));
    assert_eq!(document["metadata"]["creationTimestamp"], json!("2023-11-14T22:13:20Z"));
}

#[test]
fn a_pod_gets_the_servers_defaults_and_loses_a_claimed_status() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-, namespace: shop}\nstatus: {phase: Running, podIP: 1.2.3.4}\nspec:\n  containers:\n  - {name: a, image: nginx, ports: [{containerPort: 80}]}\n  - {name: b, image: 'nginx:1.29'}\n";
    let pod = create(&mut shop(), text).expect("a valid pod");
    let (spec, containers) = (&pod["spec"], &pod["spec"]["containers"]);
    assert_eq!(pod["status"], json!({"phase": "Pending", "qosClass": "BestEffort"}));
    assert_eq!(
        (&containers[0]["imagePullPolicy"], &containers[1]["imagePullPolicy"]),
        (&json!("Always"), &json!("IfNotPresent"))
    );
    assert_eq!(containers[0]["ports"], json!([{"containerPort": 80, "protocol": "TCP"}]));
    for (field, value) in [
        ("restartPolicy", json!("Always")),
        ("dnsPolicy", json!("ClusterFirst")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("schedulerName", json!("default-scheduler")),
        ("securityContext", json!({})),
        ("serviceAccountName", json!("default")),
        ("priority", json!(0)),
        ("enableServiceLinks", json!(true)),
    ] {
        assert_eq!(spec[field], value, "{field}");
    }
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    assert!(name.len() == 9 && name.starts_with("web-"), "{name}");
}

#[test]
fn a_service_gets_an_address_from_the_upper_range_and_the_same_one_for_the_same_seed() {
    let text = service("web", "{selector: {app: web}, ports: [{port: 80}]}");
    let web = create(&mut shop(), &text).expect("a valid service");
    let address: std::net::Ipv4Addr = web["spec"]["clusterIP"].as_str().and_then(|ip| ip.parse().ok()).expect("an address");
    // KEP-3070: a /12 keeps its first 256 addresses for those who choose one.
    assert!(u32::from(address) > u32::from(std::net::Ipv4Addr::new(10, 96, 1, 0)), "{address}");
    assert_eq!(create(&mut shop(), &text).expect("a valid service")["spec"], web["spec"]);
    let expected = json!({
        "clusterIP": address.to_string(), "clusterIPs": [address.to_string()], "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "selector": {"app": "web"}, "sessionAffinity": "None", "type": "ClusterIP",
    });
    assert_eq!(web["spec"], expected);
}

#[test]
fn no_two_services_share_an_address_or_a_node_port() {
    let mut store = Store::new(&Cluster { service_cidr: "10.96.0.0/27".parse().expect("a range"), ..Cluster::default() });
    create(&mut store, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}").expect("a valid namespace");
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..30 {
        let spec = "{type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 81}]}";
        let service = create(&mut store, &service(&format!("s-{number}"), spec)).expect("room for 30");
        assert!(seen.insert(service["spec"]["clusterIP"].to_string()));
        for port in service["spec"]["ports"].as_array().into_iter().flatten() {
            assert!(
                seen.insert(port["nodePort"].to_string()) && (30_000..=32_767).contains(&port["nodePort"].as_u64().unwrap_or(0))
            );
        }
    }
    let full = refusal(&mut store, &service("late", "{ports: [{port: 80}]}"));
    assert!(full.contains("failed to allocate a serviceIP: range is full"), "{full}");
}

#[test]
fn the_server_refuses_in_its_own_words() {
    let mut store = shop();
    create(&mut store, &service("web", "{clusterIP: 10.96.0.10, type: NodePort, ports: [{port: 80, nodePort: 30080}]}"))
        .expect("free");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: nowhere}\nspec: {containers: [{name: a, image: b}]}";
    for (text, words) in [
        (pod.to_owned(), "Error from server (NotFound): namespaces \"nowhere\" not found"),
        (
            service("web", "{ports: [{port: 80}]}"),
            "Error from server (AlreadyExists): services \"web\" already exists",
        ),
        (
            service("a", "{ports: [{port: 0}]}"),
            "Service \"a\" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive]",
        ),
        (
            service("a", "{clusterIP: 10.96.0.10, ports: [{port: 80}]}"),
            "Service \"a\" is invalid: spec.clusterIPs: Invalid value: []string{\"10.96.0.10\"}: failed to allocate IP 10.96.0.10: provided IP is already allocated",
        ),
        (
            service("a", "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}"),
            "Service \"a\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
        ),
        (
            service("a", "{type: NodePort, ports: [{port: 80, nodePort: 80}]}"),
            "Service \"a\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\nspec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: z}}, spec: {containers: [{name: a, image: b}]}}}".to_owned(),
            "Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"z\"}: `selector` does not match template `labels`",
        ),
    ] {
        assert_eq!(refusal(&mut store, &text), words);
    }
}

#[test]
fn what_is_allocated_or_immutable_survives_an_update() {
    let mut store = shop();
    let before = create(&mut store, &service("web", "{type: NodePort, ports: [{port: 80}]}")).expect("a valid service");
    let mut update = |text: &str| {
        let object = parse(text).remove(0);
        store.update(object).map(|object| object.document().clone()).map_err(|error| error.to_string())
    };
    let after = update(&service("web", "{type: NodePort, selector: {app: x}, ports: [{port: 80}]}")).expect("a valid change");
    assert_eq!(after["spec"]["clusterIP"], before["spec"]["clusterIP"]);
    assert_eq!(after["spec"]["ports"], before["spec"]["ports"]);
    let moved = update(&service("web", "{clusterIP: 10.96.9.9, ports: [{port: 80}]}"));
    assert_eq!(
        moved.expect_err("the address is immutable"),
        "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: []string{\"10.96.9.9\"}: may not change once set"
    );
    let plain = update(&service("web", "{type: ClusterIP, ports: [{port: 80}]}")).expect("node ports are given back");
    assert_eq!((&plain["spec"]["ports"][0]["nodePort"], &plain["spec"]["externalTrafficPolicy"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_policy_counts_its_generations_and_knows_its_directions() {
    let policy = |spec: &str| {
        format!("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {spec}")
    };
    let mut store = shop();
    let created = create(&mut store, &policy("{podSelector: {}, egress: [{ports: [{port: 53}]}]}")).expect("a valid policy");
    assert_eq!(created["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
    assert_eq!(created["spec"]["egress"][0]["ports"], json!([{"port": 53, "protocol": "TCP"}]));
    let updated = store.update(parse(&policy("{podSelector: {}}")).remove(0)).expect("policies are mutable");
    assert_eq!((updated.meta().generation, &updated.document()["spec"]["policyTypes"]), (Some(2), &json!(["Ingress"])));
}

#[test]
fn a_scene_is_a_state_and_its_faults_have_their_places() {
    let scene = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: late}\nspec: {ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: late}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec:\n  ports:\n  - port: 80\n";
    let world = World::from_scene(scene, "scene.yaml", None).expect("a valid scene");
    let service =
        |namespace: &str, name: &str| world.store().get(&ObjectRef::namespaced(Kind::Service, namespace, name)).is_some();
    assert!(service("late", "a") && service("default", "b"));
    let faults = World::from_scene(&scene.replace("- port: 80", "- port: 0"), "scene.yaml", None).expect_err("port 0");
    assert_eq!(
        faults[0].to_string(),
        "scene.yaml:15:5: error: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"
    );
}

#[test]
fn nothing_new_comes_into_a_namespace_that_goes() {
    let mut store = shop();
    let namespace = store.list(Kind::Namespace).next().cloned().expect("just created");
    let going = namespace.edited(|document| document["metadata"]["deletionTimestamp"] = json!("2023-11-14T22:13:21Z"));
    store.update(going.expect("still a namespace")).expect("a deletion");
    assert_eq!(
        refusal(&mut store, &service("late", "{ports: [{port: 80}]}")),
        "Error from server (Forbidden): services \"late\" is forbidden: unable to create new content in namespace shop because it is being terminated"
    );
}
