//! No text panics the manifest reader, and none makes it work for long: seeded mutations of real manifests, and the bad inputs
//! that people and attackers paste. Deterministic, so a failure repeats.

use hoplab_core::clock::Instant;
use hoplab_core::diagnostic::{Diagnostic, Level};
use hoplab_core::manifest;
use hoplab_core::rng::Rng;
use hoplab_core::store::Store;

const SEEDS: &[&str] = &[
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: web\n  labels: {a: b, \"c\": 'd'}\nspec:\n  podSelector:\n    matchLabels: {app: web}\n  policyTypes:\n  - Ingress\n  ingress:\n  - from:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}\n    - namespaceSelector: {}\n      podSelector:\n        matchExpressions:\n        - {key: tier, operator: In, values: [x, y]}\n    ports:\n    - {port: 80, endPort: 90, protocol: TCP}\n    - port: http\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, annotations: {note: \"a\\tb\\u00e9\"}}\nspec:\n  type: LoadBalancer\n  clusterIPs: [10.96.0.1, \"fd00::1\"]\n  externalIPs: [1.2.3.4]\n  loadBalancerSourceRanges: [0.0.0.0/0]\n  ports:\n  - name: http\n    port: 80\n    targetPort: 0x50\n    nodePort: 30080\n",
    "base: &base\n  x: &leaf [1, 2.5, 0o17, ~, yes]\nother:\n  <<: *base\n  y: *leaf\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: d, creationTimestamp: 2026-05-14T10:00:00Z}\n  spec:\n    replicas: 3\n    selector: {matchLabels: {app: d}}\n    template:\n      metadata: {labels: {app: d}}\n      spec:\n        containers:\n        - name: c\n          image: nginx\n          command: [sh, -c, |\n            echo hi]\n          resources: {limits: {cpu: 100m}}\n",
    "# scene\napiVersion: hoplab.dev/v1\nkind: Cluster\nmetadata:\n  name: lab\nspec:\n  cni: flannel\n  nodes:\n  - {name: n1, internalIP: 192.168.1.10, podCIDR: 10.244.0.0/24}\n---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec:\n  priority: 5\n  subject: {namespaces: {}}\n  egress:\n  - action: Deny\n    to:\n    - networks: [\"0.0.0.0/0\"]\n    ports:\n    - portNumber: {port: 80, protocol: TCP}\n",
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"x\",\"ports\":[{\"containerPort\":80}]}]}}\n",
];

/// What breaks parsers: indicators, indentation, numbers at limits, bytes that are not text.
const SPLINTERS: &[&str] = &[
    ":",
    "-",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    "\"",
    "|",
    ">",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "\t",
    "\n",
    "  ",
    "#",
    "!",
    "!!str ",
    "!!int ",
    "@",
    "`",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "é",
    "\u{1f980}",
    "\\x",
    "null",
    "~",
    "-1",
    "99999999999999999999",
    "1e999",
    ".inf",
    ".nan",
    "0b",
    "0x",
    "\r",
    "“",
    "\u{a0}",
    "items:",
    "metadata:",
    "spec:",
    "kind: List\n",
    "namespace: [a]\n",
];

fn mutate(text: &str, random: &mut Rng) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(6) {
        let at = usize::try_from(random.below(characters.len() as u64 + 1)).unwrap_or_default();
        let splinter = SPLINTERS[usize::try_from(random.below(SPLINTERS.len() as u64)).unwrap_or_default()];
        match random.below(4) {
            0 => drop(characters.splice(at..at, splinter.chars())),
            1 => drop(characters.splice(at..(at + 1).min(characters.len()), splinter.chars())),
            2 => characters.truncate(at),
            _ => {
                let end = (at + usize::try_from(random.below(30)).unwrap_or_default()).min(characters.len());
                let copied = characters[at..end].to_vec();
                characters.splice(at..at, copied);
            }
        }
    }
    characters.into_iter().collect()
}

#[test]
fn mutated_manifests_never_panic_and_every_diagnostic_points_into_the_text() {
    let mut random = Rng::new(7);
    for round in 0..1_000 {
        let text = mutate(SEEDS[round % SEEDS.len()], &mut random);
        let lines = text.matches(['\n', '\r']).count() + 1;
        for diagnostic in manifest::validate(&text, "fuzz") {
            let line = diagnostic.position.map_or(1, |position| position.line);
            assert!(line >= 1 && (line as usize) <= lines, "{diagnostic} in {text:?}");
        }
        admit(&text);
    }
}

/// Whatever parses can be asked of the API server, twice: as a new object and as its own replacement.
fn admit(text: &str) {
    let mut store = Store::default();
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n---\n";
    for document in manifest::parse(&format!("{namespace}{text}"), "fuzz").documents {
        let object = document.object.edited(|document| document["metadata"]["namespace"] = "default".into());
        let object =
            if document.object.kind().resource().namespaced { object.expect("metadata is an object") } else { document.object };
        let _refused = store.create(object.clone(), Instant::default()).err();
        let _refused = store.update(object).err();
    }
}

fn errors(text: &str) -> Vec<Diagnostic> {
    manifest::validate(text, "STDIN").into_iter().filter(|diagnostic| diagnostic.level == Level::Error).collect()
}

#[test]
fn an_alias_bomb_is_refused_in_go_yamls_words() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", ")));
    }
    let errors = errors(&bomb);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.ends_with("yaml: document contains excessive aliasing"), "{}", errors[0]);
    let merge_bomb = (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} {{<<: [*a{0}, *a{0}, *a{0}]}}\n", level - 1)
    });
    assert!(!manifest::validate(&merge_bomb, "STDIN").is_empty());
}

#[test]
fn a_megabyte_of_garbage_gives_one_message() {
    let mut random = Rng::new(3);
    let noise: String = (0..1_000_000).map(|_| char::from(b' ' + u8::try_from(random.below(95)).unwrap_or_default())).collect();
    for garbage in [
        noise,
        "[".repeat(1_000_000),
        "{".repeat(1_000_000),
        "- ".repeat(500_000),
        "a: ".repeat(300_000),
        "? ".repeat(500_000),
        "a".repeat(1_000_000),
        "\u{fffd}\u{fffd}\n".repeat(150_000),
        "\"".repeat(1_000_001),
        "key\n".repeat(250_000),
        "!a ".repeat(300_000),
        "'a':\n".repeat(200_000),
        "\0".repeat(1_000_000),
    ] {
        let begin: String = garbage.chars().take(20).collect();
        assert_eq!(errors(&garbage).len(), 1, "{begin:?}");
    }
}

#[test]
fn ten_thousand_lines_are_read_to_the_end() {
    let document = |number: usize| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c-{number}\n  namespace: shop\n  labels:\n    app: x\ndata:\n  key: value\n---\n"
        )
    };
    let text: String = (0..1_000).map(document).collect();
    let manifest = manifest::parse(&text, "STDIN");
    assert_eq!((manifest.documents.len(), manifest.diagnostics.len()), (1_000, 0));
    let broken = text.replacen("  name: c-999\n", "  name: c-999\n  bad\n", 1);
    assert_eq!(errors(&broken)[0].position.map(|position| position.line), Some(9_995));
}
