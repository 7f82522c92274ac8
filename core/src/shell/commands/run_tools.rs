//! `xargs`, `env`, `timeout`, `watch`: programs that run programs.

use super::options;
use super::sleep::parse_duration;
use crate::clock::Duration;
use crate::shell::{Process, run};
use core::pin::pin;
use std::future::poll_fn;
use std::task::Poll;

pub async fn xargs(process: Process) -> i32 {
    let Some(options) = options::parse_leading(&process, "0I:L:n:P:rtd:", &[("no-run-if-empty", 'r'), ("null", '0')]).await
    else {
        return 1;
    };
    let input = String::from_utf8_lossy(&process.stdin.read_to_end().await).into_owned();
    let command = if options.operands.is_empty() { vec!["echo".to_owned()] } else { options.operands.clone() };
    let items: Vec<String> = match (options.has('0'), options.value('d'), options.value('I')) {
        (true, _, _) => input.split('\0').filter(|item| !item.is_empty()).map(str::to_owned).collect(),
        (_, Some(delimiter), _) => {
            input.trim_end_matches('\n').split(&crate::shell::escape::ansi_c(delimiter)).map(str::to_owned).collect()
        }
        (_, _, Some(_)) => input.lines().map(|line| line.trim_start().to_owned()).filter(|line| !line.is_empty()).collect(),
        _ => words(&input),
    };
    let mut status = 0;
    for argv in invocations(&options, &command, &items) {
        if options.has('t') {
            process.print_error(format!("{}\n", argv.join(" "))).await;
        }
        let name = argv.first().cloned().unwrap_or_default();
        if super::find(&process, &name).is_none() {
            process.print_error(format!("xargs: {name}: No such file or directory\n")).await;
            return 127;
        }
        // 123: some invocation failed. 124: one exited with 255, which stops xargs.
        match run(Process { argv, stdin: crate::shell::Input::empty(), ..process.clone() }).await {
            0 => {}
            255 => {
                process.print_error(format!("xargs: {name}: exited with status 255; aborting\n")).await;
                return 124;
            }
            _ => status = 123,
        }
    }
    status
}

fn invocations(options: &options::Options, command: &[String], items: &[String]) -> Vec<Vec<String>> {
    if let Some(mark) = options.value('I') {
        return items.iter().map(|item| command.iter().map(|word| word.replace(mark, item)).collect()).collect();
    }
    if items.is_empty() {
        return if options.has('r') { Vec::new() } else { vec![command.to_vec()] };
    }
    let most = options.value('n').or(options.value('L')).and_then(|text| text.parse().ok()).unwrap_or(usize::MAX).max(1);
    items.chunks(most.min(5_000)).map(|chunk| [command, chunk].concat()).collect()
}

/// Blank-separated, with quotes and backslashes.
fn words(input: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    let mut characters = input.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), other) => current.get_or_insert_default().push(other),
            (None, '\'' | '"') => {
                quote = Some(character);
                current.get_or_insert_default();
            }
            (None, '\\') => current.get_or_insert_default().extend(characters.next()),
            (None, blank) if blank.is_whitespace() => words.extend(current.take()),
            (None, other) => current.get_or_insert_default().push(other),
        }
    }
    words.extend(current);
    words
}

pub async fn env(process: Process) -> i32 {
    let Some(options) = options::parse_leading(&process, "iu:", &[("ignore-environment", 'i'), ("unset", 'u')]).await else {
        return 125;
    };
    let mut inner = process.clone();
    if options.has('i') {
        inner.environment.clear();
    }
    for (_, name) in options.flags.iter().filter(|(flag, _)| *flag == 'u') {
        inner.environment.remove(name);
    }
    let mut rest = options.operands.iter().peekable();
    while let Some((name, value)) = rest.peek().and_then(|operand| operand.split_once('=')) {
        inner.environment.insert(name.to_owned(), value.to_owned());
        rest.next();
    }
    inner.argv = rest.cloned().collect();
    match inner.argv.first() {
        None => {
            let text: String = inner.environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            process.print(text).await;
            0
        }
        Some(name) if super::find(&inner, name).is_none() => {
            process.print_error(format!("env: ‘{name}’: No such file or directory\n")).await;
            127
        }
        Some(_) => run(inner).await,
    }
}

pub async fn timeout(process: Process) -> i32 {
    let Some(options) = options::parse_leading(&process, "k:s:", &[("signal", 's'), ("kill-after", 'k')]).await else {
        return 125;
    };
    let Some((limit, argv)) = options.operands.split_first().filter(|(_, argv)| !argv.is_empty()) else {
        process.print_error("Try 'timeout --help' for more information.\n").await;
        return 125;
    };
    let Some(limit) = parse_duration(limit) else {
        super::usage(&process, &format!("invalid time interval ‘{limit}’")).await;
        return 125;
    };
    let name = argv.first().cloned().unwrap_or_default();
    if super::find(&process, &name).is_none() {
        process.print_error(format!("timeout: failed to run command ‘{name}’: No such file or directory\n")).await;
        return 127;
    }
    let mut program = pin!(run(Process { argv: argv.to_vec(), ..process.clone() }));
    let mut alarm = pin!(process.sleep(limit));
    poll_fn(|context| {
        if let Poll::Ready(status) = program.as_mut().poll(context) {
            return Poll::Ready(status);
        }
        // 124 is timeout's own status for "it did not end by itself".
        alarm.as_mut().poll(context).map(|()| {
            context.waker().wake_by_ref();
            124
        })
    })
    .await
}

pub async fn watch(process: Process) -> i32 {
    let long = [("interval", 'n'), ("no-title", 't'), ("differences", 'd')];
    let Some(options) = options::parse_leading(&process, "dgn:t", &long).await else { return 1 };
    if options.operands.is_empty() {
        process.print_error("Usage: watch [options] command\n").await;
        return 1;
    }
    let interval = options.value('n').and_then(parse_duration).unwrap_or(Duration::from_secs(2)).max(Duration::from_millis(100));
    let command = options.operands.join(" ");
    loop {
        process.print("\u{1b}[H\u{1b}[2J").await;
        if !options.has('t') {
            let seconds = interval.as_secs_f64();
            process.print(format!("Every {seconds:.1}s: {command}\n\n")).await;
        }
        let argv = vec!["sh".to_owned(), "-c".to_owned(), command.clone()];
        run(Process { argv, ..process.clone() }).await;
        process.sleep(interval).await;
    }
}
