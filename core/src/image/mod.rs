//! What a container image holds and what its process does: tools, libc, listening ports, life time. Input: a reference, and a
//! container's command line. The images are data (`catalogue.json`); nothing here knows of Pods or packets.

mod catalogue;
mod process;
mod reference;

pub use catalogue::find;
pub(crate) use catalogue::has_repository;
pub use process::process;
pub use reference::normalise;

use crate::clock::Duration;
use crate::net::Protocol;

#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// The normalised reference: `docker.io/library/nginx:alpine`.
    pub name: String,
    /// Docker schema-1 images cannot be pulled by containerd 2.1 and later.
    pub schema_1: bool,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub libc: Libc,
    /// Programs on the image's PATH, by name, with their flavour: `nslookup` → `busybox`, `curl` → `curl`.
    pub programs: Vec<Program>,
    /// Compressed bytes, what a node downloads.
    pub size: u64,
    /// Of the main program, where its output shows it: `1.29.3`.
    pub version: String,
    /// The port on which its server listens when the command line does not say.
    pub port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    pub flavour: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Libc {
    Glibc,
    Musl,
    /// A static Go binary: Go's own resolver.
    Go,
}

/// What a container's main process does, as far as the network can tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerProcess {
    pub listeners: Vec<Listener>,
    /// Runs for ever when absent.
    pub exits_after: Option<(Duration, i32)>,
    /// A process without a SIGTERM handler does not get the signal when it is PID 1 (signal(7), pid_namespaces(7)).
    pub ignores_sigterm: bool,
    pub log: Vec<String>,
    /// Why the runtime cannot start it, in runc's words.
    pub start_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    pub protocol: Protocol,
    pub port: u16,
    pub server: Server,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// `software`: what the `Server:` header says, e.g. `nginx/1.29.0`; empty when it sends none. `{hostname}` in the body
    /// stands for the Pod's host name.
    Http {
        software: String,
        body: String,
    },
    CoreDns,
    /// Accepts, says nothing.
    Silent,
}

impl Image {
    /// The flavour of a program, if the image has it.
    pub fn program(&self, name: &str) -> Option<&str> {
        self.programs.iter().find(|program| program.name == name).map(|program| program.flavour.as_str())
    }

    /// Registry and path without tag or digest: `docker.io/library/nginx`.
    pub fn repository(&self) -> &str {
        reference::split(&self.name).0
    }
}
