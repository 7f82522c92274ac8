//! Scripts from a generator: whatever is typed, nothing panics, every poll returns, and the terminal takes the next line.

use hoplab_core::api::Cluster;
use hoplab_core::rng::Rng;
use hoplab_core::shell::{Progress, SharedWorld, Terminal};
use hoplab_core::world::World;
use std::cell::RefCell;
use std::rc::Rc;

/// About two seconds in a debug build.
const SCRIPTS: usize = 400;
/// Polls after which a script that still runs is interrupted.
const POLLS: usize = 6;

/// Pieces that mean something to a shell, and some that do not.
const PIECES: [&str; 96] = [
    "echo",
    " ",
    " ",
    " ",
    "\n",
    ";",
    "&",
    "|",
    "||",
    "&&",
    "(",
    ")",
    "{ ",
    "; }",
    "if ",
    "; then ",
    "; else ",
    "; fi",
    "for x in ",
    "; do ",
    "; done",
    "while ",
    "until ",
    "case ",
    " in ",
    ";;",
    " esac",
    "'",
    "\"",
    "`",
    "$",
    "$(",
    "${",
    "}",
    "$((",
    "))",
    "[[ ",
    " ]]",
    "[ ",
    " ]",
    "<",
    ">",
    ">>",
    "<<EOF\n",
    "EOF\n",
    "<<<",
    "2>&1",
    ">&2",
    "&>",
    "<&-",
    "#",
    "\\",
    "\\\n",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "{1..3}",
    "~",
    "!",
    "=",
    "A=",
    "$A",
    "${A:-x}",
    "${A//a/b}",
    "${#A}",
    "${A%%*}",
    "${A:1:2}",
    "$@",
    "$?",
    "$!",
    "1+2",
    "1/0",
    "x",
    "-n",
    "-e",
    "é",
    "\u{0}",
    "cat",
    "grep a",
    "sed s/a/b/",
    "head -1",
    "sort",
    "tr a b",
    "xargs",
    "printf '%s'",
    "seq 3",
    "f() ",
    "f",
    "exit",
    "break",
    "eval ",
    "read v",
    "cd /",
    "kubectl get pods",
    "awk '{print $1}'",
];

fn script(rng: &mut Rng) -> String {
    let length = 1 + rng.below(24);
    (0..length).map(|_| PIECES[rng.below(PIECES.len() as u64) as usize]).collect()
}

/// A recorded script with a few characters lost, doubled or exchanged.
fn mutated(rng: &mut Rng, seeds: &[&str]) -> String {
    let mut characters: Vec<char> = seeds[rng.below(seeds.len() as u64) as usize].chars().collect();
    for _ in 0..=rng.below(4) {
        if characters.is_empty() {
            break;
        }
        let at = rng.below(characters.len() as u64) as usize;
        match rng.below(3) {
            0 => _ = characters.remove(at),
            1 => characters.insert(at, characters[at]),
            _ => {
                let piece = PIECES[rng.below(PIECES.len() as u64) as usize];
                characters.splice(at..=at, piece.chars());
            }
        }
    }
    characters.into_iter().collect()
}

/// Lets a terminal run for a while; true when it waits for someone.
fn settle(terminal: &mut Terminal) -> bool {
    for _ in 0..POLLS {
        match terminal.poll().progress {
            Progress::Running => {}
            Progress::WaitingUntil(until) => {
                let mut world = terminal.world().borrow_mut();
                let wait = until - world.now();
                world.advance(wait);
            }
            Progress::WaitingForInput => return true,
            Progress::Finished(_) => panic!("a terminal outlives its shells"),
        }
    }
    false
}

#[test]
fn no_script_panics_or_holds_up_the_terminal() {
    let recorded = include_str!("shell/scripts.txt");
    let seeds: Vec<&str> =
        recorded.split("\n=== ").skip(1).filter_map(|block| block.split_once('\n')?.1.split("\n--- stdout\n").next()).collect();
    let world = World::new(Cluster::default());
    let mut rng = Rng::new(2026);
    for _ in 0..SCRIPTS {
        let text = if rng.below(2) == 0 { script(&mut rng) } else { mutated(&mut rng, &seeds) };
        let shared: SharedWorld = Rc::new(RefCell::new(world.clone()));
        let mut terminal = Terminal::new(shared);
        terminal.submit(&text);
        settle(&mut terminal);
        // Whatever is open now, Ctrl-C twice ends it: the program and the unfinished line.
        for _ in 0..2 {
            terminal.interrupt();
            settle(&mut terminal);
        }
        terminal.submit("echo a\"\"live");
        settle(&mut terminal);
        // Not by what it prints: a script may have sent that elsewhere. A shell that the script started may answer instead.
        let ran = terminal.history().iter().any(|line| line.ends_with("echo a\"\"live"));
        assert!(ran || !terminal.prompt().is_empty(), "no answer after {text:?}");
        // The candidates do not matter, only that every place can be asked for.
        for cursor in (0..=text.len()).step_by(7) {
            let _candidates = terminal.complete(&text, cursor);
        }
    }
}
