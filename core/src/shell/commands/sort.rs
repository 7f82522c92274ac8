//! `sort` and `uniq`

use super::lines::Lines;
use super::options;
use crate::shell::Process;
use core::cmp::Ordering;

const LONG: [(&str, char); 5] =
    [("reverse", 'r'), ("numeric-sort", 'n'), ("unique", 'u'), ("key", 'k'), ("field-separator", 't')];

pub async fn run(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "bdfghk:nrst:uV", &LONG).await else {
        return 2;
    };
    let mut lines = Lines::new(&process, &options.operands);
    let mut all = lines.rest().await;
    let key = options.value('k').unwrap_or("1");
    let mut bounds = key.split(',').map(|bound| bound.trim_end_matches(char::is_alphabetic).parse::<usize>().unwrap_or(1));
    let (first, last) = (bounds.next().unwrap_or(1), bounds.next());
    let keyed = |line: &str| match options.value('k') {
        None => line.to_owned(),
        Some(_) => {
            let fields: Vec<&str> = match options.value('t') {
                Some(separator) => line.split(separator).collect(),
                None => line.split_whitespace().collect(),
            };
            let last = last.unwrap_or(fields.len()).min(fields.len());
            fields.get(first.saturating_sub(1)..last).unwrap_or_default().join(" ")
        }
    };
    let numeric = options.has('n') || options.has('g') || key.contains('n');
    let reverse = options.has('r') || key.contains('r');
    let compare = |left: &String, right: &String| {
        let (a, b) = (keyed(left), keyed(right));
        let (a, b) = if options.has('f') { (a.to_lowercase(), b.to_lowercase()) } else { (a, b) };
        let order = match (numeric, options.has('V')) {
            (true, _) => number(&a).total_cmp(&number(&b)),
            (false, true) => version(&a).cmp(&version(&b)),
            (false, false) => a.cmp(&b),
        };
        if reverse { order.reverse() } else { order }
    };
    // Equal keys are ordered by the whole line unless `-s` or `-u` asks otherwise.
    let stable = options.has('s') || options.has('u');
    all.sort_by(|left, right| compare(left, right).then_with(|| whole(left, right, stable, reverse)));
    if options.has('u') {
        all.dedup_by(|left, right| compare(left, right) == Ordering::Equal);
    }
    let text: String = all.iter().map(|line| format!("{line}\n")).collect();
    process.print(text).await;
    if lines.failed { 2 } else { 0 }
}

fn whole(left: &str, right: &str, stable: bool, reverse: bool) -> Ordering {
    match (stable, reverse) {
        (true, _) => Ordering::Equal,
        (false, true) => right.cmp(left),
        (false, false) => left.cmp(right),
    }
}

/// The number at the beginning, or zero.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text.find(|character: char| !character.is_ascii_digit() && !"-.".contains(character)).unwrap_or(text.len());
    text.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

/// Runs of digits compare as numbers.
fn version(text: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        let (name, tail) = rest.split_at_checked(word).unwrap_or((rest, ""));
        let digits = tail.find(|character: char| !character.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, tail) = tail.split_at_checked(digits).unwrap_or((tail, ""));
        parts.push((digits.parse().unwrap_or(0), name.to_owned()));
        rest = tail;
    }
    parts
}

pub async fn uniq(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "cdiu", &[("count", 'c'), ("repeated", 'd'), ("unique", 'u')]).await else {
        return 1;
    };
    let mut lines = Lines::new(&process, &options.operands);
    let mut groups: Vec<(String, usize)> = Vec::new();
    for line in lines.rest().await {
        let same = |last: &str| if options.has('i') { last.to_lowercase() == line.to_lowercase() } else { last == line };
        match groups.last_mut() {
            Some((last, count)) if same(last) => *count += 1,
            _ => groups.push((line, 1)),
        }
    }
    groups.retain(|(_, count)| (!options.has('d') || *count > 1) && (!options.has('u') || *count == 1));
    for (line, count) in groups {
        let text = if options.has('c') { format!("{count:7} {line}\n") } else { format!("{line}\n") };
        process.print(text).await;
    }
    i32::from(lines.failed)
}
