//! `cut`

use super::lines::Lines;
use super::options;
use crate::shell::Process;

const LONG: [(&str, char); 7] = [
    ("delimiter", 'd'),
    ("fields", 'f'),
    ("characters", 'c'),
    ("bytes", 'b'),
    ("only-delimited", 's'),
    ("output-delimiter", 'O'),
    ("complement", 'C'),
];

/// First and last of a range, counted from 1.
type Range = (usize, usize);

pub async fn run(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "b:c:d:f:nsO:C", &LONG).await else {
        return 1;
    };
    let (list, fields) = match (options.value('f'), options.value('c').or(options.value('b'))) {
        (Some(list), None) => (list, true),
        (None, Some(list)) => (list, false),
        (Some(_), Some(_)) => return complain(&process, "only one list may be specified").await,
        (None, None) => return complain(&process, "you must specify a list of bytes, characters, or fields").await,
    };
    let delimiter = options.value('d').unwrap_or("\t");
    if delimiter.chars().count() > 1 {
        return complain(&process, "the delimiter must be a single character").await;
    }
    let Some(ranges) = parse_list(list) else {
        let what = if fields { "fields" } else { "byte/character positions" };
        return complain(&process, &format!("{what} are numbered from 1")).await;
    };
    let chosen = |number: usize| ranges.iter().any(|(first, last)| (*first..=*last).contains(&number)) != options.has('C');
    let joiner = options.value('O').unwrap_or(if fields { delimiter } else { "" });
    let mut lines = Lines::new(&process, &options.operands);
    while let Some((_, line)) = lines.next().await {
        let text = line.text;
        let parts: Vec<String> = if fields {
            if !text.contains(delimiter) {
                if !options.has('s') {
                    process.print(format!("{text}\n")).await;
                }
                continue;
            }
            text.split(delimiter).map(str::to_owned).collect()
        } else {
            text.chars().map(String::from).collect()
        };
        let kept: Vec<String> = parts.into_iter().enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, part)| part).collect();
        process.print(format!("{}\n", kept.join(joiner))).await;
    }
    i32::from(lines.failed)
}

/// `1,3-5,7-`
fn parse_list(list: &str) -> Option<Vec<Range>> {
    list.split(',')
        .map(|range| match range.split_once('-') {
            None => range.parse().ok().map(|number| (number, number)),
            Some(("", "")) => None,
            Some(("", last)) => Some((1, last.parse().ok()?)),
            Some((first, "")) => Some((first.parse().ok()?, usize::MAX)),
            Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
        })
        .map(|range| range.filter(|(first, last)| *first > 0 && first <= last))
        .collect()
}

async fn complain(process: &Process, message: &str) -> i32 {
    super::usage(process, message).await;
    1
}
