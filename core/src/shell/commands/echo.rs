//! `echo`

use crate::shell::{Process, escape};

pub async fn run(process: Process) -> i32 {
    process.print(text(process.arguments())).await;
    0
}

/// What `echo` prints for its arguments.
pub fn text(arguments: &[String]) -> String {
    let is_flags = |argument: &&String| {
        argument.len() > 1 && argument.strip_prefix('-').is_some_and(|flags| flags.chars().all(|flag| "neE".contains(flag)))
    };
    let flags: String = arguments.iter().take_while(is_flags).map(String::as_str).collect();
    let words: Vec<&str> = arguments.iter().skip_while(is_flags).map(String::as_str).collect();
    let mut text = words.join(" ");
    let escapes = flags.chars().rev().find(|flag| "eE".contains(*flag)) == Some('e');
    if escapes {
        let (escaped, stopped) = escape::echo(&text);
        if stopped {
            return escaped;
        }
        text = escaped;
    }
    if !flags.contains('n') {
        text.push('\n');
    }
    text
}
