//! `ping`: ICMP echo through the world, in BusyBox's words and in iputils'.

use super::conversation::{Conversation, Echo, ResolveError, flavour, resolver};
use crate::clock::Duration;
use crate::dns::{Family, LookupError};
use crate::net::IpAddr;
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

/// Without `-c` it goes on until Ctrl-C; this many is as long as anybody looks on.
const FOR_EVER: u16 = u16::MAX;

struct Options {
    count: u16,
    /// How long it waits for the last answer: `-W`.
    wait: Duration,
    interval: Duration,
    size: usize,
    quiet: bool,
    host: String,
}

/// What came back.
#[derive(Default)]
struct Statistics {
    sent: u32,
    errors: u32,
    times: Vec<Duration>,
}

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move { run(&process).await })
}

async fn run(process: &Process) -> i32 {
    let busybox = flavour(process, "ping").as_deref() == Some("busybox");
    let options = match Options::read(process.arguments(), busybox) {
        Ok(options) => options,
        Err(text) => {
            process.print_error(text).await;
            return if busybox { 1 } else { 2 };
        }
    };
    let mut conversation = Conversation::begin(process);
    let host = &options.host;
    let address =
        match conversation.resolve(resolver(process, "ping"), host, Family::V4).await.map(|found| found.first().copied()) {
            Ok(Some(address)) => address,
            Ok(None) => return 1,
            Err(error) => {
                let outcome = conversation.lookup_outcome(error, host);
                conversation.end(outcome);
                let why = match error {
                    ResolveError::Failed(LookupError::TryAgain) => "Temporary failure in name resolution",
                    _ => "Name or service not known",
                };
                process
                    .print_error(if busybox { format!("ping: bad address '{host}'\n") } else { format!("ping: {host}: {why}\n") })
                    .await;
                return if busybox { 1 } else { 2 };
            }
        };
    let size = options.size;
    let total = size + 28;
    let heading = if busybox {
        format!("PING {host} ({address}): {size} data bytes\n")
    } else {
        format!("PING {host} ({address}) {size}({total}) bytes of data.\n")
    };
    process.print(heading).await;
    let statistics = send(process, &mut conversation, &options, address, busybox).await;
    process.print(statistics.text(host, busybox)).await;
    conversation.end(match statistics.times.first() {
        Some(_) => Outcome::Answered { summary: format!("{} of {} echoes", statistics.times.len(), statistics.sent) },
        None if statistics.errors > 0 => Outcome::NoRoute,
        None => Outcome::TimedOut,
    });
    i32::from(statistics.times.is_empty())
}

async fn send(
    process: &Process,
    conversation: &mut Conversation,
    options: &Options,
    address: IpAddr,
    busybox: bool,
) -> Statistics {
    let mut statistics = Statistics::default();
    for number in 0..options.count {
        // BusyBox counts from 0, iputils from 1.
        let sequence = if busybox { number } else { number.saturating_add(1) };
        let last = number + 1 == options.count;
        statistics.sent += 1;
        let pause = if last { Duration::ZERO } else { options.interval };
        match conversation.echo(address, sequence, options.size) {
            (Echo::Reply { ttl }, after) => {
                process.sleep(after).await;
                statistics.times.push(after);
                if !options.quiet {
                    process.print(reply_line(address, sequence, ttl, options.size + 8, after, busybox)).await;
                }
                process.sleep(pause.saturating_sub(after)).await;
            }
            (Echo::Error(why), after) => {
                process.sleep(after).await;
                statistics.errors += 1;
                if !options.quiet && !busybox {
                    process.print(format!("From {address} icmp_seq={sequence} {why}\n")).await;
                }
                process.sleep(pause).await;
            }
            (Echo::Silence, _) => process.sleep(if last { options.wait } else { pause }).await,
        }
        process.yield_now().await;
    }
    statistics
}

fn reply_line(address: IpAddr, sequence: u16, ttl: u8, size: usize, after: Duration, busybox: bool) -> String {
    let micros = after.as_micros();
    if busybox {
        format!("{size} bytes from {address}: seq={sequence} ttl={ttl} time={}.{:03} ms\n", micros / 1_000, micros % 1_000)
    } else {
        let time =
            if micros < 1_000 { format!("0.{micros:03}") } else { format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10) };
        format!("{size} bytes from {address}: icmp_seq={sequence} ttl={ttl} time={time} ms\n")
    }
}

impl Statistics {
    fn text(&self, host: &str, busybox: bool) -> String {
        let received = self.times.len();
        let lost = (self.sent as usize - received) * 100 / (self.sent.max(1) as usize);
        let time = |time: Option<Duration>| {
            let micros = time.unwrap_or_default().as_micros();
            format!("{}.{:03}", micros / 1_000, micros % 1_000)
        };
        let sum: Duration = self.times.iter().sum();
        let average = u32::try_from(received).ok().and_then(|count| sum.checked_div(count));
        let (low, middle, high) = (time(self.times.iter().min().copied()), time(average), time(self.times.iter().max().copied()));
        let mut text = format!("\n--- {host} ping statistics ---\n");
        if busybox {
            text += &format!("{} packets transmitted, {received} packets received, {lost}% packet loss\n", self.sent);
            if received > 0 {
                text += &format!("round-trip min/avg/max = {low}/{middle}/{high} ms\n");
            }
            return text;
        }
        let errors = if self.errors > 0 { format!(", +{} errors", self.errors) } else { String::new() };
        let elapsed = u64::from(self.sent.saturating_sub(1)) * 1_000 + sum.as_millis() as u64;
        text +=
            &format!("{} packets transmitted, {received} received{errors}, {lost}% packet loss, time {elapsed}ms\n", self.sent);
        if received > 0 {
            text += &format!("rtt min/avg/max/mdev = {low}/{middle}/{high}/0.000 ms\n");
        }
        text
    }
}

impl Options {
    fn read(arguments: &[String], busybox: bool) -> Result<Self, String> {
        let mut options = Self {
            count: FOR_EVER,
            wait: Duration::from_secs(10),
            interval: Duration::from_secs(1),
            size: 56,
            quiet: false,
            host: String::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                options.host = argument.clone();
                continue;
            };
            let (letter, attached) = letters.split_at(letters.chars().next().map_or(0, char::len_utf8));
            match letter {
                "q" => options.quiet = true,
                "4" | "n" | "6" => {}
                "c" | "w" | "W" | "i" | "s" | "t" | "I" | "M" => {
                    let value = if attached.is_empty() { rest.next().map(String::as_str).unwrap_or_default() } else { attached };
                    options.set(letter, value)?;
                }
                _ if busybox => return Err(format!("ping: unrecognized option: {letter}\n")),
                _ => return Err(format!("ping: invalid option -- '{letter}'\n")),
            }
        }
        let usage = if busybox { "Usage: ping [OPTIONS] HOST\n" } else { "ping: usage error: Destination address required\n" };
        if options.host.is_empty() { Err(usage.to_owned()) } else { Ok(options) }
    }

    fn set(&mut self, letter: &str, value: &str) -> Result<(), String> {
        let invalid = || format!("ping: invalid number '{value}'\n");
        let seconds = || value.parse::<f64>().ok().filter(|seconds| (0.0..1e6).contains(seconds)).map(Duration::from_secs_f64);
        match letter {
            "c" => self.count = value.parse().ok().filter(|count| *count > 0).ok_or_else(invalid)?,
            "W" => self.wait = seconds().ok_or_else(invalid)?,
            "i" => self.interval = seconds().ok_or_else(invalid)?,
            "s" => self.size = value.parse().ok().filter(|size| *size <= 65_507).ok_or_else(invalid)?,
            "w" => {
                let deadline = seconds().ok_or_else(invalid)?;
                self.count = self.count.min(u16::try_from(deadline.as_secs().max(1)).unwrap_or(FOR_EVER));
            }
            _ => {}
        }
        Ok(())
    }
}
