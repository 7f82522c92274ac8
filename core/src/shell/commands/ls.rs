//! `ls`

use super::options;
use crate::clock::Instant;
use crate::shell::Process;
use crate::shell::files::Stat;

const LONG: [(&str, char); 4] = [("all", 'a'), ("almost-all", 'A'), ("human-readable", 'h'), ("color", '_')];
/// Columns of a terminal.
const WIDTH: usize = 80;

pub async fn run(process: Process) -> i32 {
    let Some(mut options) = options::parse(&process, "1aAdFhlrtRS_", &LONG).await else {
        return 2;
    };
    if options.has('R') {
        process.print_error("hoplab: ls -R is not simulated\n").await;
        return 2;
    }
    if options.operands.is_empty() {
        options.operands.push(".".to_owned());
    }
    let (mut files, mut directories, mut status) = (Vec::new(), Vec::new(), 0);
    for path in &options.operands {
        match process.stat(path) {
            None => {
                let doing = if super::is_busybox(&process) { "" } else { "cannot access" };
                super::complain_of_path(&process, path, doing).await;
                status = if super::is_busybox(&process) { 1 } else { 2 };
            }
            Some(stat) if stat.directory && !options.has('d') => directories.push(path.clone()),
            Some(stat) => files.push((path.clone(), stat)),
        }
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    directories.sort();
    let headers = options.operands.len() > 1;
    print(&process, &options, "", &files).await;
    for (at, directory) in directories.iter().enumerate() {
        if headers {
            let gap = if at > 0 || !files.is_empty() { "\n" } else { "" };
            process.print(format!("{gap}{directory}:\n")).await;
        }
        print(&process, &options, directory, &entries(&process, &options, directory)).await;
    }
    status
}

fn entries(process: &Process, options: &options::Options, directory: &str) -> Vec<(String, Stat)> {
    let hidden = options.has('a') || options.has('A');
    let mut names: Vec<String> = process.list(directory).unwrap_or_default();
    names.retain(|name| hidden || !name.starts_with('.'));
    if options.has('a') {
        names.splice(0..0, [".".to_owned(), "..".to_owned()]);
    }
    let mut found: Vec<(String, Stat)> =
        names.into_iter().filter_map(|name| process.stat(&format!("{directory}/{name}")).map(|stat| (name, stat))).collect();
    if options.has('t') {
        found.sort_by_key(|(_, stat)| core::cmp::Reverse(stat.modified));
    }
    if options.has('S') {
        found.sort_by_key(|(_, stat)| core::cmp::Reverse(stat.size));
    }
    if options.has('r') {
        found.reverse();
    }
    found
}

/// Prints entries of a directory; without one, the paths that were named.
async fn print(process: &Process, options: &options::Options, directory: &str, entries: &[(String, Stat)]) {
    if options.has('l') {
        if !directory.is_empty() {
            let blocks: usize = entries.iter().map(|(_, stat)| stat.size.div_ceil(4_096) * 4).sum();
            process.print(format!("total {blocks}\n")).await;
        }
        let width = entries.iter().map(|(_, stat)| stat.size.to_string().len()).max().unwrap_or(1);
        for (name, stat) in entries {
            let mode = match (stat.directory, stat.executable) {
                (true, _) => "drwxr-xr-x",
                (false, true) => "-rwxr-xr-x",
                (false, false) => "-rw-r--r--",
            };
            let links = if stat.directory { 2 } else { 1 };
            let date = date(stat.modified, process.now());
            let owner = owner(process, &format!("{directory}/{name}"), name, directory);
            process.print(format!("{mode} {links} {owner} {owner} {:>width$} {date} {name}\n", stat.size)).await;
        }
        return;
    }
    let mark = |(name, stat): &(String, Stat)| match (options.has('F'), stat.directory, stat.executable) {
        (true, true, _) => format!("{name}/"),
        (true, false, true) => format!("{name}*"),
        _ => name.clone(),
    };
    let names: Vec<String> = entries.iter().map(mark).collect();
    let text = if process.stdout.is_terminal() && !options.has('1') { columns(&names) } else { lines(&names) };
    process.print(text).await;
}

fn lines(names: &[String]) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}

/// Whoever's home it is in owns a file; the rest belongs to root.
fn owner(process: &Process, inside: &str, name: &str, directory: &str) -> &'static str {
    let path = process.absolute(if directory.is_empty() { name } else { inside });
    if path.starts_with(&process.machine.home()) { process.machine.user() } else { "root" }
}

/// Down, then across, in as few rows as fit.
fn columns(names: &[String]) -> String {
    let lengths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let widths = |rows: usize| -> Vec<usize> {
        lengths.chunks(rows).map(|column| column.iter().max().copied().unwrap_or(0) + 2).collect()
    };
    let fits = |rows: &usize| widths(*rows).iter().sum::<usize>() <= WIDTH + 2;
    let rows = (1..=names.len()).find(fits).unwrap_or(names.len()).max(1);
    let widths = widths(rows);
    let mut text = String::new();
    for row in 0..rows.min(names.len()) {
        let mut line = String::new();
        for (column, width) in widths.iter().enumerate() {
            if let Some(name) = names.get(column * rows + row) {
                line.push_str(&format!("{name:<width$}"));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `May 14 10:00`, or the year when it is more than half a year ago.
fn date(modified: Instant, now: Instant) -> String {
    let text = modified.to_string();
    let field = |range: core::ops::Range<usize>| text.get(range).unwrap_or_default();
    let month = field(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or("Jan");
    let day = field(8..10).trim_start_matches('0');
    let recent = now.since(modified).as_secs() < 15_778_476;
    let last = if recent { field(11..16).to_owned() } else { format!(" {}", field(0..4)) };
    format!("{month} {day:>2} {last}")
}
