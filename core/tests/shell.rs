//! The shell against bash: every script of `shell/scripts.txt` prints what bash printed and ends as it ended.

use hoplab_core::api::Cluster;
use hoplab_core::shell::{ScriptOutput, SharedWorld, run_program};
use hoplab_core::world::World;
use std::cell::RefCell;
use std::rc::Rc;

/// A fresh copy of one world, since making one lives through days of its past.
fn fresh(world: &World) -> SharedWorld {
    Rc::new(RefCell::new(world.clone()))
}

/// A recorded script: its name, text, and what bash made of it.
struct Case<'a> {
    name: &'a str,
    script: &'a str,
    expected: ScriptOutput,
}

fn parse(block: &str) -> Option<Case<'_>> {
    let (name, rest) = block.split_once('\n')?;
    let (script, rest) = rest.split_once("\n--- stdout\n")?;
    let (stdout, rest) = rest.split_once("--- stderr\n")?;
    let (stderr, status) = rest.split_once("--- status ")?;
    // A lone backslash at the end stands for a missing newline.
    let text = |recorded: &str| recorded.strip_suffix("\\\n").unwrap_or(recorded).to_owned();
    let expected =
        ScriptOutput { stdout: text(stdout), stderr: text(stderr), status: status.trim().parse().ok()?, ..Default::default() };
    Some(Case { name, script, expected })
}

#[test]
fn scripts_print_what_bash_prints() {
    let recorded = include_str!("shell/scripts.txt");
    let blocks: Vec<&str> = recorded.split("\n=== ").skip(1).collect();
    let cases: Vec<Case<'_>> = blocks.iter().filter_map(|block| parse(block)).collect();
    assert_eq!(cases.len(), blocks.len(), "every block is well formed");
    let world = World::new(Cluster::default());
    let mut failures = Vec::new();
    for case in &cases {
        let output = run_program(&fresh(&world), &["bash", "-c", case.script]);
        let expected = &case.expected;
        if (&output.stdout, &output.stderr, output.status) != (&expected.stdout, &expected.stderr, expected.status) {
            failures.push(format!(
                "=== {}\n{}\n--- bash: {}\n{}{}--- hoplab: {}\n{}{}",
                case.name,
                case.script,
                expected.status,
                expected.stdout,
                expected.stderr,
                output.status,
                output.stdout,
                output.stderr
            ));
        }
    }
    assert!(failures.is_empty(), "{} of {} differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
