//! The simulator's modules import only from modules to their left. This test reads every `crate::` path.

#![expect(clippy::disallowed_methods, reason = "a test of the sources reads them; the ban is for the simulator")]

use std::path::{Path, PathBuf};

/// Left to right: a module may use those in earlier groups and in its own.
const LAYERS: &[&[&str]] = &[
    &["net", "clock", "rng"],
    &["api"],
    &["diagnostic"],
    &["manifest"],
    &["trace"],
    &["store"],
    &["image", "jsonpath", "printer"],
    &["control"],
    &["policy", "dns", "l7"],
    &["dataplane"],
    &["world"],
    &["shell"],
    &["lab"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|group| group.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the source folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `dataplane` for `src/dataplane/walk.rs` and for `src/dataplane.rs`.
fn module_of(path: &Path, source: &Path) -> String {
    let inside = path.strip_prefix(source).expect("the file is below src");
    let first = inside.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_from_their_left() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut faults = Vec::new();
    for file in files {
        let module = module_of(&file, &source);
        if module == "lib" {
            continue;
        }
        let Some(own) = layer(&module) else {
            faults.push(format!("{module} has no place in LAYERS"));
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("a source file can be read");
        let without_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
        for imported in without_tests.split("crate::").skip(1) {
            let name: String = imported.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if layer(&name).is_some_and(|used| used > own) {
                faults.push(format!("{} uses {name}, which stands to its right", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
