//! BusyBox `wget` (`networking/wget.c`). It says what it does on standard error, draws a bar, and dies at the first trouble with
//! status 1.

use super::conversation::{ConnectError, Conversation, HttpError, resolver};
use super::curl::Url;
use crate::clock::Duration;
use crate::dns::{Family, Resolver};
use crate::net::{HttpRequest, HttpResponse, IpAddr, SocketAddr};
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

/// `-T`'s default.
const TIMEOUT: Duration = Duration::from_secs(900);
const MAX_REDIRECTS: usize = 16;
const USAGE: &str = "Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...\n";

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move {
        let options = match Options::read(process.arguments()) {
            Ok(options) => options,
            Err(text) => {
                process.print_error(text).await;
                return 1;
            }
        };
        for url in &options.urls {
            if let Err(Death(message)) = download(&process, &options, url).await {
                process.print_error(format!("wget: {message}\n")).await;
                return 1;
            }
        }
        0
    })
}

/// The message that the program dies with.
struct Death(String);

#[derive(Debug, Default)]
struct Options {
    quiet: bool,
    show_headers: bool,
    spider: bool,
    output: Option<String>,
    timeout: Option<Duration>,
    agent: Option<String>,
    headers: Vec<String>,
    post: Option<String>,
    urls: Vec<String>,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if let Some(long) = argument.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
                let mut value = || value.clone().or_else(|| rest.next().cloned()).ok_or_else(|| USAGE.to_owned());
                match name {
                    "quiet" => options.quiet = true,
                    "spider" => options.spider = true,
                    "server-response" => options.show_headers = true,
                    "no-check-certificate" | "continue" => {}
                    "output-document" => options.output = Some(value()?),
                    "timeout" => options.timeout = Some(seconds(&value()?)?),
                    "header" => options.headers.push(value()?),
                    "post-data" => options.post = Some(value()?),
                    "user-agent" => options.agent = Some(value()?),
                    "tries" => drop(value()?),
                    _ => return Err(format!("wget: unrecognized option: {name}\n{USAGE}")),
                }
            } else if let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                options.read_letters(letters, &mut rest)?;
            } else {
                options.urls.push(argument.clone());
            }
        }
        if options.urls.is_empty() { Err(USAGE.to_owned()) } else { Ok(options) }
    }

    /// `-qO-`, `-T5`: letters run together up to one that takes a value.
    fn read_letters<'a>(&mut self, letters: &str, rest: &mut impl Iterator<Item = &'a String>) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            match letter {
                'q' => self.quiet = true,
                'S' => self.show_headers = true,
                'c' => {}
                'O' | 'T' | 'U' | 't' | 'P' | 'Y' | 'o' => {
                    let attached = letters.get(at + 1..).filter(|text| !text.is_empty()).map(str::to_owned);
                    let value = attached.or_else(|| rest.next().cloned());
                    let value = value.ok_or_else(|| format!("wget: option requires an argument: {letter}\n{USAGE}"))?;
                    match letter {
                        'O' => self.output = Some(value),
                        'T' => self.timeout = Some(seconds(&value)?),
                        'U' => self.agent = Some(value),
                        _ => {}
                    }
                    return Ok(());
                }
                _ => return Err(format!("wget: unrecognized option: {letter}\n{USAGE}")),
            }
        }
        Ok(())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|_| format!("wget: invalid number '{text}'\n"))
}

async fn download(process: &Process, options: &Options, text: &str) -> Result<(), Death> {
    let mut url = Url::parse(text).map_err(|_| Death(format!("not an http or ftp url: {text}")))?;
    let mut conversation = Conversation::begin(process);
    for _ in 0..MAX_REDIRECTS {
        let outcome = match request(process, options, &mut conversation, &url).await {
            Ok(response) => response,
            Err((death, outcome)) => {
                conversation.end(outcome);
                return Err(death);
            }
        };
        let location = outcome.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value);
        match location.filter(|_| (300..400).contains(&outcome.status)).and_then(|location| url.join(location).ok()) {
            Some(next) => url = next,
            None => {
                conversation.end(Outcome::Answered { summary: format!("HTTP {}", outcome.status) });
                return save(process, options, &url, &outcome).await;
            }
        }
    }
    conversation.end(Outcome::Unknown { why: "too many redirections".to_owned() });
    Err(Death("too many redirections".to_owned()))
}

async fn request(
    process: &Process,
    options: &Options,
    conversation: &mut Conversation,
    url: &Url,
) -> Result<HttpResponse, (Death, Outcome)> {
    let found = conversation.resolve(resolver(process, "wget"), &url.host, Family::Any).await;
    let address: IpAddr = match found.map(|addresses| addresses.first().copied()) {
        Ok(Some(address)) => address,
        Ok(None) => return Err((Death(format!("bad address '{}'", url.host)), Outcome::NoSuchName { name: url.host.clone() })),
        Err(error) => {
            let outcome = conversation.lookup_outcome(error, &url.host);
            return Err((Death(format!("bad address '{}'", url.host)), outcome));
        }
    };
    let to = SocketAddr::new(address, url.port);
    if !options.quiet {
        process.print_error(format!("Connecting to {} ({to})\n", url.host)).await;
    }
    if url.scheme == "https" {
        let death = Death("TLS is not part of this simulation, use http://".to_owned());
        return Err((death, Outcome::Unknown { why: "TLS is not simulated".to_owned() }));
    }
    let patience = options.timeout.unwrap_or(TIMEOUT);
    let connection = match conversation.connect(to, Some(patience)).await {
        Ok(connection) => connection,
        Err(error) => return Err((Death(connect_message(process, error, address)), error.into())),
    };
    conversation.deadline = Some(process.now() + patience);
    let response = match conversation.http(&connection, http_request(options, url)).await {
        Ok(response) => response,
        Err(HttpError::DeadlinePassed) => return Err((Death("download timed out".to_owned()), Outcome::TimedOut)),
        Err(_) => {
            let death = Death("error getting response".to_owned());
            return Err((death, Outcome::Unknown { why: "closed without an answer".to_owned() }));
        }
    };
    let status_line = format!("HTTP/1.1 {} {}", response.status, response.reason);
    if options.show_headers {
        process.print_error(format!("  {status_line}\n")).await;
    }
    if !matches!(response.status, 200..=204 | 300..=308) {
        let outcome = Outcome::Answered { summary: format!("HTTP {}", response.status) };
        return Err((Death(format!("server returned error: {status_line}")), outcome));
    }
    if options.show_headers {
        let headers: String = response.headers.iter().map(|(name, value)| format!("  {name}: {value}\n")).collect();
        process.print_error(format!("{headers}  \n")).await;
    }
    Ok(response)
}

/// `xconnect` of BusyBox with the libc's word for the error.
fn connect_message(process: &Process, error: ConnectError, address: IpAddr) -> String {
    let why = match error {
        ConnectError::DeadlinePassed => return "download timed out".to_owned(),
        ConnectError::TimedOut if resolver(process, "wget") == Resolver::Musl => "Operation timed out",
        ConnectError::TimedOut => "Connection timed out",
        ConnectError::Refused => "Connection refused",
        ConnectError::Unreachable => "Host is unreachable",
    };
    format!("can't connect to remote host ({address}): {why}")
}

fn http_request(options: &Options, url: &Url) -> HttpRequest {
    let mut headers = vec![
        ("Host".to_owned(), url.host_header()),
        ("User-Agent".to_owned(), options.agent.clone().unwrap_or_else(|| "Wget".to_owned())),
        ("Connection".to_owned(), "close".to_owned()),
    ];
    for line in &options.headers {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value.clone());
    HttpRequest {
        method: if options.post.is_some() { "POST" } else { "GET" }.to_owned(),
        path: url.path.clone(),
        host: host.unwrap_or_default(),
        headers,
        body: options.post.clone().unwrap_or_default(),
    }
}

async fn save(process: &Process, options: &Options, url: &Url, response: &HttpResponse) -> Result<(), Death> {
    if options.spider {
        if !options.quiet {
            process.print_error("remote file exists\n").await;
        }
        return Ok(());
    }
    let last = url.path.split('?').next().and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
    let name = options.output.clone().unwrap_or_else(|| last.unwrap_or("index.html").to_owned());
    let to_stdout = name == "-";
    if !options.quiet {
        let begin = if to_stdout { "writing to stdout".to_owned() } else { format!("saving to '{name}'") };
        process.print_error(format!("{begin}\n")).await;
    }
    if to_stdout {
        process.print(&response.body).await;
    } else if name != "/dev/null" {
        process.write_file(&name, response.body.as_bytes()).map_err(|error| Death(format!("can't open '{name}': {error}")))?;
    }
    if !options.quiet {
        let end = if to_stdout { "written to stdout".to_owned() } else { format!("'{name}' saved") };
        process.print_error(format!("{}\n{end}\n", bar(&name, response.body.len()))).await;
    }
    Ok(())
}

/// `index.html           100% |********************************|   615  0:00:00 ETA`
fn bar(name: &str, size: usize) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let size = if size < 100_000 { format!("{size:5}") } else { format!("{:4}k", size / 1_024) };
    format!("{name:<20} 100% |{}| {size}  0:00:00 ETA", "*".repeat(32))
}
