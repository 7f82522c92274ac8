//! What a container image holds and what its process does: tools, libc, listening ports, life time.

use crate::api::Container;
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    pub flavour: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub ignores_sigterm: bool,
    pub log: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    pub protocol: Protocol,
    pub port: u16,
    pub server: Server,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// `software`: what the `Server:` header says, e.g. `nginx/1.29.0`.
    Http {
        software: String,
        body: String,
    },
    CoreDns,
    /// Accepts, says nothing.
    Silent,
}

/// The image a reference names, if the simulated registries have it.
pub fn find(_reference: &str) -> Option<Image> {
    None
}

/// The process that a container of a Pod runs.
pub fn process(_image: &Image, _container: &Container) -> ContainerProcess {
    ContainerProcess::default()
}
