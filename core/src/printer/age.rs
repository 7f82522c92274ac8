//! Time as kubectl shortens it: `5s`, `3m12s`, `4h10m`, `9d`, `2y30d`.

use crate::clock::Instant;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The time between a timestamp and now; `<unknown>` when there is no timestamp.
pub fn since(timestamp: Option<&str>, now: Instant) -> String {
    match timestamp.and_then(parse) {
        Some(then) => human_duration_micros(signed(now) - signed(then)),
        None => "<unknown>".to_owned(),
    }
}

/// apimachinery's `duration.HumanDuration`: the two largest units, fewer as time grows.
pub fn human_duration(duration: core::time::Duration) -> String {
    human_duration_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

fn signed(instant: Instant) -> i64 {
    i64::try_from(instant.micros()).unwrap_or(i64::MAX)
}

/// RFC 3339 with its fraction, which decides between neighbouring seconds.
pub(super) fn parse(timestamp: &str) -> Option<Instant> {
    let whole = Instant::parse_rfc3339(timestamp)?;
    let fraction = timestamp.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Instant::from_micros(whole.micros() + digits.parse::<u64>().ok()?))
}

fn human_duration_micros(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let two = |large: i64, name: char, small: i64, small_name: char| {
        if small == 0 { format!("{large}{name}") } else { format!("{large}{name}{small}{small_name}") }
    };
    match seconds {
        // Machines' clocks differ a little; more than two seconds into the future is no clock difference.
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(seconds / MINUTE, 'm', seconds % MINUTE, 's'),
        600..10_800 => format!("{}m", seconds / MINUTE),
        10_800..28_800 => two(seconds / HOUR, 'h', seconds / MINUTE % 60, 'm'),
        28_800..172_800 => format!("{}h", seconds / HOUR),
        172_800..691_200 => two(seconds / DAY, 'd', seconds / HOUR % 24, 'h'),
        691_200..63_072_000 => format!("{}d", seconds / DAY),
        63_072_000..252_288_000 => two(seconds / YEAR, 'y', seconds / DAY % 365, 'd'),
        _ => format!("{}y", seconds / YEAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// apimachinery `duration_test.go`, TestHumanDuration.
    #[test]
    fn durations_shorten_as_they_grow() {
        let cases = [
            (1, "1s"),
            (70, "70s"),
            (190, "3m10s"),
            (180, "3m"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_880, "3h18m"),
            (2 * DAY - 1, "47h"),
            (2 * DAY, "2d"),
            (5 * DAY + HOUR, "5d1h"),
            (8 * DAY, "8d"),
            (2 * YEAR, "2y"),
            (3 * YEAR + DAY, "3y1d"),
            (8 * YEAR, "8y"),
            (-1, "0s"),
            (-2, "<invalid>"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(human_duration_micros(seconds * 1_000_000), expected, "{seconds} seconds");
        }
    }
}
