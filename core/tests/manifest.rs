//! What `manifest::parse` makes of texts that people paste. Expectations are kubectl 1.33's, from the sources named beside them.

use hoplab_core::diagnostic::{Level, Position};
use hoplab_core::manifest::{self, Manifest};

fn names(manifest: &Manifest) -> Vec<String> {
    manifest.documents.iter().map(|document| document.object.reference().to_string()).collect()
}

fn first_error(text: &str) -> (String, Option<Position>, Option<String>) {
    let manifest = manifest::parse(text, "STDIN");
    let Some(error) = manifest.diagnostics.iter().find(|diagnostic| diagnostic.level == Level::Error) else {
        panic!("no error in {text:?}")
    };
    (error.message.clone(), error.position, error.hint.clone())
}

#[test]
fn documents_lists_and_json_become_objects() {
    let yaml = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n---\n# only a comment\n---\n\
                apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a, namespace: shop}\n";
    assert_eq!(names(&manifest::parse(yaml, "STDIN")), ["Namespace shop", "ConfigMap shop/a"]);
    let json = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"b"}}"#;
    assert_eq!(names(&manifest::parse(json, "STDIN")), ["Namespace a", "Namespace b"]);
}

#[test]
fn every_field_has_its_place() {
    let text = "# scene\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n";
    let manifest = manifest::parse(text, "STDIN");
    let positions = &manifest.documents[0].positions;
    assert_eq!(positions["spec.ports[0].port"], Position { line: 9, column: 5 });
    assert_eq!(positions["metadata.name"], Position { line: 6, column: 3 });
}

#[test]
fn a_node_whose_range_holds_no_address_for_a_pod_is_refused() {
    for range in ["10.244.0.0/31", "10.244.0.0/32", "fd00::/127", "fd00::/128"] {
        let text = format!(
            "apiVersion: hoplab.dev/v1\nkind: Cluster\nmetadata: {{name: lab}}\nspec:\n  nodes:\n  - {{name: a, internalIP: 10.0.0.1, podCIDR: '{range}'}}\n"
        );
        let (message, position, _) = first_error(&text);
        assert_eq!(message, format!("Cluster: spec.nodes[0]: podCIDR {range} holds no address for a Pod"));
        assert_eq!(position.map(|position| position.line), Some(6));
    }
}

#[test]
fn a_cluster_document_describes_the_machines() {
    let text =
        "apiVersion: hoplab.dev/v1\nkind: Cluster\nmetadata:\n  name: lab\nspec:\n  cni: flannel\n  podCIDR: 10.244.0.0/16\n";
    let cluster = manifest::parse(text, "cluster.yaml").cluster.expect("the cluster is valid");
    assert_eq!((cluster.name.as_str(), cluster.service_cidr.to_string().as_str()), ("lab", "10.96.0.0/12"));
    let (message, position, _) = first_error(&text.replace("cni: flannel", "cni: flanel"));
    assert!(message.contains("unknown variant `flanel`"), "{message}");
    assert_eq!(position, Some(Position { line: 6, column: 3 }));
}

/// Line numbers are go-yaml's own: from the document's start, one less for parser errors, none on the first line
/// (sigs.k8s.io/yaml v1.4.0, goyaml.v2/decode.go `fail`).
#[test]
fn broken_yaml_is_refused_in_kubectls_words_with_the_real_place() {
    for (text, words, line, hint) in [
        ("a: 1\n- b\n", "yaml: line 1: did not find expected key", 2, ""),
        ("apiVersion: v1 kind: Pod metadata: name: x", "yaml: mapping values are not allowed in this context", 1, "one line"),
        ("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token", 2, "tab"),
        ("a: *nothing\n", "yaml: unknown anchor 'nothing' referenced", 1, ""),
        ("a: \0\n", "yaml: control characters are not allowed", 1, "U+0000"),
    ] {
        let (message, position, given) = first_error(text);
        assert_eq!(message, format!("error parsing STDIN: error converting YAML to JSON: {words}"), "{text:?}");
        assert_eq!(position.map(|position| position.line), Some(line), "{text:?}");
        assert!(given.unwrap_or_default().contains(hint), "{text:?}");
    }
}

#[test]
fn what_is_no_object_is_refused_before_the_server_is_asked() {
    let validating = |faults: &str| {
        format!(
            "error validating \"STDIN\": error validating data: {faults}; if you choose to ignore these errors, turn validation off with --validate=false"
        )
    };
    assert_eq!(first_error("a: 1").0, validating("[apiVersion not set, kind not set]"));
    assert_eq!(first_error("kind: Pod").0, validating("apiVersion not set"));
    assert_eq!(first_error("just words").0, validating("invalid object to validate"));
    assert_eq!(
        first_error("apiVersion: v1\nkind: Foo\nmetadata: {name: x}").0,
        "resource mapping not found for name: \"x\" namespace: \"\" from \"STDIN\": no matches for kind \"Foo\" in version \"v1\"\nensure CRDs are installed first"
    );
}

fn refusal(text: &str) -> String {
    match manifest::parse(text, "STDIN").refusals.first() {
        Some(manifest::Refusal::BadRequest { message, .. }) => message.clone(),
        other => panic!("{other:?}"),
    }
}

/// Wording: sigs.k8s.io/json's strict errors and Go's json.UnmarshalTypeError, as API servers return them.
#[test]
fn fields_and_types_are_checked_as_the_server_decodes_them() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\nspec:\n  podSelector: {}\n  ingres: []\n  zzz: 1\n";
    assert_eq!(
        refusal(policy),
        "NetworkPolicy in version \"v1\" cannot be handled as a NetworkPolicy: strict decoding error: unknown field \"spec.ingres\", unknown field \"spec.zzz\""
    );
    let (_, position, hint) = first_error(policy);
    assert_eq!((position, hint.as_deref()), (Some(Position { line: 6, column: 3 }), Some("Is it `ingress`?")));
    for (text, said) in [
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: http}]}",
            "Service in version \"v1\" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: {version: 1.0}}",
            "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{name: a, env: [{name: A, value: yes}]}]}}}",
            "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal bool into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {name: a}}",
            "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
    ] {
        assert_eq!(refusal(text), said);
    }
}

#[test]
fn a_policy_pasted_without_its_indentation_is_refused_with_a_hint_to_repair_it() {
    let flattened = "# Block all ingress\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\nname: deny\nspec:\npodSelector: {}\npolicyTypes:\n- Ingress\n";
    let (message, position, hint) = first_error(flattened);
    assert_eq!((message.as_str(), position), ("unknown field \"name\"", Some(Position { line: 5, column: 1 })));
    assert!(hint.unwrap_or_default().contains("lost its indentation"));
    let broken = flattened.replace("- Ingress\n", "- Ingress\ningress:\n- ports:\n- protocol: TCP\nport: 80\n- from:\n");
    let (message, position, hint) = first_error(&broken);
    assert_eq!(message, "error parsing STDIN: error converting YAML to JSON: yaml: line 13: did not find expected key");
    assert_eq!(position.map(|position| position.line), Some(14));
    assert!(hint.unwrap_or_default().contains("lost its indentation"));
    let (_, _, hint) = first_error("apiVersion: v1\nkind: Pod\nmetadata:\n  name: “a”\n  labels: {x: ‘1’, “y: 2}\nbad");
    assert!(hint.is_some());
}

#[test]
fn what_the_simulator_does_not_act_on_is_said() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    resources: {limits: {cpu: 100m}}\n    securityContext: {}\n";
    let manifest = manifest::parse(text, "STDIN");
    let said: Vec<_> = manifest.diagnostics.iter().map(|diagnostic| (diagnostic.level, diagnostic.field.as_deref())).collect();
    assert_eq!(said, [(Level::NotModelled, Some("spec.containers[0].resources"))]);
    assert_eq!(manifest.documents.len(), 1);
}
