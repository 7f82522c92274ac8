//! hoplab-core: a simulated Kubernetes network.
//!
//! Input: Kubernetes YAML, commands, a seed, virtual time. Output: an explained trace of every packet, and a snapshot of
//! the cluster for whoever draws it. One invariant above all: what is printed is what is evaluated — a command that prints a
//! table prints the one that the packet walk reads. No IO, no clock, no web; native and wasm give the same bytes.
//!
//! Modules import only what stands to their left (`tests/layers.rs` keeps it so):
//! `net, clock, rng → api → diagnostic → manifest → trace → store → image →
//! jsonpath, printer → control → policy, dns, l7 → dataplane → world →
//! shell → lab`.

pub mod api;
pub mod clock;
pub mod control;
pub mod dataplane;
pub mod diagnostic;
pub mod dns;
pub mod image;
pub mod jsonpath;
pub mod l7;
pub mod lab;
pub mod manifest;
pub mod net;
pub mod policy;
pub mod printer;
pub mod rng;
pub mod shell;
pub mod store;
pub mod trace;
pub mod world;
