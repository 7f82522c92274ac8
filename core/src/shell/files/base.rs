//! The files that a machine comes with, before anyone writes to it.

use super::{container, node};
use crate::clock::{Duration, Instant};
use crate::shell::{Machine, commands};
use crate::world::{Entry, World};
use std::collections::BTreeMap;

/// A machine's files under construction.
pub(super) struct Files {
    entries: BTreeMap<String, Entry>,
    modified: Instant,
}

impl Files {
    pub(super) fn add(&mut self, path: &str, text: impl Into<String>) {
        let bytes = text.into().into_bytes();
        self.entries.insert(path.to_owned(), Entry::File { bytes, executable: false, modified: self.modified });
    }

    pub(super) fn add_program(&mut self, path: &str) {
        self.entries.insert(path.to_owned(), Entry::File { bytes: ELF.to_vec(), executable: true, modified: self.modified });
    }

    pub(super) fn add_directory(&mut self, path: &str) {
        self.entries.insert(path.to_owned(), Entry::Directory { modified: self.modified });
    }
}

/// How every program's file begins; nothing reads further.
const ELF: &[u8] = b"\x7fELF";

/// When the machines were set up: a day before the scene begins.
pub(super) fn installed(world: &World) -> Instant {
    let start = Instant::parse_rfc3339(&world.cluster().start_time).unwrap_or_default();
    let day = Duration::from_secs(86_400).as_secs() * 1_000_000;
    Instant::from_micros(start.micros().saturating_sub(day))
}

pub(super) fn files(world: &World, machine: &Machine) -> BTreeMap<String, Entry> {
    let mut files = Files { entries: BTreeMap::new(), modified: installed(world) };
    let home = machine.home();
    for directory in ["/tmp", "/root", "/home", "/usr/bin", "/var/log", "/opt", "/proc", "/sys", home.as_str()] {
        files.add_directory(directory);
    }
    files.add("/etc/hostname", format!("{}\n", machine.host_name()));
    files.add("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    for (path, _) in commands::paths(world, machine) {
        files.add_program(&path);
    }
    match machine {
        Machine::Laptop => {
            files.add("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tlaptop\n");
            files.add("/etc/os-release", DEBIAN);
            files.add("/etc/resolv.conf", crate::dns::node_resolv_conf());
        }
        Machine::Node { name } => node::add(&mut files, world, name),
        Machine::Container { namespace, pod, container } => container::add(&mut files, world, namespace, pod, container),
    }
    files.entries
}

pub(super) const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
     VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n\
     SUPPORT_URL=\"https://www.debian.org/support\"\nBUG_REPORT_URL=\"https://bugs.debian.org/\"\n";
