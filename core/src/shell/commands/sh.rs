//! `bash`, and `sh` as Debian and BusyBox have it.

use crate::shell::Process;
use crate::shell::interpreter::{CommandLine, Dialect, Origin, Shell};

pub async fn run(process: Process) -> i32 {
    let dialect = dialect(&process);
    let mut arguments = process.arguments().to_vec().into_iter().peekable();
    let mut shell = Shell::new(process, Origin::CommandString, dialect);
    let mut text = false;
    while let Some(flag) = arguments.next_if(|argument| argument.len() > 1 && argument.starts_with(['-', '+'])) {
        let on = flag.starts_with('-');
        match flag.as_str() {
            "--" => break,
            "-o" | "+o" => {
                let name = arguments.next().unwrap_or_default();
                shell.set_option(&name, on);
            }
            long if long.starts_with("--") => {}
            flags => {
                for flag in flags.chars().skip(1) {
                    match flag {
                        'c' => text = true,
                        'i' | 'l' | 's' => {}
                        'o' => {
                            let name = arguments.next().unwrap_or_default();
                            shell.set_option(&name, on);
                        }
                        other if shell.set_flag(other, on) => {}
                        other => {
                            let name = shell.name.clone();
                            shell.process.print_error(format!("{name}: -{other}: invalid option\n")).await;
                            return 2;
                        }
                    }
                }
            }
        }
    }
    let first = arguments.next();
    let command_line = match (text, first) {
        (true, None) => {
            let name = shell.name.clone();
            shell.process.print_error(format!("{name}: -c: option requires an argument\n")).await;
            return 2;
        }
        (true, Some(text)) => {
            shell.name = arguments.next().unwrap_or(shell.name);
            CommandLine::Text(text)
        }
        (false, Some(path)) => CommandLine::File(path),
        (false, None) => CommandLine::Input,
    };
    shell.positional = arguments.collect();
    shell.run(command_line).await
}

/// What `sh` is differs between images.
fn dialect(process: &Process) -> Dialect {
    match process.name() {
        "bash" => Dialect::Bash,
        "dash" => Dialect::Dash,
        "ash" => Dialect::Ash,
        _ if super::is_busybox(process) => Dialect::Ash,
        _ => Dialect::Dash,
    }
}
