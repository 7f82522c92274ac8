//! `mkdir`, `touch`, `rm`, `rmdir`, `cp`, `mv`, `chmod`, `tee`, `wc`, `base64`: small tools on files.

use super::options;
use crate::shell::Process;
use crate::shell::files::{FileError, PATH_MAX};

pub async fn mkdir(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "m:pv", &[("parents", 'p')]).await else { return 1 };
    if options.operands.is_empty() {
        super::usage(&process, "missing operand").await;
        return 1;
    }
    let mut status = 0;
    for path in &options.operands {
        let made = if options.has('p') { make_parents(&process, path) } else { process.make_directory(path) };
        if let Err(error) = made {
            let (open, close) = if super::is_busybox(&process) { ("'", "'") } else { ("‘", "’") };
            let doing = if super::is_busybox(&process) { "can't" } else { "cannot" };
            process.print_error(format!("mkdir: {doing} create directory {open}{path}{close}: {error}\n")).await;
            status = 1;
        }
    }
    status
}

fn make_parents(process: &Process, path: &str) -> Result<(), FileError> {
    let path = process.absolute(path);
    if path.len() >= PATH_MAX {
        return Err(FileError::NameTooLong);
    }
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    for end in ends {
        match process.make_directory(path.get(..end).unwrap_or(&path)) {
            Err(FileError::Exists) if process.is_directory(path.get(..end).unwrap_or(&path)) => {}
            other => other?,
        }
    }
    Ok(())
}

pub async fn touch(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "acm", &[]).await else { return 1 };
    let mut status = 0;
    for path in &options.operands {
        if process.is_directory(path) || (options.has('c') && !process.exists(path)) {
            continue;
        }
        if let Err(error) = process.append_file(path, &[]) {
            super::complain_of_file(&process, path, "cannot touch", error).await;
            status = 1;
        }
    }
    status
}

pub async fn rm(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "dfirRv", &[("recursive", 'r'), ("force", 'f')]).await else { return 1 };
    if options.operands.is_empty() && !options.has('f') {
        super::usage(&process, "missing operand").await;
        return 1;
    }
    let recursive = options.has('r') || options.has('R');
    let mut status = 0;
    for path in &options.operands {
        let removed = match process.stat(path) {
            None if options.has('f') => Ok(()),
            Some(stat) if stat.directory && !recursive => Err(FileError::IsDirectory),
            Some(stat) if stat.directory => remove_tree(&process, path),
            _ => process.remove_file(path),
        };
        if let Err(error) = removed {
            super::complain_of_file(&process, path, "cannot remove", error).await;
            status = 1;
        }
    }
    status
}

fn remove_tree(process: &Process, path: &str) -> Result<(), FileError> {
    // Parents before children, so that the reverse order removes children first.
    let mut all = vec![process.absolute(path)];
    let mut at = 0;
    while let Some(path) = all.get(at).cloned() {
        if process.is_directory(&path) {
            all.extend(process.list(&path)?.into_iter().map(|name| format!("{}/{name}", path.trim_end_matches('/'))));
        }
        at += 1;
    }
    all.iter().rev().try_for_each(|path| match process.remove_file(path) {
        Err(FileError::NotFound) => Ok(()),
        other => other,
    })
}

pub async fn rmdir(process: Process) -> i32 {
    let mut status = 0;
    for path in process.arguments() {
        let removed = if process.is_directory(path) { process.remove_file(path) } else { Err(missing_or(&process, path)) };
        if let Err(error) = removed {
            super::complain_of_file(&process, path, "failed to remove", error).await;
            status = 1;
        }
    }
    status
}

fn missing_or(process: &Process, path: &str) -> FileError {
    if process.exists(path) { FileError::NotDirectory } else { FileError::NotFound }
}

pub async fn cp(process: Process) -> i32 {
    transfer(process, "cannot stat", false).await
}

pub async fn mv(process: Process) -> i32 {
    transfer(process, "cannot stat", true).await
}

async fn transfer(process: Process, doing: &str, remove: bool) -> i32 {
    let Some(options) = options::parse(&process, "afiprRv", &[("recursive", 'r')]).await else { return 1 };
    let Some((target, sources)) = options.operands.split_last().filter(|(_, sources)| !sources.is_empty()) else {
        super::usage(&process, "missing file operand").await;
        return 1;
    };
    let mut status = 0;
    for source in sources {
        let name = source.rsplit('/').next().unwrap_or(source);
        let path = if process.is_directory(target) { format!("{target}/{name}") } else { target.clone() };
        if process.is_directory(source) {
            process.print_error(format!("hoplab: {} of directories is not simulated\n", process.name())).await;
            status = 1;
            continue;
        }
        let bytes = match process.read_file(source) {
            Ok(bytes) => bytes,
            Err(error) => {
                super::complain_of_file(&process, source, doing, error).await;
                status = 1;
                continue;
            }
        };
        let done = process.write_file(&path, &bytes).and_then(|()| if remove { process.remove_file(source) } else { Ok(()) });
        if let Err(error) = done {
            super::complain_of_file(&process, &path, "cannot create regular file", error).await;
            status = 1;
        }
    }
    status
}

pub async fn chmod(process: Process) -> i32 {
    let Some((mode, paths)) = process.arguments().split_first().filter(|(_, paths)| !paths.is_empty()) else {
        super::usage(&process, "missing operand").await;
        return 1;
    };
    let octal = !mode.is_empty() && mode.chars().all(|digit| digit.is_digit(8));
    let symbolic = mode.contains(['+', '-', '=']);
    if !octal && !symbolic {
        super::usage(&process, &format!("invalid mode: ‘{mode}’")).await;
        return 1;
    }
    // Only the executable bit is kept.
    let owner = mode.chars().rev().nth(2).and_then(|digit| digit.to_digit(8)).unwrap_or(0);
    let on = if octal { owner & 1 == 1 } else { mode.contains('x') && !mode.contains('-') };
    let mut status = 0;
    for path in paths.iter().filter(|_| octal || mode.contains('x')) {
        if let Err(error) = process.set_executable(path, on) {
            super::complain_of_file(&process, path, "cannot access", error).await;
            status = 1;
        }
    }
    status
}

pub async fn tee(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "ai", &[("append", 'a')]).await else { return 1 };
    let mut files = Vec::new();
    let mut status = 0;
    for path in options.operands.iter().filter(|path| *path != "/dev/null") {
        match process.open_file(path, options.has('a')) {
            Ok(file) => files.push(file),
            Err(error) => {
                super::complain_of_file(&process, path, "", error).await;
                status = 1;
            }
        }
    }
    while let Some(part) = process.stdin.read_some().await {
        files.iter().for_each(|file| file.append(&part));
        process.print(part).await;
    }
    status
}

pub async fn wc(process: Process) -> i32 {
    let long = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')];
    let Some(options) = options::parse(&process, "cLlmw", &long).await else { return 1 };
    let chosen: Vec<char> = ['l', 'w', 'm', 'c'].into_iter().filter(|flag| options.has(*flag)).collect();
    let chosen = if chosen.is_empty() { vec!['l', 'w', 'c'] } else { chosen };
    let paths = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    let (mut rows, mut status, mut size) = (Vec::new(), 0, 0);
    for path in &paths {
        let Some(bytes) = super::read_input(&process, path).await else {
            status = 1;
            continue;
        };
        size += bytes.len();
        let text = String::from_utf8_lossy(&bytes);
        let count = |flag: &char| match flag {
            'l' => bytes.iter().filter(|byte| **byte == b'\n').count(),
            'w' => text.split_whitespace().count(),
            'm' => text.chars().count(),
            _ => bytes.len(),
        };
        let shown = if options.operands.is_empty() { String::new() } else { format!(" {path}") };
        rows.push((chosen.iter().map(count).collect::<Vec<usize>>(), shown));
    }
    if paths.len() > 1 {
        let total = |column: usize| rows.iter().filter_map(|(counts, _)| counts.get(column)).sum();
        rows.push(((0..chosen.len()).map(total).collect(), " total".to_owned()));
    }
    // GNU makes room for the sum of the files' sizes, and for seven digits when it cannot know them beforehand.
    let width = match (paths.iter().any(|path| path == "-"), chosen.len()) {
        (_, 1) if paths.len() == 1 => 1,
        (true, _) => 7,
        (false, _) => size.to_string().len(),
    };
    for (counts, shown) in rows {
        let counts: Vec<String> = counts.iter().map(|count| format!("{count:width$}")).collect();
        process.print(format!("{}{shown}\n", counts.join(" "))).await;
    }
    status
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub async fn base64(process: Process) -> i32 {
    let Some(options) = options::parse(&process, "diw:", &[("decode", 'd'), ("wrap", 'w')]).await else { return 1 };
    let path = options.operands.first().map_or("-", String::as_str);
    let Some(bytes) = super::read_input(&process, path).await else { return 1 };
    if options.has('d') {
        let (decoded, valid) = decode(&bytes);
        process.print(decoded).await;
        if !valid {
            process.print_error("base64: invalid input\n").await;
        }
        return i32::from(!valid);
    }
    let encoded = encode(&bytes);
    let width = options.value('w').and_then(|text| text.parse().ok()).unwrap_or(76_usize);
    if width == 0 {
        process.print(encoded).await;
        return 0;
    }
    for line in encoded.as_bytes().chunks(width) {
        process.print(line).await;
        process.print("\n").await;
    }
    0
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit) & 63) as usize;
            let letter = ALPHABET.get(index).filter(|_| digit <= chunk.len()).copied().unwrap_or(b'=');
            text.push(char::from(letter));
        }
    }
    text
}

fn decode(bytes: &[u8]) -> (Vec<u8>, bool) {
    let (mut group, mut bits) = (0_u32, 0);
    let mut decoded = Vec::new();
    for byte in bytes.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
        let Some(value) = ALPHABET.iter().position(|letter| letter == byte) else {
            return (decoded, false);
        };
        group = group << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push((group >> bits & 0xff) as u8);
        }
    }
    (decoded, true)
}
