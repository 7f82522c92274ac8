//! BIND `dig`: asks one name as it stands (no search list unless `+search`) and prints the whole message.

use super::conversation::{Conversation, kind_of_word, kind_word, resolv_conf};
use super::nslookup::bind::{ask, shown};
use crate::clock::{Calendar, Duration};
use crate::dns::{Query, Resolver, fqdn, rcode_word, reverse_name};
use crate::net::{DnsMessage, DnsRecord, IpAddr, Rcode, RecordData, RecordType, SocketAddr};
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

const VERSION: &str = "9.18.33";
/// No server answered.
const NO_REPLY: i32 = 9;

#[derive(Debug)]
struct Options {
    name: String,
    kind: RecordType,
    server: Option<String>,
    short: bool,
    search: bool,
    /// Which parts of the output are on.
    comments: bool,
    question: bool,
    answer: bool,
    authority: bool,
    additional: bool,
    stats: bool,
    command: bool,
}

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move { run(&process).await })
}

async fn run(process: &Process) -> i32 {
    let options = Options::read(process.arguments());
    let config = resolv_conf(process);
    let server = match &options.server {
        Some(word) => word.parse::<IpAddr>().ok(),
        None => config.nameservers.first().copied(),
    };
    let Some(server) = server else {
        let name = options.server.unwrap_or_default();
        process.print_error(format!("dig: couldn't get address for '{name}': not found\n")).await;
        return 10;
    };
    let names = if options.search { Resolver::Glibc.candidates(&config, &options.name) } else { vec![fqdn(&options.name)] };
    let server = SocketAddr::new(server, 53);
    let mut conversation = Conversation::begin(process);
    let begun = process.now();
    let mut last = None;
    for name in names {
        let query = Query { name, kind: options.kind };
        match ask(process, &mut conversation, server, &query).await {
            Ok(reply) => {
                let found = reply.rcode == Rcode::NoError;
                last = Some((query, reply));
                if found {
                    break;
                }
            }
            Err(outcome) => {
                let heading = if options.short { String::new() } else { heading(process, &options) };
                process.print(format!("{heading};; no servers could be reached\n")).await;
                conversation.end(outcome);
                return NO_REPLY;
            }
        }
    }
    let Some((query, reply)) = last else { return NO_REPLY };
    if options.short {
        process.print(reply.answers.iter().map(|record| format!("{}\n", data(record).1)).collect::<String>()).await;
    } else {
        process.print(message(process, &options, server, &query, &reply, process.now() - begun)).await;
    }
    conversation.end(match reply.rcode {
        Rcode::NxDomain => Outcome::NoSuchName { name: shown(&query.name).to_owned() },
        _ => {
            Outcome::Answered { summary: reply.answers.first().map_or_else(|| "no records".to_owned(), |record| data(record).1) }
        }
    });
    0
}

fn heading(process: &Process, options: &Options) -> String {
    if !options.command {
        return String::new();
    }
    format!("\n; <<>> DiG {VERSION} <<>> {}\n;; global options: +cmd\n", process.arguments().join(" "))
}

fn message(
    process: &Process,
    options: &Options,
    server: SocketAddr,
    query: &Query,
    reply: &DnsMessage,
    took: Duration,
) -> String {
    let mut text = heading(process, options);
    // EDNS adds one pseudo-record to the additional section.
    let additional = reply.additional.len() + 1;
    if options.comments {
        let flags =
            [("qr", true), ("aa", reply.authoritative), ("tc", reply.truncated), ("rd", true), ("ra", reply.recursion_available)];
        let flags: Vec<&str> = flags.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        text += &format!(
            ";; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n;; flags: {}; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {additional}\n",
            rcode_word(reply.rcode),
            reply.id,
            flags.join(" "),
            reply.answers.len(),
            reply.authority.len(),
        );
        if !reply.recursion_available {
            text += ";; WARNING: recursion requested but not available\n";
        }
        text += "\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n";
    }
    if options.question {
        let heading = if options.comments { ";; QUESTION SECTION:\n" } else { "" };
        let mut line = format!(";{}", query.name);
        pad(&mut line, 32);
        line += "IN";
        pad(&mut line, 40);
        text += &format!("{heading}{line}{}\n\n", kind_word(query.kind));
    }
    let sections = [
        ("ANSWER", &reply.answers, options.answer),
        ("AUTHORITY", &reply.authority, options.authority),
        ("ADDITIONAL", &reply.additional, options.additional),
    ];
    for (title, records, shown) in sections {
        if shown && !records.is_empty() {
            let heading = if options.comments { format!(";; {title} SECTION:\n") } else { String::new() };
            let end = if options.comments { "\n" } else { "" };
            text += &format!("{heading}{}{end}", records.iter().map(line).collect::<String>());
        }
    }
    if options.stats {
        let Calendar { weekday, day, month, year, time } = process.now().calendar();
        text += &format!(
            ";; Query time: {} msec\n;; SERVER: {}#{}({}) (UDP)\n;; WHEN: {weekday} {month} {day:02} {time} UTC {year}\n;; MSG SIZE  rcvd: {}\n\n",
            took.as_millis(),
            server.ip(),
            server.port(),
            server.ip(),
            size(reply),
        );
    }
    text
}

/// Octets of the reply: CoreDNS writes every name out while the message fits, and EDNS adds its pseudo-record of 11.
fn size(reply: &DnsMessage) -> usize {
    let records = reply.answers.iter().chain(&reply.authority).chain(&reply.additional);
    12 + reply.name.len() + 5 + records.map(|record| record.name.len() + 11 + data_size(&record.data)).sum::<usize>() + 11
}

fn data_size(data: &RecordData) -> usize {
    match data {
        RecordData::Address(IpAddr::V4(_)) => 4,
        RecordData::Address(IpAddr::V6(_)) => 16,
        RecordData::Cname(name) | RecordData::Ptr(name) | RecordData::Ns(name) | RecordData::Txt(name) => name.len() + 1,
        RecordData::Srv { target, .. } => 6 + target.len() + 1,
        RecordData::Soa { mname, rname, .. } => mname.len() + rname.len() + 22,
    }
}

/// One record in dig's columns: name, TTL at 24, class at 32, type at 40, data at 48.
fn line(record: &DnsRecord) -> String {
    let (kind, data) = data(record);
    let mut line = record.name.clone();
    for (column, word) in [(24, record.ttl.to_string()), (32, "IN".to_owned()), (40, kind.to_owned()), (48, data)] {
        pad(&mut line, column);
        line += &word;
    }
    line + "\n"
}

/// Tabs up to the column; a single blank when the line is already past it.
fn pad(line: &mut String, column: usize) {
    let mut width = line.chars().fold(0, |width, character| if character == '\t' { (width / 8 + 1) * 8 } else { width + 1 });
    if width >= column {
        line.push(' ');
        return;
    }
    while width < column {
        line.push('\t');
        width = (width / 8 + 1) * 8;
    }
}

fn data(record: &DnsRecord) -> (&'static str, String) {
    match &record.data {
        RecordData::Address(ip) => (if ip.is_ipv4() { "A" } else { "AAAA" }, ip.to_string()),
        RecordData::Cname(name) => ("CNAME", name.clone()),
        RecordData::Ptr(name) => ("PTR", name.clone()),
        RecordData::Ns(name) => ("NS", name.clone()),
        RecordData::Txt(text) => ("TXT", format!("\"{text}\"")),
        RecordData::Srv { priority, weight, port, target } => ("SRV", format!("{priority} {weight} {port} {target}")),
        RecordData::Soa { mname, rname, serial, refresh, retry, expire, minimum } => {
            ("SOA", format!("{mname} {rname} {serial} {refresh} {retry} {expire} {minimum}"))
        }
    }
}

impl Options {
    fn read(arguments: &[String]) -> Self {
        let mut options = Self {
            name: ".".to_owned(),
            kind: RecordType::A,
            server: None,
            short: false,
            search: false,
            comments: true,
            question: true,
            answer: true,
            authority: true,
            additional: true,
            stats: true,
            command: true,
        };
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if let Some(server) = word.strip_prefix('@') {
                options.server = Some(server.to_owned());
            } else if let Some(option) = word.strip_prefix('+') {
                options.switch(option);
            } else if word == "-x" {
                let address = rest.next().and_then(|text| text.parse().ok());
                options.name = address.map_or_else(|| ".".to_owned(), reverse_name);
                options.kind = RecordType::Ptr;
            } else if word == "-t" {
                options.kind = rest.next().and_then(|word| kind_of_word(word)).unwrap_or(options.kind);
            } else if word == "-p" || word == "-q" || word == "-b" {
                let value = rest.next().cloned().unwrap_or_default();
                if word == "-q" {
                    options.name = value;
                }
            } else if word.starts_with('-') || word.eq_ignore_ascii_case("in") {
                // IPv4, IPv6 and the class change nothing here.
            } else if let Some(kind) = kind_of_word(word).filter(|_| !word.contains('.')) {
                options.kind = kind;
            } else {
                options.name.clone_from(word);
            }
        }
        options
    }

    fn switch(&mut self, option: &str) {
        let (name, on) = option.strip_prefix("no").map_or((option, true), |name| (name, false));
        match name {
            "short" => self.short = on,
            "search" | "se" | "sea" => self.search = on,
            "comments" => self.comments = on,
            "question" => self.question = on,
            "answer" => self.answer = on,
            "authority" => self.authority = on,
            "additional" => self.additional = on,
            "stats" => self.stats = on,
            "cmd" => self.command = on,
            "all" => {
                (self.comments, self.question, self.answer, self.authority) = (on, on, on, on);
                (self.additional, self.stats, self.command) = (on, on, on);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_push_the_columns_along() {
        // Copied from dig 9.18 against CoreDNS.
        let record =
            |name: &str| DnsRecord { name: name.to_owned(), ttl: 30, data: RecordData::Address(IpAddr::from([10, 96, 0, 1])) };
        assert_eq!(
            line(&record("kubernetes.default.svc.cluster.local.")),
            "kubernetes.default.svc.cluster.local. 30 IN A\t10.96.0.1\n"
        );
        assert_eq!(line(&record("example.com.")), "example.com.\t\t30\tIN\tA\t10.96.0.1\n");
    }
}
