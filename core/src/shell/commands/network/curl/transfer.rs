//! One transfer: name, connection, request, answer, redirects. Its parts speak as curl does while they run (`-v`), and what came
//! of it is a [`Transfer`].

use super::message;
use super::meter::Meter;
use super::options::{Only, Options, OutputTo};
use super::url::Url;
use crate::clock::{Duration, Instant};
use crate::dns::Family;
use crate::net::{HttpResponse, IpAddr, SocketAddr};
use crate::shell::Process;
use crate::shell::commands::network::conversation::{ConnectError, Conversation, HttpError, ResolveError, resolver};
use crate::trace::Outcome;
use crate::world::Connection;

/// curl's default for `--max-redirs`.
const MAX_REDIRECTS: usize = 50;

/// What came of a transfer; everything `-w` can print.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    pub exit: i32,
    /// Empty after success.
    pub message: String,
    pub input: String,
    pub url: Option<Url>,
    pub method: String,
    pub response: Option<HttpResponse>,
    pub remote: Option<SocketAddr>,
    pub local: Option<SocketAddr>,
    pub connects: usize,
    pub redirects: usize,
    pub request_size: usize,
    pub upload_size: usize,
    pub header_size: usize,
    pub download_size: usize,
    pub times: Times,
}

/// Since the start of the transfer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub name_lookup: Duration,
    pub connect: Duration,
    pub first_byte: Duration,
    pub redirect: Duration,
    pub total: Duration,
}

/// curl's exit status, its message, and how the picture shows it.
struct Failure {
    exit: i32,
    message: String,
    outcome: Outcome,
}

/// The parts of a transfer that its steps share.
struct Run<'a> {
    process: &'a Process,
    options: &'a Options,
    conversation: Conversation,
    started: Instant,
    result: Transfer,
}

impl Transfer {
    pub async fn run(process: &Process, options: &Options, input: &str, output: &OutputTo) -> Self {
        let started = process.now();
        let meter = Meter::new(process, options, output);
        let result = Transfer { input: input.to_owned(), ..Transfer::default() };
        let mut run = Run { process, options, conversation: Conversation::begin(process), started, result };
        let end = run.follow(&meter, output).await;
        let Run { conversation, mut result, .. } = run;
        result.times.total = process.now() - started;
        let outcome = match end {
            Ok(outcome) => outcome,
            Err(Failure { exit, message, outcome }) => {
                result.exit = exit;
                result.message = message;
                outcome
            }
        };
        if result.url.is_some() {
            conversation.end(outcome);
            meter.finish(process, &result).await;
        }
        result
    }

    /// Whether `--retry` may help (tool_operate.c, post_per_transfer).
    pub fn is_transient(&self, options: &Options) -> bool {
        let status = self.response.as_ref().map_or(0, |response| response.status);
        match self.exit {
            28 => true,
            6 => self.message.starts_with("Could not resolve"),
            7 => options.retry_refused || options.retry_all,
            0 | 22 => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => options.retry_all,
        }
    }

    pub fn why_transient(&self) -> &'static str {
        match self.exit {
            28 => "timeout",
            7 => "connection refused",
            0 | 22 => "HTTP error",
            _ => "(retrying all errors)",
        }
    }
}

impl Run<'_> {
    /// The first request and those that redirects lead to.
    async fn follow(&mut self, meter: &Meter, output: &OutputTo) -> Result<Outcome, Failure> {
        let mut url = match Url::parse(&self.result.input) {
            Ok(url) => url,
            Err((exit, message)) => return Err(Failure { exit, message, outcome: unknown("no usable URL") }),
        };
        let mut method = self.method();
        let mut data = self.options.data.clone();
        if let (true, Some(query)) = (self.options.get, data.take_if(|_| self.options.get)) {
            url.path += &format!("{}{query}", if url.path.contains('?') { "&" } else { "?" });
        }
        meter.start(self.process).await;
        loop {
            self.result.url = Some(url.clone());
            self.result.method.clone_from(&method);
            let response = self.exchange(&url, &method, data.as_deref()).await?;
            let Some(location) = message::redirect(&response).filter(|_| self.options.follow) else {
                return self.deliver(response, output).await;
            };
            if self.result.redirects >= self.options.max_redirects.unwrap_or(MAX_REDIRECTS) {
                let message = format!("Maximum ({}) redirects followed", self.result.redirects);
                return Err(Failure { exit: 47, message, outcome: answered(&response) });
            }
            if self.options.include {
                self.process.print(message::header_text(&response)).await;
            }
            url = url.join(&location).map_err(|(exit, message)| Failure { exit, message, outcome: answered(&response) })?;
            self.note(&format!("Issue another request to this URL: '{url}'")).await;
            if response.status == 303 || (response.status < 303 && method == "POST") {
                method = if method == "HEAD" { method } else { "GET".to_owned() };
                data = None;
            }
            self.result.redirects += 1;
            self.result.times.redirect = self.process.now() - self.started;
        }
    }

    fn method(&self) -> String {
        let default = match (self.options.head, self.options.data.is_some() && !self.options.get) {
            (true, _) => "HEAD",
            (_, true) => "POST",
            _ => "GET",
        };
        self.options.method.clone().unwrap_or_else(|| default.to_owned())
    }

    async fn exchange(&mut self, url: &Url, method: &str, data: Option<&str>) -> Result<HttpResponse, Failure> {
        let connecting_ends = [self.options.connect_timeout, self.options.max_time].into_iter().flatten().min();
        self.conversation.deadline = connecting_ends.map(|limit| self.started + limit);
        let addresses = self.resolve(url).await?;
        let connection = self.connect(url, &addresses).await?;
        self.conversation.deadline = self.options.max_time.map(|limit| self.started + limit);
        if url.scheme == "https" {
            let message = "TLS is not part of this simulation: the TCP connection stands, use http:// to go on".to_owned();
            return Err(Failure { exit: 35, message, outcome: unknown("TLS is not simulated") });
        }
        let request = message::request(self.options, url, method, data);
        let sent = message::request_text(&request);
        self.result.request_size += sent.len() + request.body.len();
        self.result.upload_size = request.body.len();
        self.show(">", &sent).await;
        self.note("Request completely sent off").await;
        let response = self.conversation.http(&connection, request).await.map_err(|error| self.lost(error))?;
        self.result.times.first_byte = self.process.now() - self.started;
        let headers = message::header_text(&response);
        self.result.header_size += headers.len();
        self.result.download_size = if method == "HEAD" { 0 } else { response.body.len() };
        self.show("<", &headers).await;
        if self.result.download_size > 0 && !self.process.stdout.is_terminal() && self.options.verbose {
            self.process.print_error(format!("{{ [{} bytes data]\n", response.body.len())).await;
        }
        let closes = message::header(&response, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let farewell = if closes {
            "Closing connection".to_owned()
        } else {
            format!("Connection #{} to host {} left intact", self.result.connects - 1, url.host)
        };
        self.note(&farewell).await;
        self.result.response = Some(response.clone());
        Ok(response)
    }

    async fn resolve(&mut self, url: &Url) -> Result<Vec<IpAddr>, Failure> {
        let (family, numeric) = match self.options.only {
            Some(Only::V4) => (Family::V4, false),
            Some(Only::V6) => (Family::V6, false),
            None => (Family::Any, url.host.parse::<IpAddr>().is_ok()),
        };
        let pinned = self.pinned(url);
        let found = match &pinned {
            Some(addresses) => Ok(addresses.clone()),
            None => self.conversation.resolve(resolver(self.process, "curl"), &url.host, family).await,
        };
        self.result.times.name_lookup = self.process.now() - self.started;
        match found {
            Ok(addresses) => {
                if !numeric {
                    self.note(&format!("Host {}:{} was resolved.", url.host, url.port)).await;
                    self.note(&format!("IPv6: {}", list(&addresses, IpAddr::is_ipv6))).await;
                    self.note(&format!("IPv4: {}", list(&addresses, IpAddr::is_ipv4))).await;
                }
                Ok(addresses)
            }
            Err(error) => {
                let outcome = self.conversation.lookup_outcome(error, &url.host);
                let (exit, message) = match error {
                    ResolveError::DeadlinePassed => (28, format!("Resolving timed out after {} milliseconds", self.elapsed())),
                    ResolveError::Failed(_) => (6, format!("Could not resolve host: {}", url.host)),
                };
                Err(self.failed(exit, message, outcome).await)
            }
        }
    }

    /// The addresses that `--resolve HOST:PORT:ADDRESS` gives the host.
    fn pinned(&self, url: &Url) -> Option<Vec<IpAddr>> {
        self.options.resolve.iter().find_map(|entry| {
            let (host, rest) = entry.trim_start_matches('+').split_once(':')?;
            let (port, addresses) = rest.split_once(':')?;
            let fits = (host == "*" || host.eq_ignore_ascii_case(&url.host)) && port.parse() == Ok(url.port);
            fits.then(|| addresses.split(',').filter_map(|text| text.trim_matches(['[', ']']).parse().ok()).collect())
        })
    }

    /// Tries one address after the other; all but the last get half of the time that is left (lib/connect.c).
    async fn connect(&mut self, url: &Url, addresses: &[IpAddr]) -> Result<Connection, Failure> {
        let mut last = ConnectError::Unreachable;
        for (at, ip) in addresses.iter().enumerate() {
            let to = SocketAddr::new(*ip, url.port);
            self.note(&format!("  Trying {to}...")).await;
            let left = self.conversation.deadline.map(|deadline| deadline - self.process.now());
            let limit = left.map(|left| if at + 1 < addresses.len() { left / 2 } else { left });
            self.result.remote = Some(to);
            match self.conversation.connect(to, limit).await {
                Ok(connection) => {
                    self.result.connects += 1;
                    self.result.local = Some(connection.local);
                    self.result.times.connect = self.process.now() - self.started;
                    self.note(&format!("Connected to {} ({ip}) port {}", url.host, url.port)).await;
                    return Ok(connection);
                }
                Err(error) => {
                    last = error;
                    self.note(&attempt_failed(error, to, self.conversation.local(), limit)).await;
                }
            }
        }
        let (exit, why) = match last {
            ConnectError::DeadlinePassed => (28, "Timeout was reached"),
            // The kernel's ETIMEDOUT has curl's status 28 and still this text.
            ConnectError::TimedOut => (28, "Couldn't connect to server"),
            ConnectError::Refused | ConnectError::Unreachable => (7, "Couldn't connect to server"),
        };
        let message = format!("Failed to connect to {} port {} after {} ms: {why}", url.host, url.port, self.elapsed());
        Err(self.failed(exit, message, last.into()).await)
    }

    fn lost(&self, error: HttpError) -> Failure {
        match error {
            HttpError::DeadlinePassed => {
                let message = format!("Operation timed out after {} milliseconds with 0 bytes received", self.elapsed());
                Failure { exit: 28, message, outcome: Outcome::TimedOut }
            }
            HttpError::Reset => {
                Failure { exit: 56, message: "Recv failure: Connection reset by peer".to_owned(), outcome: Outcome::Refused }
            }
            HttpError::Empty => {
                Failure { exit: 52, message: "Empty reply from server".to_owned(), outcome: unknown("closed without an answer") }
            }
            HttpError::NotHttp => {
                let message = "Received HTTP/0.9 when not allowed".to_owned();
                Failure { exit: 1, message, outcome: unknown("the server does not speak HTTP") }
            }
        }
    }

    /// Writes headers and body where they belong.
    async fn deliver(&mut self, response: HttpResponse, output: &OutputTo) -> Result<Outcome, Failure> {
        let outcome = answered(&response);
        let refused = response.status >= 400 && (self.options.fail || self.options.fail_with_body);
        let message = format!("The requested URL returned error: {}", response.status);
        if refused && !self.options.fail_with_body {
            self.result.download_size = 0;
            return Err(Failure { exit: 22, message, outcome });
        }
        let mut text = String::new();
        if self.options.include || self.options.head {
            text += &message::header_text(&response);
        }
        if !self.options.head {
            text += &response.body;
        }
        let name = self.result.url.as_ref().and_then(|url| url.path.rsplit('/').next()).unwrap_or_default();
        match output {
            OutputTo::Stdout => self.process.print(text).await,
            OutputTo::File(path) if path == "/dev/null" => {}
            OutputTo::File(path) => self.save(path, &text)?,
            OutputTo::RemoteName if name.is_empty() => {
                let message = "Failed writing received data to disk/application".to_owned();
                return Err(Failure { exit: 23, message, outcome });
            }
            OutputTo::RemoteName => self.save(name, &text)?,
        }
        if refused { Err(Failure { exit: 22, message, outcome }) } else { Ok(outcome) }
    }

    /// `* text`, with `-v`.
    async fn note(&self, text: &str) {
        if self.options.verbose {
            self.process.print_error(format!("* {text}\n")).await;
        }
    }

    /// Header lines with their mark, with `-v`.
    async fn show(&self, mark: &str, text: &str) {
        if self.options.verbose {
            let lines: String = text.split_inclusive('\n').map(|line| format!("{mark} {line}")).collect();
            self.process.print_error(lines).await;
        }
    }

    async fn failed(&self, exit: i32, message: String, outcome: Outcome) -> Failure {
        self.note(&message).await;
        self.note("Closing connection").await;
        Failure { exit, message, outcome }
    }

    fn elapsed(&self) -> u128 {
        (self.process.now() - self.started).as_millis()
    }

    fn save(&self, path: &str, text: &str) -> Result<(), Failure> {
        self.process.write_file(path, text.as_bytes()).map_err(|error| Failure {
            exit: 23,
            message: "Failure writing output to destination".to_owned(),
            outcome: unknown(&format!("{path}: {error}")),
        })
    }
}

fn attempt_failed(error: ConnectError, to: SocketAddr, from: SocketAddr, limit: Option<Duration>) -> String {
    let why = match error {
        ConnectError::DeadlinePassed => {
            let family = if to.is_ipv4() { "ipv4" } else { "ipv6" };
            return format!("{family} connect timeout after {}ms, move on!", limit.unwrap_or_default().as_millis());
        }
        ConnectError::TimedOut => "Connection timed out",
        ConnectError::Refused => "Connection refused",
        ConnectError::Unreachable => "Host is unreachable",
    };
    format!("connect to {} port {} from {} port {} failed: {why}", to.ip(), to.port(), from.ip(), from.port())
}

fn list(addresses: &[IpAddr], wanted: fn(&IpAddr) -> bool) -> String {
    let texts: Vec<String> = addresses.iter().filter(|ip| wanted(ip)).map(IpAddr::to_string).collect();
    if texts.is_empty() { "(none)".to_owned() } else { texts.join(", ") }
}

fn answered(response: &HttpResponse) -> Outcome {
    Outcome::Answered { summary: format!("HTTP {}", response.status) }
}

fn unknown(why: &str) -> Outcome {
    Outcome::Unknown { why: why.to_owned() }
}
