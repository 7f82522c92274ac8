//! `tr`

use super::options;
use crate::shell::files::in_class;
use crate::shell::{Process, escape};

pub async fn run(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "cCds", &[("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')]).await
    else {
        return 1;
    };
    let sets: Vec<Vec<char>> = options.operands.iter().map(|set| expand(set)).collect();
    let (from, to) = match (sets.as_slice(), options.has('d') || options.has('s')) {
        ([from], true) => (from.clone(), Vec::new()),
        ([from, to], _) => (from.clone(), to.clone()),
        ([], _) => return complain(&process, "missing operand").await,
        ([_], false) => {
            let set = options.operands.first().cloned().unwrap_or_default();
            return complain(&process, &format!("missing operand after ‘{set}’\nTwo strings must be given when translating."))
                .await;
        }
        _ => return complain(&process, &format!("extra operand ‘{}’", options.operands.get(2).map_or("", String::as_str))).await,
    };
    let complement = options.has('c') || options.has('C');
    let position = |character: char| match (complement, from.iter().position(|known| *known == character)) {
        (false, found) => found,
        (true, Some(_)) => None,
        (true, None) => Some(usize::MAX),
    };
    let squeezed = if to.is_empty() { &from } else { &to };
    let mut last = None;
    while let Some(bytes) = process.stdin.read_some().await {
        let mut text = String::new();
        for character in String::from_utf8_lossy(&bytes).chars() {
            let found = position(character);
            if options.has('d') && found.is_some() {
                continue;
            }
            let changed = match found {
                Some(at) if !options.has('d') && !to.is_empty() => to.get(at).or(to.last()).copied().unwrap_or(character),
                _ => character,
            };
            let repeats =
                options.has('s') && last == Some(changed) && (squeezed.contains(&changed) || (complement && found.is_some()));
            if !repeats {
                text.push(changed);
            }
            last = Some(changed);
        }
        process.print(text).await;
    }
    0
}

async fn complain(process: &Process, message: &str) -> i32 {
    super::usage(process, message).await;
    1
}

/// `a-z`, `[:upper:]`, `\n`
fn expand(set: &str) -> Vec<char> {
    let mut text = escape::ansi_c(set);
    for class in ["alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "xdigit", "cntrl", "print", "graph"] {
        let members: String = (0..128_u8).map(char::from).filter(|character| in_class(class, *character)).collect();
        text = text.replace(&format!("[:{class}:]"), &members);
    }
    let characters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(&first) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some('-'), Some(&last)) if first <= last => {
                all.extend(first..=last);
                at += 3;
            }
            _ => {
                all.push(first);
                at += 1;
            }
        }
    }
    all
}
