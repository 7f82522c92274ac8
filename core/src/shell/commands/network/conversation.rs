//! What the network programs have in common: one conversation over the simulated network. It sends real packets through the
//! world, lets the time pass that their answers take, keeps every leg, and files them as one exchange when it ends. It knows
//! nothing of what the programs print.

use crate::api::{Kind, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::dns::{self, Answer, Family, Lookup, LookupError, Next, Query, ResolvConf, Resolver, Round};
use crate::image::{self, Image, Libc};
use crate::net::{DnsMessage, HttpRequest, HttpResponse, IpAddr, Payload, RecordType, SocketAddr};
use crate::shell::{Machine, Process};
use crate::trace::{Action, Direction, Leg, Outcome};
use crate::world::{Connection, Reply, ReplyOutcome};
use std::rc::Rc;

/// Linux gives up a TCP connection after six unanswered SYN repeats: 1 + 2 + 4 + 8 + 16 + 32 + 64 s (`tcp_syn_retries`).
const SYN_TIMEOUT: Duration = Duration::from_secs(127);

/// As long as anybody would look at a terminal.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);

pub(super) struct Conversation {
    process: Process,
    title: String,
    legs: Vec<Leg>,
    /// The program's own limit; nothing is waited for beyond it.
    pub deadline: Option<Instant>,
    next_id: u16,
    filed: bool,
}

/// The program's deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DeadlinePassed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResolveError {
    DeadlinePassed,
    Failed(LookupError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectError {
    DeadlinePassed,
    /// The kernel gave up: `ETIMEDOUT`.
    TimedOut,
    Refused,
    Unreachable,
}

/// What became of an HTTP request without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpError {
    DeadlinePassed,
    Reset,
    /// Closed without a word.
    Empty,
    NotHttp,
}

/// What came of an echo request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    Reply { ttl: u8 },
    Error(&'static str),
    Silence,
}

/// The TTL that the reply still had when it arrived.
fn received_ttl(legs: &[Leg]) -> u8 {
    legs.last().and_then(|leg| leg.trace.end()).map_or(64, |step| step.packet.ttl)
}

impl Conversation {
    pub fn begin(process: &Process) -> Self {
        let title = process.argv.join(" ");
        let seed = crate::rng::hash(process.now().micros(), title.as_bytes());
        let next_id = u16::try_from(seed & 0xffff).unwrap_or_default();
        Self { process: process.clone(), title, legs: Vec::new(), deadline: None, next_id, filed: false }
    }

    /// Files the exchange. Without it (Ctrl-C) the exchange ends as interrupted.
    pub fn end(mut self, outcome: Outcome) {
        self.file(outcome);
    }

    fn file(&mut self, outcome: Outcome) {
        self.filed = true;
        let netns = self.process.machine.netns();
        if let Ok(mut world) = self.process.world.try_borrow_mut() {
            let place = world.place_of(&netns);
            world.record(&self.title, place, core::mem::take(&mut self.legs), outcome);
        }
    }

    /// Sleeps, but not beyond the deadline.
    pub async fn wait(&self, duration: Duration) -> Result<(), DeadlinePassed> {
        let until = self.process.now() + duration;
        match self.deadline {
            Some(deadline) if deadline < until => {
                self.process.sleep(deadline - self.process.now()).await;
                Err(DeadlinePassed)
            }
            _ => {
                self.process.sleep(duration).await;
                Ok(())
            }
        }
    }

    /// Sends one query and gives back what came of it and how long that took. Time has not passed yet.
    pub fn send_query(&mut self, server: SocketAddr, query: &Query) -> (Answer, Duration) {
        let label = format!("DNS query {} {}", kind_word(query.kind), query.name.trim_end_matches('.'));
        let message = DnsMessage::query(self.next_id, query.name.clone(), query.kind);
        self.next_id = self.next_id.wrapping_add(1);
        if !matches!(self.process.machine, Machine::Container { .. }) {
            // Machines outside the Pods ask the resolver of their own network, which lies outside the simulated one.
            return (Answer::Reply(dns::upstream_answer(&message)), Duration::from_millis(1));
        }
        let netns = self.process.machine.netns();
        let reply = self.process.world.borrow_mut().udp(&netns, server, Payload::Dns(message), &label);
        let Reply { outcome, legs, after } = reply;
        self.legs.extend(legs);
        match outcome {
            ReplyOutcome::Payload(Payload::Dns(message)) => (Answer::Reply(message), after),
            ReplyOutcome::Refused | ReplyOutcome::Unreachable => (Answer::Refused, after),
            _ => (Answer::Silence, after),
        }
    }

    /// Sends a round of queries and lets the time pass until all are answered or the round is over.
    async fn ask(&mut self, round: &Round) -> Result<Vec<Answer>, DeadlinePassed> {
        let (mut answers, mut took) = (Vec::new(), Duration::ZERO);
        for query in &round.queries {
            let mut best = (Answer::Silence, round.wait);
            for server in &round.servers {
                let (answer, after) = self.send_query(SocketAddr::new(*server, 53), query);
                let heard = matches!(answer, Answer::Reply(_)) || (answer == Answer::Refused && round.hears_errors);
                if heard && best.0 == Answer::Silence {
                    best = (answer, after);
                }
            }
            took = took.max(best.1);
            answers.push(best.0);
        }
        self.wait(took).await?;
        Ok(answers)
    }

    /// Turns a name into addresses as the machine's resolver does: `/etc/hosts`, then DNS.
    pub async fn resolve(&mut self, resolver: Resolver, name: &str, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        let wanted = |ip: &IpAddr| match family {
            Family::Any => true,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        };
        if let Some(ip) = name.parse::<IpAddr>().ok().or_else(|| hosts_file(&self.process, name)) {
            return if wanted(&ip) { Ok(vec![ip]) } else { Err(ResolveError::Failed(LookupError::NoName)) };
        }
        let mut lookup = Lookup::new(resolver, &resolv_conf(&self.process), name, family);
        let mut next = lookup.start();
        loop {
            match next {
                Next::Done(outcome) => return outcome.map(without_unreachable).map_err(ResolveError::Failed),
                Next::Ask(round) => {
                    let answers = self.ask(&round).await.map_err(|DeadlinePassed| ResolveError::DeadlinePassed)?;
                    next = lookup.feed(answers);
                }
            }
        }
    }

    /// How a lookup without addresses ended, for the picture.
    pub fn lookup_outcome(&self, error: ResolveError, name: &str) -> Outcome {
        let rejected = |leg: &Leg| matches!(leg.trace.end().map(|step| &step.action), Some(Action::Rejected { .. }));
        match error {
            ResolveError::Failed(LookupError::NoName | LookupError::NoData) => Outcome::NoSuchName { name: name.to_owned() },
            _ if self.legs.iter().any(rejected) => Outcome::Refused,
            _ => Outcome::TimedOut,
        }
    }

    /// Opens a TCP connection; waits at most `limit` where the program has one for this address.
    pub async fn connect(&mut self, to: SocketAddr, limit: Option<Duration>) -> Result<Connection, ConnectError> {
        let netns = self.process.machine.netns();
        let Reply { outcome, legs, after } = self.process.world.borrow_mut().tcp_connect(&netns, to);
        self.legs.extend(legs);
        if outcome == ReplyOutcome::Silence {
            let patience = limit.map_or(SYN_TIMEOUT, |limit| limit.min(SYN_TIMEOUT));
            self.wait(patience).await.map_err(|DeadlinePassed| ConnectError::DeadlinePassed)?;
            return Err(if patience < SYN_TIMEOUT { ConnectError::DeadlinePassed } else { ConnectError::TimedOut });
        }
        self.wait(after).await.map_err(|DeadlinePassed| ConnectError::DeadlinePassed)?;
        match outcome {
            ReplyOutcome::Connected(connection) => Ok(connection),
            ReplyOutcome::Refused => Err(ConnectError::Refused),
            _ => Err(ConnectError::Unreachable),
        }
    }

    /// The local end of the newest attempt to connect, as `getsockname` tells it: unspecified where nothing was sent.
    pub fn local(&self) -> SocketAddr {
        let first_step = |leg: &Leg| leg.trace.hops.first().and_then(|hop| hop.steps.first()).map(|step| step.packet.clone());
        let sent = self.legs.iter().rev().find(|leg| leg.direction == Direction::Request).and_then(first_step);
        let local = sent.and_then(|packet| packet.ports().map(|(port, _)| SocketAddr::new(packet.source, port)));
        local.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// Sends an HTTP request over an open connection and waits for the answer.
    pub async fn http(&mut self, connection: &Connection, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let label = format!("HTTP {} {}", request.method, request.path);
        let payload = Payload::HttpRequest(request);
        let Reply { outcome, legs, after } = self.process.world.borrow_mut().tcp_request(connection, payload, &label);
        self.legs.extend(legs);
        // A server that never answers: only the program's own limits end this, or the learner.
        let wait = if outcome == ReplyOutcome::Silence { FOR_EVER } else { after };
        self.wait(wait).await.map_err(|DeadlinePassed| HttpError::DeadlinePassed)?;
        match outcome {
            ReplyOutcome::Payload(Payload::HttpResponse(response)) => Ok(response),
            ReplyOutcome::Payload(Payload::Data(_)) => Err(HttpError::NotHttp),
            ReplyOutcome::Refused => Err(HttpError::Reset),
            ReplyOutcome::Silence => Err(HttpError::DeadlinePassed),
            _ => Err(HttpError::Empty),
        }
    }

    /// Sends one ICMP echo request. Time has not passed yet.
    pub fn echo(&mut self, to: IpAddr, sequence: u16, size: usize) -> (Echo, Duration) {
        let netns = self.process.machine.netns();
        let data = vec![0; size];
        let Reply { outcome, legs, after } = self.process.world.borrow_mut().echo(&netns, to, self.next_id, sequence, data);
        let ttl = received_ttl(&legs);
        self.legs.extend(legs);
        let echo = match outcome {
            ReplyOutcome::Payload(_) | ReplyOutcome::Connected(_) => Echo::Reply { ttl },
            ReplyOutcome::Refused => Echo::Error("Destination Port Unreachable"),
            ReplyOutcome::Unreachable => Echo::Error("Destination Host Unreachable"),
            ReplyOutcome::Silence => Echo::Silence,
        };
        (echo, after)
    }

    /// Sends one UDP datagram and says whether an error came back.
    pub async fn datagram(&mut self, to: SocketAddr, patience: Duration) -> Result<(), ConnectError> {
        let netns = self.process.machine.netns();
        let Reply { outcome, legs, after } = self.process.world.borrow_mut().udp(&netns, to, Payload::Empty, "UDP");
        self.legs.extend(legs);
        let wait = if outcome == ReplyOutcome::Silence { patience } else { after };
        self.wait(wait).await.map_err(|DeadlinePassed| ConnectError::DeadlinePassed)?;
        if outcome == ReplyOutcome::Refused { Err(ConnectError::Refused) } else { Ok(()) }
    }
}

/// Ctrl-C drops the program wherever it waits; what it sent stays visible.
impl Drop for Conversation {
    fn drop(&mut self) {
        if !self.filed && !self.legs.is_empty() {
            self.file(Outcome::Unknown { why: "interrupted".to_owned() });
        }
    }
}

impl From<ConnectError> for Outcome {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::DeadlinePassed | ConnectError::TimedOut => Outcome::TimedOut,
            ConnectError::Refused => Outcome::Refused,
            ConnectError::Unreachable => Outcome::NoRoute,
        }
    }
}

/// The word for a record type on command lines and in output.
pub(super) fn kind_word(kind: RecordType) -> &'static str {
    match kind {
        RecordType::A => "A",
        RecordType::Aaaa => "AAAA",
        RecordType::Cname => "CNAME",
        RecordType::Srv => "SRV",
        RecordType::Ptr => "PTR",
        RecordType::Txt => "TXT",
        RecordType::Soa => "SOA",
        RecordType::Ns => "NS",
        RecordType::Mx => "MX",
    }
}

pub(super) fn kind_of_word(word: &str) -> Option<RecordType> {
    use RecordType::*;
    [A, Aaaa, Cname, Srv, Ptr, Txt, Soa, Ns, Mx].into_iter().find(|kind| kind_word(*kind).eq_ignore_ascii_case(word))
}

/// The Pod that a process runs in.
fn pod(process: &Process) -> Option<Rc<Object>> {
    let Machine::Container { namespace, pod, .. } = &process.machine else { return None };
    let reference = ObjectRef::namespaced(Kind::Pod, namespace, pod);
    process.world.borrow().store().get(&reference).cloned()
}

/// The machine's `/etc/resolv.conf`, as it is now.
pub(super) fn resolv_conf(process: &Process) -> ResolvConf {
    if let Ok(bytes) = process.read_file("/etc/resolv.conf") {
        return ResolvConf::parse(&String::from_utf8_lossy(&bytes));
    }
    let text = match pod(process) {
        Some(pod) => dns::resolv_conf(process.world.borrow().cluster(), &pod),
        None => dns::node_resolv_conf(),
    };
    ResolvConf::parse(&text)
}

/// What `/etc/hosts` says: the kubelet writes `localhost` and the Pod's own name.
fn hosts_file(process: &Process, name: &str) -> Option<IpAddr> {
    if name.trim_end_matches('.') == "localhost" {
        return Some(IpAddr::from([127, 0, 0, 1]));
    }
    let pod = pod(process)?;
    let view = pod.as_pod()?;
    let own = view.spec.hostname.as_deref().unwrap_or(pod.name());
    (own == name && !view.spec.host_network).then(|| view.ip()).flatten()
}

/// The image that a process runs in; machines that are no containers have none.
fn image(process: &Process) -> Option<Image> {
    let Machine::Container { container, .. } = &process.machine else { return None };
    let pod = pod(process)?;
    let container = pod.as_pod()?.spec.containers.iter().find(|one| one.name == *container)?;
    image::find(&container.image)
}

/// Whose implementation of a program the machine has: `busybox`, `bind` …; `None` outside containers.
pub(super) fn flavour(process: &Process, program: &str) -> Option<String> {
    let programs = image(process)?.programs;
    programs.into_iter().find(|one| one.name == program).map(|one| one.flavour)
}

/// The resolver that a program of this process's image uses.
pub(super) fn resolver(process: &Process, program: &str) -> Resolver {
    match (image(process).map(|image| image.libc), program) {
        // Alpine builds curl with c-ares instead of the libc's resolver (aports, main/curl/APKBUILD).
        (Some(Libc::Musl), "curl") => Resolver::Cares,
        (Some(Libc::Musl), _) => Resolver::Musl,
        (Some(Libc::Go), _) => Resolver::Go,
        (Some(Libc::Glibc) | None, _) => Resolver::Glibc,
    }
}

/// Address selection (RFC 6724): the simulated Pods have IPv4 only, so IPv6 addresses come last and only when alone.
fn without_unreachable(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.sort_by_key(|ip| ip.is_ipv6());
    if addresses.first().is_some_and(IpAddr::is_ipv4) {
        addresses.retain(IpAddr::is_ipv4);
    }
    addresses
}
