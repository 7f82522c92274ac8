//! The progress meter, which curl writes to standard error when the body does not go to a terminal and nobody asked for silence.

use super::options::{Options, OutputTo};
use super::transfer::Transfer;
use crate::shell::Process;

const HEADING: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
";

pub struct Meter {
    shown: bool,
}

impl Meter {
    pub fn new(process: &Process, options: &Options, output: &OutputTo) -> Self {
        let on_screen = *output == OutputTo::Stdout && process.stdout.is_terminal();
        Self { shown: !options.silent && !options.no_meter && !on_screen }
    }

    pub async fn start(&self, process: &Process) {
        if self.shown {
            process.print_error(format!("{HEADING}{}", row(0, 0, 0, 0))).await;
        }
    }

    /// The last row. Where the name was not found, curl ends the line only with its error message.
    pub async fn finish(&self, process: &Process, transfer: &Transfer) {
        if !self.shown {
            return;
        }
        let received = transfer.download_size as u64;
        let micros = transfer.times.total.as_micros().max(1);
        let speed = u64::try_from(u128::from(received) * 1_000_000 / micros).unwrap_or(u64::MAX);
        let percent = if received > 0 { 100 } else { 0 };
        let ending = if transfer.exit == 6 { "" } else { "\n" };
        process.print_error(format!("{}{ending}", row(percent, received, speed, transfer.times.total.as_secs()))).await;
    }
}

fn row(percent: u64, received: u64, speed: u64, seconds: u64) -> String {
    let (size, speed) = (five(received), five(speed));
    let spent = if seconds == 0 {
        "--:--:--".to_owned()
    } else {
        format!("{:2}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    };
    format!("\r{percent:3} {size}  {percent:3} {size}    0     0  {speed}      0 --:--:-- {spent} --:--:-- {speed}")
}

/// A number in five columns: `  615`, ` 300k`, `12.5M` (lib/progress.c, max5data).
fn five(bytes: u64) -> String {
    const KILO: u64 = 1_024;
    const MEGA: u64 = KILO * KILO;
    match bytes {
        0..100_000 => format!("{bytes:5}"),
        100_000..10_240_000 => format!("{:4}k", bytes / KILO),
        10_240_000..104_857_600 => format!("{:2}.{}M", bytes / MEGA, bytes % MEGA / (MEGA / 10)),
        _ => format!("{:4}M", (bytes / MEGA).min(9_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_curls_columns() {
        // Copied from curl 7.88 downloading 4198 bytes at 2714k/s.
        let first = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";
        assert_eq!(row(0, 0, 0, 0), first);
        let last = "\r100  4198  100  4198    0     0  2714k      0 --:--:-- --:--:-- --:--:-- 2714k";
        assert_eq!(row(100, 4_198, 2_714 * 1_024, 0), last);
    }
}
