//! BusyBox 1.36/1.37 `nslookup` (`networking/nslookup.c`). A name without a dot is asked with every search domain at once, a name
//! with a dot only as it stands; one NXDOMAIN among the answers makes the exit status 1.

use crate::clock::Duration;
use crate::dns::{Answer, Query, ResolvConf, fqdn, rcode_word, reverse_name};
use crate::net::{DnsMessage, IpAddr, Rcode, RecordData, RecordType, SocketAddr};
use crate::shell::Process;
use crate::shell::commands::network::conversation::{Conversation, kind_of_word, resolv_conf};
use crate::trace::Outcome;

const USAGE: &str = "Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n";

#[derive(Debug)]
struct Options {
    kinds: Vec<RecordType>,
    host: String,
    server: Option<String>,
    port: u16,
    retries: u32,
    seconds: u64,
}

/// What has come of the questions so far.
struct Progress {
    pending: Vec<Query>,
    /// Addresses of the answers, for the picture.
    answered: Vec<String>,
    header_shown: bool,
    failed: bool,
}

pub async fn run(process: &Process) -> i32 {
    let options = match read_options(process.arguments()) {
        Ok(options) => options,
        Err(text) => {
            process.print_error(text).await;
            return 1;
        }
    };
    let config = resolv_conf(process);
    let servers: Vec<String> = match &options.server {
        Some(server) => vec![server.clone()],
        None => config.nameservers.iter().map(IpAddr::to_string).collect(),
    };
    let mut conversation = Conversation::begin(process);
    let mut progress =
        Progress { pending: questions(&options, &config), answered: Vec::new(), header_shown: false, failed: false };
    let mut refused = false;
    for server in servers {
        let Ok(ip) = server.parse::<IpAddr>() else {
            process.print_error(format!("nslookup: bad address '{server}'\n")).await;
            return 1;
        };
        match ask(process, &mut conversation, &mut progress, SocketAddr::new(ip, options.port), &options).await {
            Ok(0) => {}
            Ok(_) => return finish(process, conversation, progress, &options).await,
            Err(Refused) => {
                refused = true;
                process.print_error(format!("nslookup: write to '{ip}': Connection refused\n")).await;
            }
        }
    }
    process.print(";; connection timed out; no servers could be reached\n\n").await;
    conversation.end(if refused { Outcome::Refused } else { Outcome::TimedOut });
    1
}

/// What the program says of queries that stayed open, and how it ends.
async fn finish(process: &Process, conversation: Conversation, progress: Progress, options: &Options) -> i32 {
    let unanswered = !progress.pending.is_empty();
    for query in &progress.pending {
        process.print(format!("*** Can't find {}: No answer\n", shown(&query.name))).await;
    }
    if unanswered {
        process.print("\n").await;
    }
    conversation.end(match progress.answered.first() {
        Some(summary) => Outcome::Answered { summary: summary.clone() },
        None if progress.failed => Outcome::NoSuchName { name: options.host.clone() },
        None => Outcome::Answered { summary: "no such record".to_owned() },
    });
    i32::from(unanswered || progress.failed)
}

/// An ICMP error came back: the next write to the socket fails.
struct Refused;

/// Sends what is pending, again after each part of the time, and prints answers as they come. Says how many came.
async fn ask(
    process: &Process,
    conversation: &mut Conversation,
    progress: &mut Progress,
    server: SocketAddr,
    options: &Options,
) -> Result<usize, Refused> {
    let interval = Duration::from_secs(options.seconds) / options.retries;
    let mut replies = 0;
    for _ in 0..options.retries {
        let mut heard = Vec::new();
        let mut open = Vec::new();
        for query in core::mem::take(&mut progress.pending) {
            match conversation.send_query(server, &query) {
                (Answer::Reply(reply), after) => heard.push((after, query, reply)),
                (Answer::Refused, after) => {
                    process.sleep(after).await;
                    return Err(Refused);
                }
                (Answer::Silence, _) => open.push(query),
            }
        }
        let mut passed = Duration::ZERO;
        heard.sort_by_key(|(after, ..)| *after);
        for (after, query, reply) in heard {
            process.sleep(after.saturating_sub(passed)).await;
            passed = after;
            replies += 1;
            progress.show(process, server, &query, &reply).await;
        }
        progress.pending = open;
        if progress.pending.is_empty() {
            break;
        }
        process.sleep(interval.saturating_sub(passed)).await;
        process.yield_now().await;
    }
    Ok(replies)
}

impl Progress {
    async fn show(&mut self, process: &Process, server: SocketAddr, query: &Query, reply: &DnsMessage) {
        if !self.header_shown {
            self.header_shown = true;
            process.print(format!("Server:\t\t{}\nAddress:\t{server}\n\n", server.ip())).await;
        }
        if reply.rcode == Rcode::NoError {
            process.print(answer_text(reply)).await;
            let addresses = reply.answers.iter().filter_map(|record| match record.data {
                RecordData::Address(ip) => Some(format!("{} {ip}", if ip.is_ipv4() { "A" } else { "AAAA" })),
                _ => None,
            });
            self.answered.extend(addresses);
        } else {
            self.failed = true;
            process.print(format!("** server can't find {}: {}\n", shown(&query.name), rcode_word(reply.rcode))).await;
        }
        process.print("\n").await;
    }
}

/// The program shows names without the final dot.
fn shown(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn answer_text(reply: &DnsMessage) -> String {
    let mut text = if reply.authoritative { String::new() } else { "Non-authoritative answer:\n".to_owned() };
    for record in &reply.answers {
        let name = shown(&record.name);
        text += &match &record.data {
            RecordData::Address(ip) => format!("Name:\t{name}\nAddress: {ip}\n"),
            RecordData::Ns(other) => format!("{name}\tnameserver = {}\n", shown(other)),
            RecordData::Cname(other) => format!("{name}\tcanonical name = {}\n", shown(other)),
            RecordData::Ptr(other) => format!("{name}\tname = {}\n", shown(other)),
            RecordData::Txt(data) => format!("{name}\ttext = \"{data}\"\n"),
            RecordData::Srv { priority, weight, port, target } => {
                format!("{name}\tservice = {priority} {weight} {port} {}\n", shown(target))
            }
            RecordData::Soa { mname, rname, serial, refresh, retry, expire, minimum } => format!(
                "{name}\n\torigin = {}\n\tmail addr = {}\n\tserial = {serial}\n\trefresh = {refresh}\n\tretry = {retry}\n\texpire = {expire}\n\tminimum = {minimum}\n",
                shown(mname),
                shown(rname)
            ),
        };
    }
    text
}

/// The questions in the order they are sent: every name with A, then every name with AAAA.
fn questions(options: &Options, config: &ResolvConf) -> Vec<Query> {
    if let (true, Ok(address)) = (options.kinds.is_empty(), options.host.parse::<IpAddr>()) {
        return vec![Query { name: reverse_name(address), kind: RecordType::Ptr }];
    }
    let default = [RecordType::A, RecordType::Aaaa];
    let kinds = if options.kinds.is_empty() { &default[..] } else { &options.kinds };
    let names = |kind: RecordType| {
        let literal = options.host.contains('.') || config.search.is_empty() || kind == RecordType::Ptr;
        match literal {
            true => vec![fqdn(&options.host)],
            false => config.search.iter().map(|domain| fqdn(&format!("{}.{domain}", options.host))).collect(),
        }
    };
    kinds.iter().flat_map(|kind| names(*kind).into_iter().map(|name| Query { name, kind: *kind })).collect()
}

fn read_options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options { kinds: Vec::new(), host: String::new(), server: None, port: 53, retries: 2, seconds: 5 };
    let mut rest = arguments.iter();
    let mut names = Vec::new();
    for argument in rest.by_ref() {
        let Some(option) = argument.strip_prefix('-').filter(|_| names.is_empty()) else {
            names.push(argument.clone());
            continue;
        };
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let number = || value.parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(|| invalid_number(value));
        match name {
            "type" | "querytype" | "q" | "qu" | "query" | "ty" => {
                let kind = kind_of_word(value).ok_or_else(|| format!("nslookup: invalid query type \"{value}\"\n"))?;
                options.kinds.push(kind);
            }
            "port" => options.port = u16::try_from(number()?).map_err(|_| invalid_number(value))?,
            "retry" => options.retries = number()?.min(100),
            "timeout" | "t" => options.seconds = number()?.into(),
            "debug" => {}
            _ => return Err(USAGE.to_owned()),
        }
    }
    let mut names = names.into_iter();
    options.host = names.next().ok_or_else(|| USAGE.to_owned())?;
    options.server = names.next();
    if names.next().is_some() { Err(USAGE.to_owned()) } else { Ok(options) }
}

fn invalid_number(text: &str) -> String {
    format!("nslookup: invalid number '{text}'\n")
}
