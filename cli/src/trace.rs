//! `hoplab trace`: one connection, hop by hop.

use crate::Failure;
use crate::input::{self, Format, text_value};
use hoplab_core::api::{Kind, ObjectRef};
use hoplab_core::dataplane::Netns;
use hoplab_core::net::{IpAddr, SocketAddr};
use hoplab_core::trace::{Action, Leg, Reason};
use hoplab_core::world::{ReplyOutcome, World};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let (mut files, mut from, mut to, mut format) = (Vec::new(), None, None, Format::Text);
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Short('f') => files.push(PathBuf::from(text_value(&mut arguments)?)),
            lexopt::Arg::Short('o') => format = Format::parse(&text_value(&mut arguments)?)?,
            lexopt::Arg::Long("from") => from = Some(text_value(&mut arguments)?),
            lexopt::Arg::Long("to") => to = Some(text_value(&mut arguments)?),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let mut world = input::world(&files)?;
    let from = source(&world, &from.ok_or("trace: --from NAMESPACE/POD is missing")?)?;
    let to = destination(&world, &to.ok_or("trace: --to HOST:PORT is missing")?)?;
    let reply = world.tcp_connect(&from, to);
    match format {
        Format::Json => input::say_json(&reply.legs)?,
        Format::Text => input::say(format!("{}{}", legs_text(&reply.legs), outcome_text(&reply.outcome))),
    }
    let connected = matches!(reply.outcome, ReplyOutcome::Connected(_));
    Ok(if connected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn source(world: &World, text: &str) -> Result<Netns, Failure> {
    let (namespace, name) = text.split_once('/').unwrap_or(("default", text));
    let pod = ObjectRef::namespaced(Kind::Pod, namespace, name);
    if world.store().get(&pod).is_some() {
        return Ok(Netns::Pod(pod));
    }
    if world.cluster().nodes.iter().any(|node| node.name == text) {
        return Ok(Netns::Node(text.to_owned()));
    }
    Err(format!("trace: there is no pod {namespace}/{name} and no node {text}"))
}

/// `10.244.0.15:80`, `NAMESPACE/POD:80`, `NAMESPACE/SERVICE:80`. Names of Services and Pods are looked up in the cluster, not by DNS.
fn destination(world: &World, text: &str) -> Result<SocketAddr, Failure> {
    let (host, port) = text.rsplit_once(':').ok_or_else(|| format!("trace: --to {text}: the form is HOST:PORT"))?;
    let port = port.parse().map_err(|_| format!("trace: --to {text}: {port:?} is not a port"))?;
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    let (namespace, name) = host.split_once('/').unwrap_or(("default", host));
    let service = world.store().get(&ObjectRef::namespaced(Kind::Service, namespace, name));
    let pod = world.store().get(&ObjectRef::namespaced(Kind::Pod, namespace, name));
    let address =
        service.and_then(|object| object.as_service()?.cluster_ip()).or_else(|| pod.and_then(|object| object.as_pod()?.ip()));
    address.map(|address| SocketAddr::new(address, port)).ok_or_else(|| format!("trace: nothing in the cluster is called {host}"))
}

fn legs_text(legs: &[Leg]) -> String {
    let mut text = String::new();
    for leg in legs {
        let _ = writeln!(text, "{}", leg.label);
        for (number, hop) in leg.trace.hops.iter().enumerate() {
            let _ = writeln!(text, "{:>3}  {:<32} {}", number + 1, hop.at.to_string(), hop.caption());
            for step in &hop.steps {
                if let Action::Translated { before, after } = &step.action {
                    let _ = writeln!(
                        text,
                        "       {} → {}  becomes  {} → {}",
                        before.source, before.destination, after.source, after.destination
                    );
                }
            }
        }
        if let Some(end) = leg.trace.end().filter(|_| !leg.trace.is_delivered()) {
            write_reasons(&mut text, &end.reason.because, 1);
        }
    }
    text
}

fn write_reasons(text: &mut String, reasons: &[Reason], depth: usize) {
    for reason in reasons {
        let mark = if reason.matched { '✓' } else { '✗' };
        let _ = writeln!(text, "     {}{mark} {}", "  ".repeat(depth), reason.text);
        write_reasons(text, &reason.because, depth + 1);
    }
}

fn outcome_text(outcome: &ReplyOutcome) -> String {
    match outcome {
        ReplyOutcome::Payload(_) | ReplyOutcome::Connected(_) => "connected",
        ReplyOutcome::Refused => "refused",
        ReplyOutcome::Unreachable => "unreachable",
        ReplyOutcome::Silence => "no answer",
    }
    .to_owned()
}
