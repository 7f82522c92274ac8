//! What programs wrote to the machines' disks. Only differences are kept: the files a machine comes with are computed by
//! whoever reads them.

use crate::clock::Instant;
use std::collections::BTreeMap;

/// The writable layers of all machines, by the machine's name.
#[derive(Clone, Debug, Default)]
pub struct Disks {
    layers: BTreeMap<String, Layer>,
}

/// Absolute path → what a program put there.
pub type Layer = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    File {
        bytes: Vec<u8>,
        executable: bool,
        modified: Instant,
    },
    Directory {
        modified: Instant,
    },
    /// The machine came with something here and it was removed.
    Removed,
}

impl Disks {
    pub fn layer(&self, machine: &str) -> Option<&Layer> {
        self.layers.get(machine)
    }

    pub fn layer_mut(&mut self, machine: &str) -> &mut Layer {
        self.layers.entry(machine.to_owned()).or_default()
    }
}
