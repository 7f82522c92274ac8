//! `head` and `tail`

use super::lines::Lines;
use super::options::{self, Options};
use crate::shell::Process;

const LONG: [(&str, char); 3] = [("lines", 'n'), ("bytes", 'c'), ("quiet", 'q')];

pub async fn run(process: Process) -> i32 {
    let Some((options, count)) = arguments(&process).await else {
        return 1;
    };
    if options.has('c') {
        return bytes(&process, &options, |all| all.get(..count_of(&options, 'c')).unwrap_or(all)).await;
    }
    let all_but = options.value('n').is_some_and(|text| text.starts_with('-'));
    each_file(&process, &options, |path| {
        let process = process.clone();
        async move {
            let mut lines = Lines::new(&process, &[path]);
            if all_but {
                let all = lines.rest().await;
                let text: String = all.iter().take(all.len().saturating_sub(count)).map(|line| format!("{line}\n")).collect();
                process.print(text).await;
                return lines.failed;
            }
            for _ in 0..count {
                let Some((_, line)) = lines.next().await else { break };
                process.print(if line.newline { line.text + "\n" } else { line.text }).await;
            }
            lines.failed
        }
    })
    .await
}

pub async fn tail(process: Process) -> i32 {
    let Some((options, count)) = arguments(&process).await else {
        return 1;
    };
    if options.has('f') {
        process.print_error("hoplab: tail -f is not simulated\n").await;
        return 1;
    }
    if options.has('c') {
        return bytes(&process, &options, |all| all.get(all.len().saturating_sub(count_of(&options, 'c'))..).unwrap_or(all))
            .await;
    }
    let from_start = options.value('n').is_some_and(|text| text.starts_with('+'));
    each_file(&process, &options, |path| {
        let process = process.clone();
        async move {
            let mut lines = Lines::new(&process, &[path]);
            let all = lines.rest().await;
            let skipped = if from_start { count.saturating_sub(1) } else { all.len().saturating_sub(count) };
            let text: String = all.iter().skip(skipped).map(|line| format!("{line}\n")).collect();
            process.print(text).await;
            lines.failed
        }
    })
    .await
}

/// The options and the count of lines. `-5` is an old way to write `-n 5`.
async fn arguments(process: &Process) -> Option<(Options, usize)> {
    let mut argv = process.argv.clone();
    if let Some(first) = argv.get_mut(1)
        && let Some(digits) = first.strip_prefix('-')
        && !digits.is_empty()
        && digits.chars().all(|digit| digit.is_ascii_digit())
    {
        *first = format!("-n{digits}");
    }
    let process = Process { argv, ..process.clone() };
    let options = options::parse(&process, "c:fn:qv", &LONG).await?;
    let text = options.value('n').unwrap_or("10");
    match text.trim_start_matches(['-', '+']).parse() {
        Ok(count) => Some((options, count)),
        Err(_) => {
            process.print_error(format!("{}: invalid number of lines: ‘{text}’\n", process.name())).await;
            None
        }
    }
}

fn count_of(options: &Options, flag: char) -> usize {
    options.value(flag).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Prints each file's part, with a header between several.
async fn each_file<F: Future<Output = bool>>(process: &Process, options: &Options, print: impl Fn(String) -> F) -> i32 {
    let paths = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    let headers = paths.len() > 1 && !options.has('q');
    let mut failed = false;
    for (at, path) in paths.into_iter().enumerate() {
        if path != "-"
            && let Err(error) = process.read_file(&path)
        {
            let name = process.name();
            let text = match super::is_busybox(process) {
                true => format!("{name}: {path}: {error}\n"),
                false => format!("{name}: cannot open '{path}' for reading: {error}\n"),
            };
            process.print_error(text).await;
            failed = true;
            continue;
        }
        if headers {
            let gap = if at > 0 { "\n" } else { "" };
            process.print(format!("{gap}==> {path} <==\n")).await;
        }
        failed |= print(path).await;
    }
    i32::from(failed)
}

async fn bytes(process: &Process, options: &Options, part: impl Fn(&[u8]) -> &[u8]) -> i32 {
    let mut status = 0;
    let paths = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    for path in paths {
        match super::read_input(process, &path).await {
            Some(all) => process.print(part(&all)).await,
            None => status = 1,
        }
    }
    status
}
