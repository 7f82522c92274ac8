//! BIND 9 `nslookup` (`bin/dig/nslookup.c`): walks the search list one name at a time, then asks AAAA for the name that was found.

use crate::clock::Duration;
use crate::dns::{Answer, Query, Resolver, rcode_word, reverse_name};
use crate::net::{DnsMessage, IpAddr, Rcode, RecordData, RecordType, SocketAddr};
use crate::shell::Process;
use crate::shell::commands::network::conversation::{Conversation, kind_of_word, resolv_conf};
use crate::trace::Outcome;

/// Tries per server, and how long each takes.
const TRIES: usize = 3;
const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(process: &Process) -> i32 {
    let mut kind = None;
    let mut words = Vec::new();
    for argument in process.arguments() {
        match argument.strip_prefix('-').map(|option| option.split_once('=').unwrap_or((option, ""))) {
            Some(("type" | "querytype" | "query" | "q" | "ty", value)) => match kind_of_word(value) {
                Some(known) => kind = Some(known),
                None => process.print(format!("unknown query type: {value}\n")).await,
            },
            Some(_) => {}
            None => words.push(argument.clone()),
        }
    }
    let Some(name) = words.first() else {
        process.print_error("nslookup: interactive mode is not part of this simulation; give a name\n").await;
        return 1;
    };
    let config = resolv_conf(process);
    let server = words.get(1).map_or_else(|| config.nameservers.first().copied(), |word| word.parse().ok());
    let Some(server) = server else {
        process.print_error(format!("nslookup: couldn't get address for '{}': not found\n", words.last().unwrap_or(name))).await;
        return 1;
    };
    let (names, kind) = match (name.parse::<IpAddr>(), kind) {
        (Ok(address), None) => (vec![reverse_name(address)], RecordType::Ptr),
        _ => (Resolver::Glibc.candidates(&config, name), kind.unwrap_or(RecordType::A)),
    };
    look_up(process, SocketAddr::new(server, 53), names, kind).await
}

async fn look_up(process: &Process, server: SocketAddr, names: Vec<String>, kind: RecordType) -> i32 {
    let mut conversation = Conversation::begin(process);
    let mut last = None;
    for name in names {
        let query = Query { name, kind };
        match ask(process, &mut conversation, server, &query).await {
            Err(outcome) => {
                process.print(";; no servers could be reached\n\n").await;
                conversation.end(outcome);
                return 1;
            }
            Ok(reply) if reply.rcode == Rcode::NxDomain => last = Some((query, reply)),
            Ok(reply) => {
                last = Some((query, reply));
                break;
            }
        }
    }
    process.print(format!("Server:\t\t{}\nAddress:\t{}#{}\n\n", server.ip(), server.ip(), server.port())).await;
    let Some((query, mut reply)) = last else { return 1 };
    if reply.rcode != Rcode::NoError {
        process.print(format!("** server can't find {}: {}\n\n", shown(&query.name), rcode_word(reply.rcode))).await;
        conversation.end(Outcome::NoSuchName { name: shown(&query.name).to_owned() });
        return 1;
    }
    if kind == RecordType::A {
        let also = Query { kind: RecordType::Aaaa, ..query.clone() };
        if let Ok(more) = ask(process, &mut conversation, server, &also).await {
            let new: Vec<_> = more.answers.into_iter().filter(|record| !reply.answers.contains(record)).collect();
            reply.answers.extend(new);
        }
    }
    let text = answer_text(&reply);
    if text.is_empty() {
        process.print(format!("*** Can't find {}: No answer\n\n", shown(&query.name))).await;
        conversation.end(Outcome::Answered { summary: "no such record".to_owned() });
        return 1;
    }
    let heading = if reply.authoritative { "" } else { "Non-authoritative answer:\n" };
    process.print(format!("{heading}{text}\n")).await;
    let summary = reply.answers.iter().find_map(|record| match record.data {
        RecordData::Address(ip) => Some(format!("A {ip}")),
        _ => None,
    });
    conversation.end(Outcome::Answered { summary: summary.unwrap_or_else(|| shown(&query.name).to_owned()) });
    0
}

/// One question, tried three times, each failure reported as BIND 9.18 does. The error is how the conversation ended.
pub(in super::super) async fn ask(
    process: &Process,
    conversation: &mut Conversation,
    server: SocketAddr,
    query: &Query,
) -> Result<DnsMessage, Outcome> {
    let mut outcome = Outcome::TimedOut;
    for _ in 0..TRIES {
        let (answer, after) = conversation.send_query(server, query);
        let why = match answer {
            Answer::Reply(reply) => {
                process.sleep(after).await;
                return Ok(reply);
            }
            Answer::Refused => {
                process.sleep(after).await;
                outcome = Outcome::Refused;
                "connection refused"
            }
            Answer::Silence => {
                process.sleep(TIMEOUT).await;
                outcome = Outcome::TimedOut;
                "timed out"
            }
        };
        process.print(format!(";; communications error to {}#{}: {why}\n", server.ip(), server.port())).await;
    }
    Err(outcome)
}

pub(in super::super) fn shown(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn answer_text(reply: &DnsMessage) -> String {
    let line = |record: &crate::net::DnsRecord| {
        let name = shown(&record.name);
        match &record.data {
            RecordData::Address(ip) => format!("Name:\t{name}\nAddress: {ip}\n"),
            RecordData::Cname(other) => format!("{name}\tcanonical name = {other}\n"),
            RecordData::Ptr(other) => format!("{name}\tname = {other}\n"),
            RecordData::Ns(other) => format!("{name}\tnameserver = {other}\n"),
            RecordData::Txt(data) => format!("{name}\ttext = \"{data}\"\n"),
            RecordData::Srv { priority, weight, port, target } => {
                format!("{name}\tservice = {priority} {weight} {port} {target}\n")
            }
            RecordData::Soa { mname, rname, serial, refresh, retry, expire, minimum } => format!(
                "{name}\n\torigin = {}\n\tmail addr = {}\n\tserial = {serial}\n\trefresh = {refresh}\n\tretry = {retry}\n\texpire = {expire}\n\tminimum = {minimum}\n",
                shown(mname),
                shown(rname)
            ),
        }
    };
    reply.answers.iter().map(line).collect()
}
