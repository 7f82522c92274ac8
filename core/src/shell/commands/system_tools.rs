//! `date`, `hostname`, `whoami`, `id`, `uname`, `clear`, `seq`, `yes`, `which`, `ps`, `true`, `false`, `test`, `pwd`: what the
//! machine and the system say of themselves.

use super::options;
use crate::clock::Instant;
use crate::shell::{Machine, Process, interpreter};

/// A sequence longer than this is stopped by whoever reads it, or by Ctrl-C.
const NUMBERS_PER_YIELD: i64 = 1_000;

pub async fn seq(process: Process) -> i32 {
    let Some(options) = options::parse_numbers(&process, "s:w").await else { return 1 };
    let mut numbers = Vec::new();
    for operand in &options.operands {
        match operand.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) if operand.parse::<f64>().is_ok() => {
                process.print_error("hoplab: seq of fractions is not simulated\n").await;
                return 1;
            }
            Err(_) => {
                super::usage(&process, &format!("invalid floating point argument: ‘{operand}’")).await;
                return 1;
            }
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [_, 0, _] => {
            super::usage(&process, "invalid Zero increment value: ‘0’").await;
            return 1;
        }
        [first, step, last] => (*first, *step, *last),
        [] => {
            super::usage(&process, "missing operand").await;
            return 1;
        }
        _ => {
            super::usage(&process, &format!("extra operand ‘{}’", options.operands.get(3).map_or("", String::as_str))).await;
            return 1;
        }
    };
    let separator = options.value('s').unwrap_or("\n");
    let width = if options.has('w') { first.to_string().len().max(last.to_string().len()) } else { 0 };
    let mut number = Some(first);
    let mut printed = 0;
    while let Some(current) = number.filter(|current| if step > 0 { *current <= last } else { *current >= last }) {
        let before = if printed > 0 { separator } else { "" };
        process.print(format!("{before}{current:0width$}")).await;
        printed += 1;
        if printed % NUMBERS_PER_YIELD == 0 {
            process.yield_now().await;
        }
        number = current.checked_add(step);
    }
    if printed > 0 {
        process.print("\n").await;
    }
    0
}

pub async fn yes(process: Process) -> i32 {
    let words = process.arguments().join(" ");
    let line = if words.is_empty() { "y\n".to_owned() } else { format!("{words}\n") };
    let block = line.repeat(64);
    loop {
        process.print(&block).await;
        process.yield_now().await;
    }
}

pub async fn date(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "d:uIR", &[("utc", 'u'), ("date", 'd'), ("iso-8601", 'I')]).await else {
        return 1;
    };
    if options.has('d') {
        process.print_error("hoplab: date -d is not simulated\n").await;
        return 1;
    }
    let format = match options.operands.first().map(|operand| (operand, operand.strip_prefix('+'))) {
        None if options.has('I') => "%Y-%m-%d",
        None => "%a %b %e %H:%M:%S %Z %Y",
        Some((_, Some(format))) => format,
        Some((operand, None)) => {
            process.print_error(format!("date: invalid date ‘{operand}’\n")).await;
            return 1;
        }
    };
    process.print(format!("{}\n", format_time(process.now(), format))).await;
    0
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// As `strftime` in UTC.
pub fn format_time(now: Instant, format: &str) -> String {
    let text = now.to_string();
    let field = |range: core::ops::Range<usize>| text.get(range).unwrap_or_default();
    // 1970-01-01 was a Thursday.
    let day = DAYS.get((now.unix_seconds() / 86_400 % 7) as usize).copied().unwrap_or_default();
    let month =
        field(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or_default();
    let mut result = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('Y') => result.push_str(field(0..4)),
            Some('m') => result.push_str(field(5..7)),
            Some('d') => result.push_str(field(8..10)),
            Some('e') => result.push_str(&format!("{:>2}", field(8..10).trim_start_matches('0'))),
            Some('H') => result.push_str(field(11..13)),
            Some('M') => result.push_str(field(14..16)),
            Some('S') => result.push_str(field(17..19)),
            Some('F') => result.push_str(field(0..10)),
            Some('T') => result.push_str(field(11..19)),
            Some('R') => result.push_str(field(11..16)),
            Some('s') => result.push_str(&now.unix_seconds().to_string()),
            Some('N') => result.push_str(&format!("{:06}000", now.micros() % 1_000_000)),
            Some('a') => result.push_str(day),
            Some('b' | 'h') => result.push_str(month),
            Some('Z') => result.push_str("UTC"),
            Some('z') => result.push_str("+0000"),
            Some('n') => result.push('\n'),
            Some('%') => result.push('%'),
            Some(other) => result.extend(['%', other]),
            None => result.push('%'),
        }
    }
    result
}

pub async fn hostname(process: Process) -> i32 {
    match process.arguments().first().map(String::as_str) {
        None | Some("-s" | "-f") => process.print(format!("{}\n", process.machine.host_name())).await,
        Some("-i" | "-I") => {
            let address = super::super::files::address(&process.world.borrow(), &process.machine);
            process.print(format!("{address}\n")).await;
        }
        Some(_) => {
            process.print_error("hostname: you must be root to change the host name\n").await;
            return 1;
        }
    }
    0
}

pub async fn whoami(process: Process) -> i32 {
    process.print(format!("{}\n", process.machine.user())).await;
    0
}

pub async fn id(process: Process) -> i32 {
    let user = process.machine.user();
    let number = if user == "root" { 0 } else { 1000 };
    let text = match process.arguments().first().map(String::as_str) {
        Some("-u" | "-g") => format!("{number}\n"),
        Some("-un" | "-gn") => format!("{user}\n"),
        _ => format!("uid={number}({user}) gid={number}({user}) groups={number}({user})\n"),
    };
    process.print(text).await;
    0
}

pub async fn uname(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "amnrsv", &[("all", 'a')]).await else { return 1 };
    let host = process.machine.host_name().to_owned();
    let fields = [('s', "Linux"), ('n', host.as_str()), ('r', KERNEL), ('v', "#1 SMP PREEMPT_DYNAMIC"), ('m', "x86_64")];
    let chosen = |flag: char| options.has(flag) || options.has('a') || (options.flags.is_empty() && flag == 's');
    let mut words: Vec<&str> = fields.iter().filter(|(flag, _)| chosen(*flag)).map(|(_, word)| *word).collect();
    if options.has('a') {
        words.push(if super::is_busybox(&process) { "Linux" } else { "GNU/Linux" });
    }
    process.print(format!("{}\n", words.join(" "))).await;
    0
}

/// Of every machine: containers share their node's.
const KERNEL: &str = "6.1.0-37-amd64";

pub async fn clear(process: Process) -> i32 {
    process.print("\u{1b}[H\u{1b}[2J\u{1b}[3J").await;
    0
}

pub async fn which(process: Process) -> i32 {
    let mut status = 0;
    for name in process.arguments().iter().filter(|argument| !argument.starts_with('-')) {
        match super::path_of(&process, name) {
            Some(path) => process.print(format!("{path}\n")).await,
            None => status = 1,
        }
    }
    status
}

pub async fn ps(process: Process) -> i32 {
    let name = process.argv.join(" ");
    match &process.machine {
        Machine::Container { namespace, pod, container } => {
            let main = super::super::files::main_process(&process.world.borrow(), namespace, pod, container);
            process
                .print(format!("PID   USER     TIME  COMMAND\n    1 root      0:00 {main}\n   30 root      0:00 {name}\n"))
                .await;
            0
        }
        Machine::Laptop | Machine::Node { .. } => {
            process.print_error("hoplab: ps is simulated in containers only\n").await;
            1
        }
    }
}

pub async fn r#true(_process: Process) -> i32 {
    0
}

pub async fn r#false(_process: Process) -> i32 {
    1
}

pub async fn pwd(process: Process) -> i32 {
    process.print(format!("{}\n", process.directory)).await;
    0
}

pub async fn test(process: Process) -> i32 {
    let arguments = process.arguments();
    let inside = match (process.name(), arguments.split_last()) {
        ("[", Some((last, inside))) if last == "]" => inside,
        ("[", _) => {
            process.print_error("[: missing ']'\n").await;
            return 2;
        }
        _ => arguments,
    };
    match interpreter::evaluate_condition(&process, inside) {
        Ok(holds) => i32::from(!holds),
        Err(message) => {
            process.print_error(format!("{}: {message}\n", process.name())).await;
            2
        }
    }
}
