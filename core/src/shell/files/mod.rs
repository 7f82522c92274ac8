//! The files of a machine: what it comes with, under what programs wrote. Paths are absolute or relative to a process's
//! directory; errors say what `strerror` says.

use crate::shell::{Machine, Process, SharedWorld};
use crate::world::{Entry, Layer, World};
use std::collections::BTreeMap;

mod base;
mod container;
mod glob;
mod node;

pub(super) use container::{address, image_of, main_process};
pub use glob::{in_class, is_pattern, matches, unescape};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    NotFound,
    IsDirectory,
    NotDirectory,
    Exists,
    NotEmpty,
    ReadOnly,
    PermissionDenied,
    NameTooLong,
    NoSpace,
}

impl core::fmt::Display for FileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            FileError::NotFound => "No such file or directory",
            FileError::IsDirectory => "Is a directory",
            FileError::NotDirectory => "Not a directory",
            FileError::Exists => "File exists",
            FileError::NotEmpty => "Directory not empty",
            FileError::ReadOnly => "Read-only file system",
            FileError::PermissionDenied => "Permission denied",
            FileError::NameTooLong => "File name too long",
            FileError::NoSpace => "No space left on device",
        })
    }
}

/// A file's place in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub directory: bool,
    pub executable: bool,
    pub size: usize,
    pub modified: crate::clock::Instant,
}

/// A file open for writing.
#[derive(Clone, Debug)]
pub(super) struct OpenFile {
    world: SharedWorld,
    machine: String,
    path: String,
}

impl OpenFile {
    pub(super) fn append(&self, more: &[u8]) {
        let mut world = self.world.borrow_mut();
        let now = world.now();
        let layer = world.disks_mut().layer_mut(&self.machine);
        // A full disk takes no more; the next one to open a file there is told.
        let more = more.get(..room(layer)).unwrap_or(more);
        if let Some(Entry::File { bytes, modified, .. }) = layer.get_mut(&self.path) {
            bytes.extend_from_slice(more);
            *modified = now;
        }
    }
}

impl Process {
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = self.absolute(path);
        match self.entry(&path) {
            Some(Entry::File { bytes, .. }) => Ok(bytes),
            Some(Entry::Directory { .. }) => Err(FileError::IsDirectory),
            Some(Entry::Removed) | None => Err(FileError::NotFound),
        }
    }

    /// Creates the file or replaces its contents.
    pub fn write_file(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.absolute(path);
        let executable = match self.entry(&path) {
            Some(Entry::Directory { .. }) => return Err(FileError::IsDirectory),
            Some(Entry::File { executable, .. }) => executable,
            Some(Entry::Removed) | None => false,
        };
        self.put(path, Entry::File { bytes: bytes.to_vec(), executable, modified: self.now() })
    }

    pub fn append_file(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let mut all = match self.read_file(path) {
            Ok(all) => all,
            Err(FileError::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        };
        all.extend_from_slice(bytes);
        self.write_file(path, &all)
    }

    /// Opens for writing, emptied unless `append`.
    pub(super) fn open_file(&self, path: &str, append: bool) -> Result<OpenFile, FileError> {
        if append {
            self.append_file(path, &[])?
        } else {
            self.write_file(path, &[])?
        }
        Ok(OpenFile { world: self.world.clone(), machine: self.disk_name(), path: self.absolute(path) })
    }

    pub fn make_directory(&self, path: &str) -> Result<(), FileError> {
        let path = self.absolute(path);
        match self.entry(&path) {
            Some(Entry::File { .. } | Entry::Directory { .. }) => Err(FileError::Exists),
            Some(Entry::Removed) | None => self.put(path, Entry::Directory { modified: self.now() }),
        }
    }

    /// Removes a file or an empty directory.
    pub fn remove_file(&self, path: &str) -> Result<(), FileError> {
        let path = self.absolute(path);
        match self.entry(&path) {
            None | Some(Entry::Removed) => return Err(FileError::NotFound),
            Some(Entry::Directory { .. }) if !self.list(&path)?.is_empty() => return Err(FileError::NotEmpty),
            Some(Entry::File { .. } | Entry::Directory { .. }) => {}
        }
        if is_read_only(&path) {
            return Err(FileError::PermissionDenied);
        }
        let disk = self.disk_name();
        self.world.borrow_mut().disks_mut().layer_mut(&disk).insert(path, Entry::Removed);
        Ok(())
    }

    pub fn set_executable(&self, path: &str, on: bool) -> Result<(), FileError> {
        let path = self.absolute(path);
        match self.entry(&path) {
            Some(Entry::File { bytes, modified, .. }) => self.put(path, Entry::File { bytes, executable: on, modified }),
            Some(Entry::Directory { .. }) => Ok(()),
            Some(Entry::Removed) | None => Err(FileError::NotFound),
        }
    }

    pub fn stat(&self, path: &str) -> Option<Stat> {
        match self.entry(&self.absolute(path))? {
            Entry::File { bytes, executable, modified } => {
                Some(Stat { directory: false, executable, size: bytes.len(), modified })
            }
            Entry::Directory { modified } => Some(Stat { directory: true, executable: true, size: 4096, modified }),
            Entry::Removed => None,
        }
    }

    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_some()
    }

    pub fn is_directory(&self, path: &str) -> bool {
        self.stat(path).is_some_and(|stat| stat.directory)
    }

    /// Names in a directory, sorted by bytes, dot files included, `.` and `..` not.
    pub fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let path = self.absolute(path);
        match self.entry(&path) {
            Some(Entry::Directory { .. }) => {}
            Some(Entry::File { .. }) => return Err(FileError::NotDirectory),
            Some(Entry::Removed) | None => return Err(FileError::NotFound),
        }
        let prefix = if path == "/" { path } else { format!("{path}/") };
        let mut names: Vec<String> = self
            .tree()
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix)?.split('/').next())
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        names.dedup();
        Ok(names)
    }

    /// The paths that a pattern names, sorted; empty if none.
    pub fn glob(&self, pattern: &str) -> Vec<String> {
        glob::expand(self, pattern)
    }

    /// The path from the root, without `.`, `..` and doubled slashes.
    pub fn absolute(&self, path: &str) -> String {
        let start = if path.starts_with('/') { "" } else { self.directory.as_str() };
        let mut parts: Vec<&str> = Vec::new();
        for part in start.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                name => parts.push(name),
            }
        }
        format!("/{}", parts.join("/"))
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        // What was written is found without a copy of the whole disk.
        let written = self.world.borrow().disks().layer(&self.disk_name()).and_then(|layer| layer.get(path).cloned());
        if let Some(entry @ (Entry::File { .. } | Entry::Directory { .. })) = written {
            return Some(entry);
        }
        let mut tree = self.tree();
        if let Some(entry) = tree.remove(path) {
            return Some(entry);
        }
        let prefix = if path == "/" { path.to_owned() } else { format!("{path}/") };
        let inside = tree.range(prefix.clone()..).next().is_some_and(|(next, _)| next.starts_with(&prefix));
        (inside || path == "/").then(|| Entry::Directory { modified: base::installed(&self.world.borrow()) })
    }

    /// Everything on the machine, by absolute path. Directories with something in them may be missing.
    fn tree(&self) -> BTreeMap<String, Entry> {
        let world = self.world.borrow();
        let mut tree = base::files(&world, &self.machine);
        for (path, entry) in world.disks().layer(&disk_name(&world, &self.machine)).into_iter().flatten() {
            match entry {
                Entry::Removed => tree.remove(path),
                Entry::File { .. } | Entry::Directory { .. } => tree.insert(path.clone(), entry.clone()),
            };
        }
        tree
    }

    fn put(&self, path: String, entry: Entry) -> Result<(), FileError> {
        let parent = path.rsplit_once('/').map_or("/", |(parent, _)| if parent.is_empty() { "/" } else { parent });
        match self.entry(parent) {
            Some(Entry::Directory { .. }) => {}
            Some(Entry::File { .. }) => return Err(FileError::NotDirectory),
            Some(Entry::Removed) | None => return Err(FileError::NotFound),
        }
        if is_read_only(&path) {
            return Err(FileError::PermissionDenied);
        }
        if path.len() >= PATH_MAX {
            return Err(FileError::NameTooLong);
        }
        let disk = self.disk_name();
        let mut world = self.world.borrow_mut();
        let layer = world.disks_mut().layer_mut(&disk);
        let before = layer.get(&path).map_or(0, |entry| cost(&path, entry));
        if cost(&path, &entry) > room(layer) + before {
            return Err(FileError::NoSpace);
        }
        layer.insert(path, entry);
        Ok(())
    }

    fn disk_name(&self) -> String {
        disk_name(&self.world.borrow(), &self.machine)
    }
}

/// Linux's longest path, with the NUL byte at its end.
pub(super) const PATH_MAX: usize = 4_096;
/// What programs can write to one machine's disk, in bytes: it lives in the page's memory, and every look at a file reads it.
const DISK_SIZE: usize = 8 << 20;
/// A file takes this much besides its contents and path.
const INODE_SIZE: usize = 256;

fn cost(path: &str, entry: &Entry) -> usize {
    let contents = if let Entry::File { bytes, .. } = entry { bytes.len() } else { 0 };
    INODE_SIZE + path.len() + contents
}

/// Bytes that are free on a disk.
fn room(layer: &Layer) -> usize {
    DISK_SIZE.saturating_sub(layer.iter().map(|(path, entry)| cost(path, entry)).sum())
}

/// The kernel's files are not kept on a disk.
fn is_read_only(path: &str) -> bool {
    path.starts_with("/proc/") || path.starts_with("/sys/")
}

/// Names the writable layer. A restarted container begins with a fresh one.
fn disk_name(world: &World, machine: &Machine) -> String {
    match machine {
        Machine::Laptop => "laptop".to_owned(),
        Machine::Node { name } => format!("node/{name}"),
        Machine::Container { namespace, pod, container } => {
            let id = container::id(world, namespace, pod, container);
            format!("container/{namespace}/{pod}/{container}/{id}")
        }
    }
}
