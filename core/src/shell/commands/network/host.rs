//! BIND `host NAME`: A, AAAA and MX of the first name in the search list that exists.

use super::conversation::{Conversation, resolv_conf};
use super::nslookup::bind::{ask, shown};
use crate::dns::{Query, Resolver, rcode_word, reverse_name};
use crate::net::{DnsMessage, IpAddr, Rcode, RecordData, RecordType, SocketAddr};
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move { run(&process).await })
}

async fn run(process: &Process) -> i32 {
    let words: Vec<&String> = process.arguments().iter().filter(|word| !word.starts_with('-')).collect();
    let config = resolv_conf(process);
    let server = words.get(1).map_or_else(|| config.nameservers.first().copied(), |word| word.parse().ok());
    let (Some(name), Some(server)) = (words.first(), server) else {
        process.print_error("Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n").await;
        return 1;
    };
    let server = SocketAddr::new(server, 53);
    let (names, kinds) = match name.parse::<IpAddr>() {
        Ok(address) => (vec![reverse_name(address)], &[RecordType::Ptr][..]),
        Err(_) => (Resolver::Glibc.candidates(&config, name), &[RecordType::A, RecordType::Aaaa, RecordType::Mx][..]),
    };
    let mut conversation = Conversation::begin(process);
    for candidate in names {
        let query = |kind: &RecordType| Query { name: candidate.clone(), kind: *kind };
        let Some((first, rest)) = kinds.split_first() else { break };
        let reply = match ask(process, &mut conversation, server, &query(first)).await {
            Ok(reply) => reply,
            Err(outcome) => {
                process.print(";; no servers could be reached\n").await;
                conversation.end(outcome);
                return 1;
            }
        };
        match reply.rcode {
            Rcode::NxDomain => continue,
            Rcode::NoError => {}
            other => {
                process.print(format!("Host {name} not found: 2({})\n", rcode_word(other))).await;
                conversation.end(Outcome::Unknown { why: rcode_word(other).to_owned() });
                return 1;
            }
        }
        process.print(text(&reply)).await;
        for kind in rest {
            if let Ok(more) = ask(process, &mut conversation, server, &query(kind)).await {
                process.print(text(&more)).await;
            }
        }
        conversation.end(Outcome::Answered { summary: shown(&candidate).to_owned() });
        return 0;
    }
    process.print(format!("Host {name} not found: 3(NXDOMAIN)\n")).await;
    conversation.end(Outcome::NoSuchName { name: name.to_string() });
    1
}

fn text(reply: &DnsMessage) -> String {
    let lines = reply.answers.iter().filter_map(|record| {
        let name = shown(&record.name);
        Some(match &record.data {
            RecordData::Address(ip) if ip.is_ipv4() => format!("{name} has address {ip}\n"),
            RecordData::Address(ip) => format!("{name} has IPv6 address {ip}\n"),
            RecordData::Cname(other) => format!("{name} is an alias for {other}\n"),
            RecordData::Ptr(other) => format!("{name} domain name pointer {other}\n"),
            _ => return None,
        })
    });
    lines.collect()
}
