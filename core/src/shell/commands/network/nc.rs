//! `nc` as a port probe: `-z`, `-v`, `-w`, `-u`, in BusyBox's words and in OpenBSD's.

use super::conversation::{ConnectError, Conversation, flavour, resolver};
use crate::clock::Duration;
use crate::dns::{Family, LookupError};
use crate::net::{IpAddr, SocketAddr};
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

#[derive(Debug, Default)]
struct Options {
    zero: bool,
    verbose: usize,
    udp: bool,
    wait: Option<Duration>,
    words: Vec<String>,
}

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move { run(&process).await })
}

async fn run(process: &Process) -> i32 {
    let options = match Options::read(process.arguments()) {
        Ok(options) => options,
        Err(text) => {
            process.print_error(text).await;
            return 1;
        }
    };
    let [host, port] = options.words.as_slice() else {
        process.print_error("usage: nc [-uvz] [-w timeout] destination port\n").await;
        return 1;
    };
    let Ok(port) = port.parse::<u16>() else {
        process.print_error(format!("nc: port number invalid: {port}\n")).await;
        return 1;
    };
    let busybox = flavour(process, "nc").as_deref() == Some("busybox");
    let mut conversation = Conversation::begin(process);
    let address = match conversation.resolve(resolver(process, "nc"), host, Family::Any).await {
        Ok(addresses) => addresses.first().copied().unwrap_or(IpAddr::from([0, 0, 0, 0])),
        Err(error) => {
            let outcome = conversation.lookup_outcome(error, host);
            conversation.end(outcome);
            let why = match error {
                super::conversation::ResolveError::Failed(LookupError::TryAgain) => "Temporary failure in name resolution",
                _ => "Name or service not known",
            };
            let openbsd = format!("nc: getaddrinfo for host \"{host}\" port {port}: {why}\n");
            process.print_error(if busybox { format!("nc: bad address '{host}'\n") } else { openbsd }).await;
            return 1;
        }
    };
    probe(process, conversation, &options, host, SocketAddr::new(address, port), busybox).await
}

async fn probe(
    process: &Process,
    mut conversation: Conversation,
    options: &Options,
    host: &str,
    to: SocketAddr,
    busybox: bool,
) -> i32 {
    let protocol = if options.udp { "udp" } else { "tcp" };
    // UDP has no handshake: silence counts as open.
    let result = if options.udp {
        conversation.datagram(to, Duration::from_secs(1)).await
    } else {
        conversation.connect(to, options.wait).await.map(|_| ())
    };
    let Err(error) = result else {
        conversation.end(Outcome::Answered { summary: format!("{protocol} {} open", to.port()) });
        let service = service(to.port());
        let openbsd = format!("Connection to {host} {} port [{protocol}/{service}] succeeded!\n", to.port());
        if options.verbose > 0 {
            process.print_error(if busybox { format!("{host} ({to}) open\n") } else { openbsd }).await;
        }
        return 0;
    };
    conversation.end(error.into());
    let why = match error {
        ConnectError::DeadlinePassed | ConnectError::TimedOut => "Connection timed out",
        ConnectError::Refused => "Connection refused",
        ConnectError::Unreachable => "Host is unreachable",
    };
    // BusyBox keeps refusals to itself unless asked twice.
    let quiet = options.verbose == 0 || (busybox && options.verbose == 1 && error == ConnectError::Refused);
    if !quiet && busybox {
        process.print_error(format!("nc: {host} ({to}): {why}\n")).await;
    } else if !quiet {
        let place = format!("nc: connect to {host} port {} ({protocol})", to.port());
        let end = match error {
            ConnectError::DeadlinePassed => "timed out: Operation now in progress".to_owned(),
            _ => format!("failed: {why}"),
        };
        process.print_error(format!("{place} {end}\n")).await;
    }
    1
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                options.words.push(argument.clone());
                continue;
            };
            for (at, letter) in letters.char_indices() {
                match letter {
                    'z' => options.zero = true,
                    'v' => options.verbose += 1,
                    'u' => options.udp = true,
                    'n' | '4' | '6' => {}
                    'w' => {
                        let attached = letters.get(at + 1..).filter(|text| !text.is_empty()).map(str::to_owned);
                        let value = attached.or_else(|| rest.next().cloned()).unwrap_or_default();
                        let seconds: u64 = value.parse().map_err(|_| format!("nc: invalid number '{value}'\n"))?;
                        options.wait = Some(Duration::from_secs(seconds));
                        break;
                    }
                    'l' => return Err("nc: listening is not part of this simulation\n".to_owned()),
                    other => return Err(format!("nc: unrecognized option: {other}\n")),
                }
            }
        }
        Ok(options)
    }
}

/// From `/etc/services`; OpenBSD's nc prints `*` for the others.
fn service(port: u16) -> &'static str {
    match port {
        22 => "ssh",
        53 => "domain",
        80 => "http",
        443 => "https",
        3306 => "mysql",
        5432 => "postgresql",
        6379 => "redis",
        8080 => "http-alt",
        _ => "*",
    }
}
