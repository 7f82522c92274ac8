//! Policies made ready for questions: Pods by address, and for every Pod the policies that isolate it, per direction.
//! A pure function of the store; whoever keeps it compares revisions.

use super::rule::{Rule, RuleContext};
use super::{Answer, Connection, Verdict, explain};
use crate::api::{Kind, LabelSelector, NetworkPolicy, Object, ObjectRef, PolicyType};
use crate::net::IpAddr;
use crate::store::Store;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a store's policies mean.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    by_address: BTreeMap<IpAddr, Rc<Endpoint>>,
    nodes: BTreeMap<IpAddr, String>,
    policies: BTreeMap<String, Vec<Rc<Policy>>>,
}

/// A Pod with an address of its own. Pods on the host network are node traffic to policy and do not appear.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) pod: Rc<Object>,
    pub(super) namespace_labels: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) reference: ObjectRef,
    pub(super) selector: LabelSelector,
    pub(super) types: Vec<PolicyType>,
    pub(super) ingress: Vec<Rule>,
    pub(super) egress: Vec<Rule>,
}

impl PolicySet {
    pub fn compile(store: &Store) -> Self {
        let mut set = Self::default();
        for pod in store.list(Kind::Pod) {
            let Some(view) = pod.as_pod() else { continue };
            if view.spec.host_network {
                continue;
            }
            let namespace = store.get(&ObjectRef::cluster(Kind::Namespace, pod.namespace()));
            let namespace_labels = namespace.map(|namespace| namespace.meta().labels.clone()).unwrap_or_default();
            let endpoint = Rc::new(Endpoint { pod: Rc::clone(pod), namespace_labels });
            let addresses = view.status.pod_ip.into_iter().chain(view.status.pod_ips.iter().map(|pod_ip| pod_ip.ip));
            set.by_address.extend(addresses.map(|address| (address, Rc::clone(&endpoint))));
        }
        for node in store.list(Kind::Node) {
            if let Some(address) = node.as_node().and_then(|view| view.internal_ip()) {
                set.nodes.insert(address, node.name().to_owned());
            }
        }
        for object in store.list(Kind::NetworkPolicy) {
            if let Some(view) = object.as_network_policy() {
                let policy = Rc::new(Policy::new(object.reference(), view));
                set.policies.entry(object.namespace().to_owned()).or_default().push(policy);
            }
        }
        set
    }

    /// May the Pod that has the source address send this? Allowed when no Pod has it.
    pub fn egress(&self, connection: &Connection) -> Verdict {
        self.judge(PolicyType::Egress, connection, connection.source)
    }

    /// May the Pod that has the destination address receive this? Allowed when no Pod has it.
    pub fn ingress(&self, connection: &Connection) -> Verdict {
        self.judge(PolicyType::Ingress, connection, connection.destination)
    }

    /// The policies that isolate a Pod in a direction, by name.
    pub fn isolating(&self, pod: &Object, direction: PolicyType) -> Vec<ObjectRef> {
        self.selecting(pod, direction).iter().map(|policy| policy.reference.clone()).collect()
    }

    fn selecting(&self, pod: &Object, direction: PolicyType) -> Vec<&Policy> {
        let policies = self.policies.get(pod.namespace()).map(Vec::as_slice).unwrap_or_default();
        let selects = |policy: &&Rc<Policy>| policy.types.contains(&direction) && policy.selector.matches(&pod.meta().labels);
        policies.iter().filter(selects).map(|policy| &**policy).collect()
    }

    fn judge(&self, direction: PolicyType, connection: &Connection, judged: IpAddr) -> Verdict {
        let Some(endpoint) = self.by_address.get(&judged) else {
            return allowed(explain::no_pod(direction, judged));
        };
        if connection.source == connection.destination {
            return allowed(explain::to_itself(&endpoint.pod));
        }
        if direction == PolicyType::Ingress && self.is_own_node(endpoint, connection.source) {
            return allowed(explain::from_own_node(&endpoint.pod));
        }
        let policies = self.selecting(&endpoint.pod, direction);
        if policies.is_empty() {
            return allowed(explain::not_isolated(&endpoint.pod, direction));
        }
        let peer_address = match direction {
            PolicyType::Egress => connection.destination,
            PolicyType::Ingress => connection.source,
        };
        let context = RuleContext {
            connection,
            peer_address,
            peer: self.by_address.get(&peer_address).map(|endpoint| &**endpoint),
            destination: self.by_address.get(&connection.destination).map(|endpoint| &**endpoint),
        };
        let tried: Vec<_> = policies.iter().map(|policy| policy.try_rules(direction, &context)).collect();
        let answer = if tried.iter().any(|tried| tried.admits) { Answer::Allowed } else { Answer::NotAdmitted };
        Verdict { answer, reason: explain::isolated(&endpoint.pod, direction, &policies, tried, &context) }
    }

    /// "Traffic to and from the node where a Pod is running is always allowed" (kubernetes.io, Network Policies).
    fn is_own_node(&self, endpoint: &Endpoint, source: IpAddr) -> bool {
        let node = endpoint.pod.as_pod().and_then(|pod| pod.spec.node_name.as_deref());
        node.is_some() && self.nodes.get(&source).map(String::as_str) == node
    }
}

fn allowed(reason: crate::trace::Reason) -> Verdict {
    Verdict { answer: Answer::Allowed, reason }
}

impl Policy {
    fn new(reference: ObjectRef, view: &NetworkPolicy) -> Self {
        let rules = |rules: &[crate::api::NetworkPolicyRule]| rules.iter().map(Rule::new).collect();
        Self {
            reference,
            selector: view.spec.pod_selector.clone(),
            types: view.spec.effective_types(),
            ingress: rules(&view.spec.ingress),
            egress: rules(&view.spec.egress),
        }
    }

    fn try_rules(&self, direction: PolicyType, context: &RuleContext) -> explain::Tried {
        let rules = match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        };
        explain::Tried::new(&self.reference, direction, rules.iter().map(|rule| rule.test(&self.reference.namespace, context)))
    }
}
