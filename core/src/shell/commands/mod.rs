//! The programs. One file each; the table below says which machine has which.

mod kubectl;
mod network;

use super::{Machine, Process};
use core::pin::Pin;

/// A program: runs to its exit status.
pub type Program = fn(Process) -> Pin<Box<dyn Future<Output = i32>>>;

/// The program that a name means on a machine.
pub fn find(machine: &Machine, name: &str) -> Option<Program> {
    match (machine, name) {
        (Machine::Laptop, "kubectl") => Some(kubectl::program),
        _ => network::find(name),
    }
}
