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
