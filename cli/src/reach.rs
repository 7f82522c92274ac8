//! `hoplab reach`: who may open a connection to whom, by policy; or the answers to a list of probes.

use crate::Failure;
use crate::conformance::netpol;
use crate::input::{self, Format, text_value};
use hoplab_core::api::Kind;
use hoplab_core::net::{IpAddr, Protocol};
use hoplab_core::policy::{Answer, PolicySet, Reach, reach};
use hoplab_core::world::World;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Failure> {
    let (mut files, mut port, mut format, mut probes) = (Vec::new(), 80, Format::Text, None);
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        match argument {
            lexopt::Arg::Short('f') => files.push(PathBuf::from(text_value(&mut arguments)?)),
            lexopt::Arg::Short('o') => format = Format::parse(&text_value(&mut arguments)?)?,
            lexopt::Arg::Long("port") => {
                let text = text_value(&mut arguments)?;
                port = text.parse().map_err(|_| format!("reach: --port {text:?} is not a port"))?;
            }
            lexopt::Arg::Long("probes") => probes = Some(PathBuf::from(text_value(&mut arguments)?)),
            other => return Err(other.unexpected().to_string()),
        }
    }
    match probes {
        Some(probes) => answer_probes(&files, &probes),
        None => print_matrix(&input::world(&files)?, port, format),
    }
}

/// Prints each probe whose answer is not what the file expects; exit status 1 when there is one.
fn answer_probes(files: &[PathBuf], probes: &std::path::Path) -> Result<ExitCode, Failure> {
    let texts = files.iter().map(|file| input::read(file)).collect::<Result<Vec<_>, _>>()?;
    let family = netpol::answer_file(&texts.join("\n---\n"), probes)?;
    for failure in &family.failures {
        input::say(format!("{}: expected {}, got {}", failure.case, failure.expected, failure.got));
    }
    input::say(format!("{}/{} probes as expected", family.passed, family.total));
    Ok(if family.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Serialize)]
struct Cell {
    from: String,
    to: String,
    answer: &'static str,
    egress: String,
    ingress: String,
}

fn print_matrix(world: &World, port: u16, format: Format) -> Result<ExitCode, Failure> {
    let policies = PolicySet::compile(world.store());
    let pods: Vec<(String, IpAddr)> = world
        .store()
        .list(Kind::Pod)
        .filter_map(|pod| {
            Some((format!("{}/{}", pod.namespace(), pod.name()), pod.as_pod().filter(|pod| !pod.spec.host_network)?.ip()?))
        })
        .collect();
    let cell = |from: &IpAddr, to: &IpAddr| reach(&policies, *from, *to, Protocol::Tcp, port);
    match format {
        Format::Json => {
            let cells: Vec<Cell> = pods
                .iter()
                .flat_map(|(from, from_ip)| pods.iter().map(move |(to, to_ip)| Cell::new(from, to, &cell(from_ip, to_ip))))
                .collect();
            input::say_json(&cells)?;
        }
        Format::Text => {
            input::say(format!(
                "TCP {port}; rows send, columns receive; ● allowed, ✕ not admitted, ? depends on the implementation"
            ));
            pods.iter().enumerate().for_each(|(number, (name, _))| input::say(format!("{:>3} {name}", number + 1)));
            for (number, (_, from)) in pods.iter().enumerate() {
                let row: String = pods.iter().map(|(_, to)| format!(" {}", glyph(cell(from, to).answer()))).collect();
                input::say(format!("{:>3}{row}", number + 1));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Cell {
    fn new(from: &str, to: &str, reach: &Reach) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            answer: word(reach.answer()),
            egress: reach.egress.reason.text.to_string(),
            ingress: reach.ingress.reason.text.to_string(),
        }
    }
}

fn glyph(answer: Answer) -> char {
    match answer {
        Answer::Allowed => '●',
        Answer::NotAdmitted => '✕',
        Answer::ImplementationDefined => '?',
    }
}

/// As the probe files say it.
pub fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Allowed => "allow",
        Answer::NotAdmitted => "deny",
        Answer::ImplementationDefined => "unknown",
    }
}
