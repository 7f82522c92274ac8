//! Virtual time. Nothing in the simulator reads a real clock; time moves only when the world is told to advance.

use core::fmt;
use core::ops::{Add, Sub};
pub use core::time::Duration;
use serde::Serialize;

/// A moment of virtual time, in microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Instant {
    micros: u64,
}

/// A moment in UTC in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub weekday: &'static str,
    pub day: u64,
    pub month: &'static str,
    pub year: u64,
    pub time: String,
}

impl Instant {
    pub const fn from_micros(micros: u64) -> Self {
        Self { micros }
    }

    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self { micros: seconds * 1_000_000 }
    }

    pub const fn micros(self) -> u64 {
        self.micros
    }

    pub const fn unix_seconds(self) -> u64 {
        self.micros / 1_000_000
    }

    /// Time passed since `earlier`; zero when `earlier` lies in the future.
    pub fn since(self, earlier: Instant) -> Duration {
        Duration::from_micros(self.micros.saturating_sub(earlier.micros))
    }

    /// Weekday, day, month, year and `hh:mm:ss` in UTC, as mail headers and `date` name them: `Thu`, `14`, `May`, `2026`.
    pub fn calendar(self) -> Calendar {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (days, of_day) = (self.unix_seconds() / 86_400, self.unix_seconds() % 86_400);
        let (year, month, day) = civil_from_days(days);
        Calendar {
            weekday: DAYS[(days % 7) as usize],
            day,
            month: MONTHS[(month - 1) as usize],
            year,
            time: format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60),
        }
    }

    /// Reads the form that Kubernetes writes: `2026-05-14T10:23:45Z`.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let digits = |range: core::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !text.is_ascii() || !text.ends_with('Z') || text.len() < 20 {
            return None;
        }
        if separators.iter().any(|&(at, byte)| text.as_bytes()[at] != byte) {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
        if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let days = days_from_civil(year, month, day)?;
        Some(Self::from_unix_seconds(days * 86_400 + hour * 3_600 + minute * 60 + second))
    }
}

/// Days since 1970-01-01 of a Gregorian date (Howard Hinnant's algorithm, years counted from March).
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y / 400;
    let year_of_era = y % 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// RFC 3339 in UTC to the second, as Kubernetes prints `metav1.Time`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.unix_seconds();
        let (year, month, day) = civil_from_days(seconds / 86_400);
        let of_day = seconds % 86_400;
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", of_day / 3_600, of_day / 60 % 60, of_day % 60)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, duration: Duration) -> Instant {
        Instant { micros: self.micros.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)) }
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_survives_a_round_trip() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-05-14T10:23:45Z", "2100-12-31T00:00:00Z"] {
            assert_eq!(Instant::parse_rfc3339(text).map(|instant| instant.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Instant::parse_rfc3339("2026-05-14 10:23:45"), None);
    }
}
