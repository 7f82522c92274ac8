//! Readiness and liveness probes. What a probe finds never changes while a process runs, so each is a verdict and the times at
//! which the kubelet acts on it.

use super::super::events::Occurrence;
use crate::api::Container;
use crate::clock::{Duration, Instant};
use crate::image::{ContainerProcess, Server};
use crate::net::{IpAddr, Protocol};
use serde_json::Value;

/// client-go's event spam filter: a burst of 25 per object, then one every five minutes.
const EVENT_BURST: u32 = 25;
const EVENT_REFILL: Duration = Duration::from_secs(300);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Readiness {
    Ready,
    ReadyAt(Instant),
    Failing { why: String, next: Instant, period: Duration, told: u32 },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Liveness {
    fails: Option<(Instant, String)>,
}

impl Readiness {
    pub(super) fn new(spec: &Container, process: &ContainerProcess, ip: Option<IpAddr>, now: Instant) -> Self {
        let Some(probe) = &spec.readiness_probe else { return Self::Ready };
        let period = seconds(probe, "periodSeconds", 10);
        let first = now + seconds(probe, "initialDelaySeconds", 0);
        match verdict(probe, spec, process, ip) {
            Ok(()) => {
                let more = u32::try_from(probe["successThreshold"].as_u64().unwrap_or(1).clamp(1, 100) - 1).unwrap_or(0);
                Self::ReadyAt(first + period * more)
            }
            Err(why) => Self::Failing { why: format!("Readiness probe failed: {why}"), next: first, period, told: 0 },
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Ready => None,
            Self::ReadyAt(at) => Some(*at),
            Self::Failing { next, .. } => Some(*next),
        }
    }

    pub(super) fn step(&mut self, now: Instant, events: &mut Vec<Occurrence>) {
        match self {
            Self::ReadyAt(at) if *at <= now => *self = Self::Ready,
            Self::Failing { why, next, period, told } if *next <= now => {
                events.push(Occurrence::warning("Unhealthy", why.clone()));
                *told += 1;
                *next = now + if *told < EVENT_BURST { *period } else { EVENT_REFILL };
            }
            Self::Ready | Self::ReadyAt(_) | Self::Failing { .. } => {}
        }
    }
}

impl Liveness {
    pub(super) fn new(spec: &Container, process: &ContainerProcess, ip: Option<IpAddr>, now: Instant) -> Self {
        let Some(probe) = &spec.liveness_probe else { return Self::default() };
        let Err(why) = verdict(probe, spec, process, ip) else { return Self::default() };
        let threshold = u32::try_from(probe["failureThreshold"].as_u64().unwrap_or(3).clamp(1, 1_000)).unwrap_or(3);
        let at = now + seconds(probe, "initialDelaySeconds", 0) + seconds(probe, "periodSeconds", 10) * (threshold - 1);
        Self { fails: Some((at, format!("Liveness probe failed: {why}"))) }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.fails.as_ref().map(|(at, _)| *at)
    }

    /// The failure that makes the kubelet kill the container, when its time has come.
    pub(super) fn step(&mut self, now: Instant) -> Option<String> {
        self.fails.take_if(|(at, _)| *at <= now).map(|(_, why)| why)
    }
}

fn seconds(probe: &Value, field: &str, default: u64) -> Duration {
    // A day is longer than any probe waits.
    Duration::from_secs(probe[field].as_u64().unwrap_or(default).clamp(default.min(1), 86_400))
}

/// `Err` holds the prober's own words.
fn verdict(probe: &Value, spec: &Container, process: &ContainerProcess, ip: Option<IpAddr>) -> Result<(), String> {
    let ip = ip.map_or_else(String::new, |ip| ip.to_string());
    if let Some(get) = probe.get("httpGet").filter(|get| get.is_object()) {
        let port = port(get, spec);
        let scheme = get["scheme"].as_str().unwrap_or("HTTP");
        let path = get["path"].as_str().unwrap_or("/");
        let host = get["host"].as_str().unwrap_or(&ip);
        let url = format!("Get \"{}://{host}:{port}{path}\"", scheme.to_ascii_lowercase());
        return match server(process, port) {
            None => Err(format!("{url}: dial tcp {host}:{port}: connect: connection refused")),
            Some(Server::Silent | Server::CoreDns) if scheme == "HTTP" => {
                Err(format!("{url}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"))
            }
            Some(Server::Http { .. } | Server::Silent | Server::CoreDns) => Ok(()),
        };
    }
    if let Some(socket) = probe.get("tcpSocket").filter(|socket| socket.is_object()) {
        let port = port(socket, spec);
        return server(process, port).map(|_| ()).ok_or_else(|| format!("dial tcp {ip}:{port}: connect: connection refused"));
    }
    // exec and grpc probes depend on files and services inside the container, which are not modelled: taken as passing.
    Ok(())
}

fn server(process: &ContainerProcess, port: u64) -> Option<&Server> {
    let there = |listener: &&crate::image::Listener| listener.protocol == Protocol::Tcp && u64::from(listener.port) == port;
    process.listeners.iter().find(there).map(|listener| &listener.server)
}

fn port(target: &Value, spec: &Container) -> u64 {
    let by_name = |name: &str| spec.ports.iter().find(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port);
    match &target["port"] {
        Value::String(name) => by_name(name).map_or(0, u64::from),
        number => number.as_u64().unwrap_or(0),
    }
}
