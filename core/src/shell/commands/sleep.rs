//! `sleep`

use crate::clock::Duration;
use crate::shell::Process;

pub async fn run(process: Process) -> i32 {
    let arguments = process.arguments();
    if arguments.is_empty() {
        super::usage(&process, "missing operand").await;
        return 1;
    }
    let mut total = Duration::ZERO;
    for argument in arguments {
        match parse_duration(argument) {
            Some(duration) => total = total.saturating_add(duration),
            None => {
                super::usage(&process, &format!("invalid time interval ‘{argument}’")).await;
                return 1;
            }
        }
    }
    process.sleep(total).await;
    0
}

/// `5`, `0.5`, `2m`, `1h`, `infinity`. Also what `timeout` and `watch -n` take.
pub fn parse_duration(text: &str) -> Option<Duration> {
    if text == "infinity" || text == "inf" {
        return Some(Duration::from_secs(FOREVER));
    }
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 's') => (text.get(..at)?, 1.0),
        (at, 'm') => (text.get(..at)?, 60.0),
        (at, 'h') => (text.get(..at)?, 3_600.0),
        (at, 'd') => (text.get(..at)?, 86_400.0),
        _ => (text, 1.0),
    };
    if !number.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let seconds = number.parse::<f64>().ok()? * unit;
    Some(Duration::try_from_secs_f64(seconds).ok()?.min(Duration::from_secs(FOREVER)))
}

/// A hundred years.
const FOREVER: u64 = 3_155_760_000;
