//! Where a command runs.

use crate::api::{Kind, ObjectRef};
use crate::dataplane::Netns;
use std::collections::BTreeMap;

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
    /// The home directory of whoever logs in.
    pub fn home(&self) -> String {
        match self {
            Machine::Laptop => "/home/learner".to_owned(),
            Machine::Node { .. } => "/home/admin".to_owned(),
            Machine::Container { .. } => "/root".to_owned(),
        }
    }

    /// Who one is there.
    pub fn user(&self) -> &'static str {
        match self {
            Machine::Laptop => "learner",
            Machine::Node { .. } => "admin",
            Machine::Container { .. } => "root",
        }
    }

    /// What `hostname` prints.
    pub fn host_name(&self) -> &str {
        match self {
            Machine::Laptop => "laptop",
            Machine::Node { name } => name,
            Machine::Container { pod, .. } => pod,
        }
    }

    /// What a login shell's programs inherit.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let directory = match self {
            Machine::Laptop | Machine::Node { .. } => self.home(),
            Machine::Container { .. } => "/".to_owned(),
        };
        let variables = [
            ("HOME", self.home()),
            ("HOSTNAME", self.host_name().to_owned()),
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
            ("PWD", directory),
            ("USER", self.user().to_owned()),
        ];
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The network namespace its programs send from.
    pub fn netns(&self) -> Netns {
        match self {
            Machine::Laptop => Netns::External("laptop".to_owned()),
            Machine::Node { name } => Netns::Node(name.clone()),
            Machine::Container { namespace, pod, .. } => Netns::Pod(ObjectRef::namespaced(Kind::Pod, namespace, pod)),
        }
    }
}
