//! How client libraries turn a name into addresses: which queries they send, in which order, how long they wait, when they give
//! up. Input: resolv.conf and a name; then the answers, round by round. It sends nothing itself and knows no clock: whoever
//! drives a [`Lookup`] sends the queries and lets the time pass. Invariant: every lookup ends after boundedly many rounds.

use super::resolv_conf::ResolvConf;
use crate::clock::Duration;
use crate::net::{DnsMessage, IpAddr, Rcode, RecordData, RecordType};

/// A resolver implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolver {
    Glibc,
    Musl,
    /// c-ares as curl configures it (Alpine's curl): 2 s per attempt, doubling.
    Cares,
    /// The resolver of Go's `net` package.
    Go,
}

/// Which addresses are wanted: `AF_UNSPEC`, `AF_INET`, `AF_INET6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Any,
    V4,
    V6,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Absolute.
    pub name: String,
    pub kind: RecordType,
}

/// Queries that go out at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Each of them gets every query.
    pub servers: Vec<IpAddr>,
    pub queries: Vec<Query>,
    /// How long it waits for those that are not answered.
    pub wait: Duration,
    /// False for a resolver that never hears ICMP errors, because its socket is not connected: it waits on.
    pub hears_errors: bool,
}

/// What came of one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Reply(DnsMessage),
    /// An ICMP error came back.
    Refused,
    Silence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Ask(Round),
    Done(Result<Vec<IpAddr>, LookupError>),
}

/// `EAI_NONAME`, `EAI_NODATA`, `EAI_AGAIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    NoName,
    NoData,
    TryAgain,
}

/// `NXDOMAIN`, as tools print a response code.
pub fn rcode_word(rcode: Rcode) -> &'static str {
    match rcode {
        Rcode::NoError => "NOERROR",
        Rcode::FormErr => "FORMERR",
        Rcode::ServFail => "SERVFAIL",
        Rcode::NxDomain => "NXDOMAIN",
        Rcode::NotImp => "NOTIMP",
        Rcode::Refused => "REFUSED",
    }
}

/// One `getaddrinfo` on its way.
#[derive(Clone, Debug)]
pub struct Lookup {
    resolver: Resolver,
    servers: Vec<IpAddr>,
    timeout: Duration,
    attempts: u32,
    kinds: Vec<RecordType>,
    /// Names to try, the next one last.
    candidates: Vec<String>,
    /// The name as given, to be tried even when the search was broken off.
    as_is: String,
    /// Queries for the present candidate that have no usable answer yet.
    pending: Vec<Query>,
    /// Rounds that the present candidate has had.
    rounds: u32,
    found: Found,
    no_data: bool,
    failed: bool,
}

/// What the present candidate brought.
#[derive(Clone, Debug, Default)]
struct Found {
    addresses: Vec<IpAddr>,
    no_data: bool,
    /// NXDOMAIN, to at least one of the queries.
    no_name: bool,
    /// SERVFAIL or another code that says nothing of the name.
    failed: bool,
    /// Such a code that is not SERVFAIL.
    declined: bool,
    /// An ICMP error came.
    refused: bool,
}

impl Resolver {
    /// The names that are tried for `name`, in order.
    pub fn candidates(self, config: &ResolvConf, name: &str) -> Vec<String> {
        let absolute = super::fqdn(name);
        let many_dots = name.matches('.').count() >= config.ndots();
        if name.ends_with('.') || (self == Resolver::Musl && many_dots) {
            return vec![absolute];
        }
        let searched = config.search.iter().map(|domain| match domain.trim_end_matches('.') {
            "" => absolute.clone(),
            domain => super::fqdn(&format!("{name}.{domain}")),
        });
        let mut names: Vec<String> = if many_dots {
            core::iter::once(absolute.clone()).chain(searched).collect()
        } else {
            searched.chain(core::iter::once(absolute.clone())).collect()
        };
        let mut seen = Vec::new();
        names.retain(|name| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        });
        names
    }
}

impl Lookup {
    pub fn new(resolver: Resolver, config: &ResolvConf, name: &str, family: Family) -> Self {
        let mut kinds = match family {
            Family::Any => vec![RecordType::A, RecordType::Aaaa],
            Family::V4 => vec![RecordType::A],
            Family::V6 => vec![RecordType::Aaaa],
        };
        if resolver == Resolver::Glibc && config.has("no-aaaa") {
            kinds.retain(|kind| *kind != RecordType::Aaaa);
        }
        let mut candidates = resolver.candidates(config, name);
        candidates.reverse();
        let curls_own = resolver == Resolver::Cares;
        Self {
            resolver,
            servers: config.nameservers.clone(),
            timeout: Duration::from_secs(if curls_own { 2 } else { config.timeout() }),
            attempts: if curls_own { 3 } else { config.attempts() },
            kinds,
            candidates,
            as_is: super::fqdn(name),
            pending: Vec::new(),
            rounds: 0,
            found: Found::default(),
            no_data: false,
            failed: false,
        }
    }

    /// The first round.
    pub fn start(&mut self) -> Next {
        if self.servers.is_empty() { Next::Done(Err(LookupError::TryAgain)) } else { self.next_candidate() }
    }

    /// Takes in what came of the last round's queries, in their order, and says what comes now.
    pub fn feed(&mut self, answers: Vec<Answer>) -> Next {
        let asked = core::mem::take(&mut self.pending);
        self.found.refused = false;
        for (query, answer) in asked.into_iter().zip(answers) {
            if let Some(unanswered) = self.found.take_in(query, answer) {
                self.pending.push(unanswered);
            }
        }
        // glibc does not repeat a failed query when the other family has its answer (res_send.c, send_dg).
        let answered = self.found.no_name || self.found.no_data || !self.found.addresses.is_empty();
        if self.resolver == Resolver::Glibc && self.found.failed && answered {
            self.pending.clear();
        }
        match self.round() {
            Some(round) if !self.pending.is_empty() => Next::Ask(round),
            _ => self.judge(),
        }
    }

    fn next_candidate(&mut self) -> Next {
        let Some(name) = self.candidates.pop() else {
            return Next::Done(Err(self.error()));
        };
        self.found = Found::default();
        self.rounds = 0;
        self.pending = self.kinds.iter().map(|kind| Query { name: name.clone(), kind: *kind }).collect();
        match self.round() {
            Some(round) => Next::Ask(round),
            None => Next::Done(Err(LookupError::TryAgain)),
        }
    }

    /// The next round for what is pending, unless all attempts are used up.
    fn round(&mut self) -> Option<Round> {
        let servers = u32::try_from(self.servers.len()).ok().filter(|count| *count > 0)?;
        let (attempt, server) = (self.rounds / servers, self.rounds % servers);
        let parallel = self.resolver == Resolver::Musl;
        if (if parallel { self.rounds } else { attempt }) >= self.attempts {
            return None;
        }
        self.rounds += 1;
        let wait = match self.resolver {
            // musl divides one time-out among its attempts (res_msend.c).
            Resolver::Musl => self.timeout / self.attempts,
            Resolver::Cares => self.timeout * (1 << attempt.min(8)),
            // glibc doubles per server and divides by their number (res_send.c, send_dg).
            Resolver::Glibc if server > 0 => (self.timeout * (1 << server.min(8)) / servers).max(Duration::from_secs(1)),
            Resolver::Glibc | Resolver::Go => self.timeout,
        };
        let one = self.servers.get(server as usize).copied();
        Some(Round {
            servers: if parallel { self.servers.clone() } else { one.into_iter().collect() },
            queries: self.pending.clone(),
            wait,
            hears_errors: !parallel,
        })
    }

    /// The present candidate has had all its rounds: is it the answer, the end, or is the next one tried?
    fn judge(&mut self) -> Next {
        let unanswered = !self.pending.is_empty();
        let Found { addresses, no_data, no_name, failed, declined, refused } = core::mem::take(&mut self.found);
        // musl takes NXDOMAIN for either family as the name's absence (lookup_name.c).
        let spoiled = no_name && self.resolver == Resolver::Musl;
        if !addresses.is_empty() && !spoiled {
            return Next::Done(Ok(addresses));
        }
        self.no_data |= no_data;
        self.failed |= failed;
        match self.resolver {
            Resolver::Glibc if unanswered && refused => Next::Done(Err(LookupError::TryAgain)),
            // A search that nobody answers is broken off, but the name as given is still tried.
            Resolver::Glibc if unanswered && (declined || !failed) => {
                self.failed = true;
                self.candidates.retain(|name| *name == self.as_is);
                self.next_candidate()
            }
            Resolver::Musl | Resolver::Cares if unanswered || failed => Next::Done(Err(LookupError::TryAgain)),
            Resolver::Musl if no_data && !no_name => Next::Done(Err(LookupError::NoData)),
            _ => {
                self.failed |= unanswered;
                self.next_candidate()
            }
        }
    }

    fn error(&self) -> LookupError {
        match (self.no_data, self.failed) {
            (_, true) => LookupError::TryAgain,
            (true, false) => LookupError::NoData,
            (false, false) => LookupError::NoName,
        }
    }
}

impl Found {
    /// Notes an answer; gives the query back when it has to be asked again.
    fn take_in(&mut self, query: Query, answer: Answer) -> Option<Query> {
        let reply = match answer {
            Answer::Reply(reply) => reply,
            Answer::Refused => {
                self.refused = true;
                return Some(query);
            }
            Answer::Silence => return Some(query),
        };
        match reply.rcode {
            Rcode::NxDomain => {
                self.no_name = true;
                None
            }
            Rcode::NoError => {
                let addresses = reply.answers.iter().filter_map(|record| match record.data {
                    RecordData::Address(ip) => Some(ip),
                    _ => None,
                });
                let before = self.addresses.len();
                self.addresses.extend(addresses);
                self.no_data |= self.addresses.len() == before;
                None
            }
            other => {
                self.failed = true;
                self.declined |= other != Rcode::ServFail;
                Some(query)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBERNETES: &str =
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";

    /// Plays a server that knows `names` and answers everything else with NXDOMAIN. Returns the names asked for, each once per
    /// pair of A and AAAA, the outcome, and the seconds it waited.
    fn play(
        resolver: Resolver,
        config: &str,
        name: &str,
        server: impl Fn(&Query) -> Answer,
    ) -> (Vec<String>, Result<usize, LookupError>, u64) {
        let mut lookup = Lookup::new(resolver, &ResolvConf::parse(config), name, Family::Any);
        let (mut asked, mut seconds) = (Vec::new(), Duration::ZERO);
        let mut next = lookup.start();
        loop {
            match next {
                Next::Done(outcome) => return (asked, outcome.map(|addresses| addresses.len()), seconds.as_secs()),
                Next::Ask(round) => {
                    let answers: Vec<Answer> = round.queries.iter().map(&server).collect();
                    let heard = |answer: &Answer| match answer {
                        Answer::Silence => false,
                        Answer::Refused => round.hears_errors,
                        Answer::Reply(_) => true,
                    };
                    if !answers.iter().all(heard) {
                        seconds += round.wait;
                    }
                    asked
                        .extend(round.queries.iter().filter(|query| query.kind == RecordType::A).map(|query| query.name.clone()));
                    next = lookup.feed(answers);
                }
            }
        }
    }

    fn knows(name: &'static str) -> impl Fn(&Query) -> Answer {
        move |query| {
            let mut reply = DnsMessage::query(1, query.name.clone(), query.kind);
            if query.name != name {
                reply.rcode = Rcode::NxDomain;
            } else if query.kind == RecordType::A {
                let data = RecordData::Address(IpAddr::from([10, 96, 0, 20]));
                reply.answers = vec![crate::net::DnsRecord { name: name.to_owned(), ttl: 30, data }];
            }
            Answer::Reply(reply)
        }
    }

    #[test]
    fn a_service_in_another_namespace_costs_one_wasted_search() {
        // Measured with glibc and musl against a stub server.
        for resolver in [Resolver::Glibc, Resolver::Musl, Resolver::Cares, Resolver::Go] {
            let (asked, outcome, _) = play(resolver, KUBERNETES, "web.shop", knows("web.shop.svc.cluster.local."));
            assert_eq!(asked, ["web.shop.default.svc.cluster.local.", "web.shop.svc.cluster.local."], "{resolver:?}");
            assert_eq!(outcome, Ok(1));
        }
    }

    #[test]
    fn a_full_name_walks_the_search_list_first_unless_it_ends_in_a_dot() {
        let full = "web.shop.svc.cluster.local";
        let (asked, outcome, _) = play(Resolver::Glibc, KUBERNETES, full, knows("web.shop.svc.cluster.local."));
        assert_eq!((asked.len(), outcome), (4, Ok(1)), "four dots are fewer than ndots:5");
        let (asked, ..) = play(Resolver::Glibc, KUBERNETES, &format!("{full}."), knows("web.shop.svc.cluster.local."));
        assert_eq!(asked, ["web.shop.svc.cluster.local."]);
    }

    #[test]
    fn enough_dots_put_the_name_as_given_first_and_musl_then_never_searches() {
        let two = KUBERNETES.replace("ndots:5", "ndots:2");
        let (asked, ..) = play(Resolver::Glibc, &two, "www.example.com", knows("www.example.com."));
        assert_eq!(asked, ["www.example.com."]);
        let (asked, outcome, _) = play(Resolver::Musl, &two, "www.example.org", knows("nothing."));
        assert_eq!((asked.len(), outcome), (1, Err(LookupError::NoName)));
        let (asked, ..) = play(Resolver::Glibc, &two, "www.example.org", knows("nothing."));
        assert_eq!(asked.len(), 4);
    }

    #[test]
    fn silence_costs_each_resolver_its_own_time() {
        // Measured: glibc 20 s, musl 5 s, with the kubelet's resolv.conf and every packet dropped. c-ares: 2 + 4 + 8 s
        // (ares_process.c). Go goes on with the next name: 4 names × 2 attempts × 5 s.
        let silent = |_: &Query| Answer::Silence;
        for (resolver, seconds) in [(Resolver::Glibc, 20), (Resolver::Musl, 5), (Resolver::Cares, 14), (Resolver::Go, 40)] {
            let (_, outcome, waited) = play(resolver, KUBERNETES, "frontend", silent);
            assert_eq!((outcome, waited), (Err(LookupError::TryAgain), seconds), "{resolver:?}");
        }
    }

    #[test]
    fn an_icmp_error_ends_the_lookup_at_once_except_for_musl() {
        // musl's socket is not connected, so the kernel does not tell it (res_msend.c).
        let refused = |_: &Query| Answer::Refused;
        for (resolver, seconds) in [(Resolver::Glibc, 0), (Resolver::Cares, 0), (Resolver::Musl, 5)] {
            let (_, outcome, waited) = play(resolver, KUBERNETES, "frontend", refused);
            assert_eq!((outcome, waited), (Err(LookupError::TryAgain), seconds), "{resolver:?}");
        }
    }

    #[test]
    fn an_empty_answer_ends_the_search_of_musl_only() {
        let empty = |query: &Query| Answer::Reply(DnsMessage::query(1, query.name.clone(), query.kind));
        let count = |resolver| play(resolver, KUBERNETES, "db", empty).0.len();
        assert_eq!((count(Resolver::Musl), count(Resolver::Glibc), count(Resolver::Go)), (1, 4, 4));
    }
}
