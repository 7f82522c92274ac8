//! The files that a machine comes with.

use crate::clock::{Duration, Instant};
use crate::shell::Machine;
use crate::world::{Entry, World};
use std::collections::BTreeMap;

/// When the machines were set up: their files carry this time.
pub(super) fn installed(world: &World) -> Instant {
    let start = Instant::parse_rfc3339(&world.cluster().start_time).unwrap_or_default();
    Instant::from_micros(start.micros().saturating_sub(Duration::from_secs(86_400).as_micros() as u64))
}

pub(super) fn files(world: &World, machine: &Machine) -> BTreeMap<String, Entry> {
    let modified = installed(world);
    let mut files = BTreeMap::new();
    let home = machine.home();
    for directory in ["/tmp", "/root", home.as_str()] {
        files.insert(directory.to_owned(), Entry::Directory { modified });
    }
    files
}

pub(super) fn container_id(_world: &World, _namespace: &str, _pod: &str, _container: &str) -> String {
    String::new()
}
