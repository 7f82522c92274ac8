//! `cat`

use crate::shell::Process;

pub async fn run(process: Process) -> i32 {
    let mut status = 0;
    let mut numbered = None;
    let mut paths: Vec<&str> = Vec::new();
    for argument in process.arguments() {
        match argument.as_str() {
            "-n" => numbered = Some(0),
            "-" => paths.push("-"),
            "-u" | "--" => {}
            flag if flag.starts_with('-') => {
                super::invalid_option(&process, flag).await;
                return 1;
            }
            path => paths.push(path),
        }
    }
    if paths.is_empty() {
        paths.push("-");
    }
    for path in paths {
        if path == "-" {
            while let Some(part) = process.stdin.read_some().await {
                print(&process, &part, &mut numbered).await;
            }
            continue;
        }
        match process.read_file(path) {
            Ok(bytes) => print(&process, &bytes, &mut numbered).await,
            Err(error) => {
                super::complain_of_file(&process, path, "", error).await;
                status = 1;
            }
        }
    }
    status
}

async fn print(process: &Process, bytes: &[u8], numbered: &mut Option<usize>) {
    let Some(number) = numbered else {
        process.print(bytes).await;
        return;
    };
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        *number += 1;
        process.print(format!("{number:6}\t")).await;
        process.print(line).await;
    }
}
