//! `grep`

use super::lines::Lines;
use super::options;
use crate::shell::Process;
use crate::shell::regex::Regex;

const LONG: [(&str, char); 15] = [
    ("count", 'c'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("line-number", 'n'),
    ("max-count", 'm'),
    ("no-filename", 'h'),
    ("only-matching", 'o'),
    ("quiet", 'q'),
    ("regexp", 'e'),
    ("files-with-matches", 'l'),
    ("word-regexp", 'w'),
    ("color", '_'),
    ("with-filename", 'H'),
];

pub async fn run(process: Process) -> i32 {
    let name = process.name().to_owned();
    let Some(mut options) = options::parse(&process, "A:B:C:EFGHce:hilm:noqrsvwx_", &LONG).await else {
        return 2;
    };
    let patterns: Vec<String> = match options.value('e') {
        Some(_) => options.flags.iter().filter(|(flag, _)| *flag == 'e').map(|(_, pattern)| pattern.clone()).collect(),
        None if options.operands.is_empty() => {
            process
                .print_error(format!("Usage: {name} [OPTION]... PATTERNS [FILE]...\nTry '{name} --help' for more information.\n"))
                .await;
            return 2;
        }
        None => vec![options.operands.remove(0)],
    };
    if options.has('r') && options.operands.is_empty() {
        options.operands.push(".".to_owned());
    }
    let extended = options.has('E') || name == "egrep";
    let fixed = options.has('F') || name == "fgrep";
    let mut regexes = Vec::new();
    // Several patterns stand on several lines.
    for pattern in patterns.iter().flat_map(|pattern| pattern.split('\n')) {
        let whole = options.has('w') || options.has('x');
        let compiled = match (fixed, extended) {
            (true, _) if !whole => Ok(Regex::fixed(pattern, options.has('i'))),
            (fixed, extended) => {
                let pattern = if fixed { escape(pattern) } else { pattern.to_owned() };
                compile(&pattern, extended, &options)
            }
        };
        match compiled {
            Ok(regex) => regexes.push(regex),
            Err(message) => {
                process.print_error(format!("{name}: {message}\n")).await;
                return 2;
            }
        }
    }
    search(&process, &options, &regexes).await
}

fn escape(text: &str) -> String {
    text.chars().flat_map(|character| (!character.is_alphanumeric()).then_some('\\').into_iter().chain([character])).collect()
}

fn compile(pattern: &str, extended: bool, options: &options::Options) -> Result<Regex, String> {
    let (open, close) = if extended { ("(", ")") } else { (r"\(", r"\)") };
    let pattern = match (options.has('x'), options.has('w')) {
        (true, _) => format!("^{open}{pattern}{close}$"),
        (false, true) => format!(r"\<{open}{pattern}{close}\>"),
        (false, false) => pattern.to_owned(),
    };
    if extended { Regex::extended(&pattern, options.has('i')) } else { Regex::basic(&pattern, options.has('i')) }
}

async fn search(process: &Process, options: &options::Options, regexes: &[Regex]) -> i32 {
    let most: usize = options.value('m').and_then(|count| count.parse().ok()).unwrap_or(usize::MAX);
    let paths = if options.has('r') { tree(process, &options.operands) } else { options.operands.clone() };
    let named = (paths.len() > 1 || options.has('r') || options.has('H')) && !options.has('h');
    let context = |flag: char| options.value(flag).or(options.value('C')).and_then(|text| text.parse().ok()).unwrap_or(0_usize);
    let (before, after) = (context('B'), context('A'));
    let (mut found, mut failed) = (false, false);
    let inputs = if paths.is_empty() { vec!["-".to_owned()] } else { paths };
    for path in inputs {
        if path != "-" && process.is_directory(&path) {
            process.print_error(format!("{}: {path}: Is a directory\n", process.name())).await;
            continue;
        }
        let shown = if path == "-" { "(standard input)" } else { &path };
        let prefix = |separator: char| if named { format!("{shown}{separator}") } else { String::new() };
        let number = |at: usize, separator: char| if options.has('n') { format!("{at}{separator}") } else { String::new() };
        let mut lines = Lines::new(process, core::slice::from_ref(&path));
        let (mut at, mut count, mut trailing, mut last_shown) = (0, 0, 0_usize, 0);
        let mut earlier: Vec<(usize, String)> = Vec::new();
        while count < most || trailing > 0 {
            let Some((_, line)) = lines.next().await else { break };
            at += 1;
            let line = line.text;
            let matched = count < most && regexes.iter().any(|regex| regex.find(&line).is_some()) != options.has('v');
            if !matched {
                if trailing > 0 {
                    process.print(format!("{}{}{line}\n", prefix('-'), number(at, '-'))).await;
                    (trailing, last_shown) = (trailing - 1, at);
                } else if before > 0 {
                    earlier.push((at, line));
                    let excess = earlier.len().saturating_sub(before);
                    earlier.drain(..excess);
                }
                continue;
            }
            count += 1;
            found = true;
            if options.has('q') {
                return 0;
            }
            if options.has('l') {
                break;
            }
            if options.has('c') {
                continue;
            }
            let first = earlier.first().map_or(at, |(at, _)| *at);
            if before + after > 0 && last_shown > 0 && first > last_shown + 1 {
                process.print("--\n").await;
            }
            for (at, line) in earlier.drain(..) {
                process.print(format!("{}{}{line}\n", prefix('-'), number(at, '-'))).await;
            }
            let start = format!("{}{}", prefix(':'), number(at, ':'));
            if options.has('o') {
                for part in parts(&line, regexes) {
                    process.print(format!("{start}{part}\n")).await;
                }
            } else {
                process.print(format!("{start}{line}\n")).await;
            }
            (trailing, last_shown) = (after, at);
        }
        failed |= lines.failed;
        if options.has('c') && !lines.failed {
            process.print(format!("{}{count}\n", prefix(':'))).await;
        }
        if options.has('l') && count > 0 {
            process.print(format!("{shown}\n")).await;
        }
    }
    match (failed, found) {
        (true, _) => 2,
        (false, found) => i32::from(!found),
    }
}

/// What `-o` prints: every match that is not empty.
fn parts(line: &str, regexes: &[Regex]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut from = 0;
    while from <= line.len() {
        let found = regexes.iter().filter_map(|regex| regex.find_at(line, from)?.first().copied().flatten());
        let Some((start, end)) = found.min_by_key(|(start, end)| (*start, core::cmp::Reverse(*end))) else { break };
        if end > start {
            parts.push(line.get(start..end).unwrap_or_default().to_owned());
        }
        let step = line.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = if end > start { end } else { end + step };
    }
    parts
}

/// Every file below the paths, for `-r`.
fn tree(process: &Process, paths: &[String]) -> Vec<String> {
    let mut files = Vec::new();
    let mut open: Vec<String> = paths.iter().rev().cloned().collect();
    while let Some(path) = open.pop() {
        if !process.is_directory(&path) {
            files.push(path);
            continue;
        }
        let names = process.list(&path).unwrap_or_default();
        let join = |name: &String| if path == "." { name.clone() } else { format!("{}/{name}", path.trim_end_matches('/')) };
        open.extend(names.iter().rev().map(join));
    }
    files
}
