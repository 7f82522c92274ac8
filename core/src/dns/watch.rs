//! What CoreDNS has heard from the API server: the Services, endpoint slices, Pods and namespaces of its last look, indexed the
//! way its questions go.

use crate::api::{EndpointSlice, Kind, Object, ObjectRef, SliceEndpoint};
use crate::clock::Instant;
use crate::net::IpAddr;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Namespace and name.
type Key = (String, String);

#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    namespaces: BTreeSet<String>,
    services: BTreeMap<Key, Rc<Object>>,
    /// Slices by the Service they belong to.
    slices: BTreeMap<Key, Vec<Rc<Object>>>,
    by_cluster_ip: BTreeMap<IpAddr, Key>,
    by_endpoint_ip: BTreeMap<IpAddr, BTreeSet<Key>>,
    pod_ips: BTreeSet<(String, IpAddr)>,
    /// CoreDNS's own Pod addresses, by the label that kubeadm gives them.
    pub local_ips: Vec<IpAddr>,
    /// The SOA's serial: Unix seconds of the last change that arrived.
    pub serial: u32,
}

impl Watched {
    pub fn read(store: &Store, now: Instant) -> Self {
        let mut watched = Self { serial: u32::try_from(now.unix_seconds()).unwrap_or(u32::MAX), ..Self::default() };
        watched.namespaces = store.list(Kind::Namespace).map(|namespace| namespace.name().to_owned()).collect();
        store.list(Kind::Service).for_each(|service| watched.add_service(service));
        store.list(Kind::EndpointSlice).for_each(|slice| watched.add_slice(slice));
        for pod in store.list(Kind::Pod) {
            let Some(ip) = pod.as_pod().and_then(|view| view.ip()) else { continue };
            watched.pod_ips.insert((pod.namespace().to_owned(), ip));
            if pod.meta().labels.get("k8s-app").is_some_and(|app| app == "kube-dns") {
                watched.local_ips.push(ip);
            }
        }
        watched
    }

    fn add_service(&mut self, object: &Rc<Object>) {
        let key = (object.namespace().to_owned(), object.name().to_owned());
        for ip in cluster_ips(object) {
            self.by_cluster_ip.insert(ip, key.clone());
        }
        self.services.insert(key, Rc::clone(object));
    }

    fn add_slice(&mut self, object: &Rc<Object>) {
        let Some(service) = object.meta().labels.get("kubernetes.io/service-name") else { return };
        let key = (object.namespace().to_owned(), service.clone());
        for (_, ip) in object.as_endpoint_slice().into_iter().flat_map(ready_addresses) {
            self.by_endpoint_ip.entry(ip).or_default().insert(key.clone());
        }
        self.slices.entry(key).or_default().push(Rc::clone(object));
    }

    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    pub fn service(&self, namespace: &str, name: &str) -> Option<&Rc<Object>> {
        self.services.get(&(namespace.to_owned(), name.to_owned()))
    }

    pub fn slices(&self, namespace: &str, service: &str) -> impl Iterator<Item = &EndpointSlice> {
        let slices = self.slices.get(&(namespace.to_owned(), service.to_owned()));
        slices.into_iter().flatten().filter_map(|object| object.as_endpoint_slice())
    }

    /// The Service that has this virtual IP.
    pub fn service_with_ip(&self, ip: IpAddr) -> Option<&Key> {
        self.by_cluster_ip.get(&ip)
    }

    /// The Services that have a ready endpoint with this IP.
    pub fn services_behind(&self, ip: IpAddr) -> impl Iterator<Item = &Key> {
        self.by_endpoint_ip.get(&ip).into_iter().flatten()
    }

    pub fn has_pod(&self, namespace: &str, ip: IpAddr) -> bool {
        self.pod_ips.contains(&(namespace.to_owned(), ip))
    }
}

/// The virtual IPs of a Service, first family first.
pub(super) fn cluster_ips(service: &Object) -> Vec<IpAddr> {
    let Some(spec) = service.as_service().map(|view| &view.spec) else { return Vec::new() };
    let listed: Vec<IpAddr> = spec.cluster_ips.iter().filter_map(|text| text.parse().ok()).collect();
    if listed.is_empty() { spec.cluster_ip.iter().filter_map(|text| text.parse().ok()).collect() } else { listed }
}

/// Endpoints that are ready, with each of their addresses. A condition that is absent means ready (discovery/v1).
pub(super) fn ready_addresses(slice: &EndpointSlice) -> impl Iterator<Item = (&SliceEndpoint, IpAddr)> {
    let ready = slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready.unwrap_or(true));
    ready.flat_map(|endpoint| endpoint.addresses.iter().filter_map(move |text| Some((endpoint, text.parse().ok()?))))
}

/// The ConfigMap that holds the Corefile.
pub(super) fn corefile(store: &Store) -> Option<String> {
    let reference = ObjectRef::namespaced(Kind::ConfigMap, "kube-system", "coredns");
    store.get(&reference)?.as_config_map()?.data.get("Corefile").cloned()
}
