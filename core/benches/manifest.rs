//! How fast manifests are read: a stream of Services, Deployments and policies as people write them.
//! `cargo bench -p hoplab-core --bench manifest` prints MB/s.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hoplab_core::manifest;
use std::hint::black_box;

const DOCUMENT: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web-NUMBER
  namespace: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: 8080
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-NUMBER
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes: [Ingress]
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          team: platform
      podSelector:
        matchExpressions:
        - {key: tier, operator: In, values: [api, batch]}
    ports:
    - protocol: TCP
      port: 8080
---
";

fn parse(criterion: &mut Criterion) {
    let text: String = (0..1_000).map(|number: usize| DOCUMENT.replace("NUMBER", &number.to_string())).collect();
    assert_eq!(manifest::parse(&text, "bench").documents.len(), 2_000, "the text is good");
    let mut group = criterion.benchmark_group("manifest");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse 2,000 objects", |bencher| bencher.iter(|| black_box(manifest::parse(&text, "bench"))));
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
