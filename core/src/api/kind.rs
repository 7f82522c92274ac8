//! The kinds a cluster serves, and how kubectl names them.

use serde::Serialize;

/// A row of `kubectl api-resources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    pub kind: Kind,
    /// As in a manifest: `Pod`.
    pub name: &'static str,
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub namespaced: bool,
}

macro_rules! kinds {
    ($($kind:ident $group:literal $version:literal $plural:literal $singular:literal [$($short:literal),*] $namespaced:literal;)*) => {
        /// Every kind of object the simulated API server knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            pub const fn resource(self) -> &'static Resource {
                match self {
                    $(Kind::$kind => &Resource {
                        kind: Kind::$kind,
                        name: stringify!($kind),
                        group: $group,
                        version: $version,
                        plural: $plural,
                        singular: $singular,
                        short_names: &[$($short),*],
                        namespaced: $namespaced,
                    }),*
                }
            }
        }
    };
}

kinds! {
    Namespace "" "v1" "namespaces" "namespace" ["ns"] false;
    Node "" "v1" "nodes" "node" ["no"] false;
    Pod "" "v1" "pods" "pod" ["po"] true;
    Service "" "v1" "services" "service" ["svc"] true;
    Endpoints "" "v1" "endpoints" "endpoints" ["ep"] true;
    ConfigMap "" "v1" "configmaps" "configmap" ["cm"] true;
    Secret "" "v1" "secrets" "secret" [] true;
    ServiceAccount "" "v1" "serviceaccounts" "serviceaccount" ["sa"] true;
    Event "" "v1" "events" "event" ["ev"] true;
    Deployment "apps" "v1" "deployments" "deployment" ["deploy"] true;
    ReplicaSet "apps" "v1" "replicasets" "replicaset" ["rs"] true;
    DaemonSet "apps" "v1" "daemonsets" "daemonset" ["ds"] true;
    StatefulSet "apps" "v1" "statefulsets" "statefulset" ["sts"] true;
    Job "batch" "v1" "jobs" "job" [] true;
    CronJob "batch" "v1" "cronjobs" "cronjob" ["cj"] true;
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices" "endpointslice" [] true;
    NetworkPolicy "networking.k8s.io" "v1" "networkpolicies" "networkpolicy" ["netpol"] true;
    Ingress "networking.k8s.io" "v1" "ingresses" "ingress" ["ing"] true;
    IngressClass "networking.k8s.io" "v1" "ingressclasses" "ingressclass" [] false;
    AdminNetworkPolicy "policy.networking.k8s.io" "v1alpha1" "adminnetworkpolicies" "adminnetworkpolicy" ["anp"] false;
    BaselineAdminNetworkPolicy "policy.networking.k8s.io" "v1alpha1" "baselineadminnetworkpolicies" "baselineadminnetworkpolicy" ["banp"] false;
    ClusterNetworkPolicy "policy.networking.k8s.io" "v1alpha2" "clusternetworkpolicies" "clusternetworkpolicy" ["cnp"] false;
}

impl Kind {
    /// `v1`, `apps/v1`, as `apiVersion` says it.
    pub fn api_version(self) -> String {
        let resource = self.resource();
        if resource.group.is_empty() { resource.version.to_owned() } else { format!("{}/{}", resource.group, resource.version) }
    }

    /// The kind that a manifest's `apiVersion` and `kind` name.
    pub fn from_manifest(api_version: &str, name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.resource().name == name && kind.api_version() == api_version)
    }

    /// The kind that a word on kubectl's command line names: plural, singular, short name, any case, with `.group` or not.
    pub fn from_argument(word: &str) -> Option<Kind> {
        let word = word.to_ascii_lowercase();
        Kind::ALL.iter().copied().find(|kind| {
            let resource = kind.resource();
            let (name, group) = word.split_once('.').unwrap_or((&word, resource.group));
            let names_it = name == resource.plural || name == resource.singular || resource.short_names.contains(&name);
            names_it && (group == resource.group || resource.group.starts_with(group))
        })
    }
}

/// `networkpolicy.networking.k8s.io`, as kubectl names a kind when it reports a change.
impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let resource = self.resource();
        f.write_str(resource.singular)?;
        if resource.group.is_empty() { Ok(()) } else { write!(f, ".{}", resource.group) }
    }
}
