//! Where a command runs.

use crate::api::{Kind, ObjectRef};
use crate::dataplane::Netns;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Machine {
    /// The learner's own computer: kubectl, gcloud and a normal Linux userland.
    Laptop,
    /// A node, reached by ssh.
    Node { name: String },
    /// A container, entered by `kubectl exec`.
    Container { namespace: String, pod: String, container: String },
}

impl Machine {
    /// The network namespace its programs send from.
    pub fn netns(&self) -> Netns {
        match self {
            Machine::Laptop => Netns::External("laptop".to_owned()),
            Machine::Node { name } => Netns::Node(name.clone()),
            Machine::Container { namespace, pod, .. } => Netns::Pod(ObjectRef::namespaced(Kind::Pod, namespace, pod)),
        }
    }
}
