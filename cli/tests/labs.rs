//! Every lab of the repository proves itself, as its author would: `hoplab lab check`.

use std::path::Path;
use std::process::Command;

#[test]
fn every_lab_fails_at_its_start_and_passes_with_its_solution() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../labs");
    let folders = std::fs::read_dir(&labs).expect("there are labs").map(|entry| entry.expect("an entry can be read").path());
    let mut folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 2, "{folders:?}");
    let output = Command::new(env!("CARGO_BIN_EXE_hoplab")).args(["lab", "check"]).args(&folders).output().expect("hoplab runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
