//! What a container's main process does, read from its command line: where it listens, when it ends, what it logs.
//!
//! Commands that nobody here knows run for ever in silence. Shell scripts are read word by word, enough for the scripts that
//! manifests hold: `sleep`, `echo`, `exit`, a server, a loop that never ends.

use super::{ContainerProcess, Image, Listener, Server};
use crate::api::Container;
use crate::clock::Duration;
use crate::net::Protocol;

/// A script is read this deep: `sh -c` in `sh -c` …
const MAX_NESTING: usize = 4;

/// The process that a container of a Pod runs.
pub fn process(image: &Image, container: &Container) -> ContainerProcess {
    let line = command_line(image, container);
    run(image, &line, &container.env_pairs(), MAX_NESTING)
}

impl ContainerProcess {
    /// The same process where others hold some of its ports: a server that cannot bind gives up. nginx tries five times, half
    /// a second apart (`ngx_open_listening_sockets`).
    pub(crate) fn beside(self, ports_in_use: &[(Protocol, u16)]) -> Self {
        let taken = |listener: &&Listener| ports_in_use.contains(&(listener.protocol, listener.port));
        match self.listeners.iter().find(taken) {
            None => self,
            Some(listener) => {
                let why = format!("bind() to 0.0.0.0:{} failed (98: Address in use)", listener.port);
                exits(Duration::from_millis(2_500), 1, &[&why])
            }
        }
    }
}

/// `command` replaces ENTRYPOINT and, alone, drops CMD; `args` replace CMD.
fn command_line(image: &Image, container: &Container) -> Vec<String> {
    let entrypoint = if container.command.is_empty() { &image.entrypoint } else { &container.command };
    let arguments = match (container.command.is_empty(), container.args.is_empty()) {
        (_, false) => &container.args[..],
        (true, true) => &image.command[..],
        (false, true) => &[],
    };
    entrypoint.iter().chain(arguments).cloned().collect()
}

type Environment<'a> = [(&'a str, &'a str)];

fn run(image: &Image, line: &[String], environment: &Environment<'_>, nesting: usize) -> ContainerProcess {
    let Some((first, arguments)) = line.split_first() else {
        return cannot_start("no command specified".to_owned());
    };
    let name = first.rsplit('/').next().unwrap_or(first);
    let Some(flavour) = image.program(name) else {
        return cannot_start(missing(first));
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match name {
        "sh" | "bash" | "ash" | "dash" | "zsh" => return shell(image, &arguments, environment, nesting),
        "docker-entrypoint.sh" | "entrypoint.sh" if nesting > 0 => return wrapper(image, flavour, line, environment, nesting),
        "tini" | "dumb-init" | "env" | "exec" | "timeout" if nesting > 0 => {
            let inner: Vec<String> = line.iter().skip(1).filter(|word| !word.starts_with('-')).cloned().collect();
            return run(image, &inner, environment, nesting - 1);
        }
        _ => {}
    }
    match flavour {
        "agnhost" => agnhost(image, &arguments),
        "nginx" => nginx(image),
        "httpd" => apache(image),
        "http-echo" => http_echo(&arguments),
        "python" => python(image, &arguments),
        "redis" | "postgres" => silent(option(&arguments, &["--port", "-p"]).or(image.port)),
        "gunicorn" => http(image.port.unwrap_or(80), &format!("gunicorn/{}", image.version), "httpbin.org"),
        "hello-app" => hello_app(image, environment),
        "whoami" => http(option(&arguments, &["--port", "-port"]).unwrap_or(80), "", "Hostname: {hostname}\n"),
        "coredns" => coredns(),
        "pause" | "daemon" => silent(image.port),
        _ => tool(name, &arguments),
    }
}

fn cannot_start(why: String) -> ContainerProcess {
    ContainerProcess { start_error: Some(why), ..ContainerProcess::default() }
}

/// runc's words for a program that is not in the image (Go's `exec.LookPath`).
fn missing(program: &str) -> String {
    if program.contains('/') {
        format!("exec: \"{program}\": stat {program}: no such file or directory")
    } else {
        format!("exec: \"{program}\": executable file not found in $PATH")
    }
}

fn silent(port: Option<u16>) -> ContainerProcess {
    let listener = |port| Listener { protocol: Protocol::Tcp, port, server: Server::Silent };
    ContainerProcess { listeners: port.map(listener).into_iter().collect(), ..ContainerProcess::default() }
}

fn http(port: u16, software: &str, body: &str) -> ContainerProcess {
    let server = Server::Http { software: software.to_owned(), body: body.to_owned() };
    ContainerProcess { listeners: vec![Listener { protocol: Protocol::Tcp, port, server }], ..ContainerProcess::default() }
}

fn deaf_to_sigterm(process: ContainerProcess) -> ContainerProcess {
    ContainerProcess { ignores_sigterm: true, ..process }
}

fn exits(after: Duration, status: i32, log: &[&str]) -> ContainerProcess {
    ContainerProcess {
        exits_after: Some((after, status)),
        ignores_sigterm: true,
        log: log.iter().map(|&line| line.to_owned()).collect(),
        ..ContainerProcess::default()
    }
}

/// An entrypoint script that runs its arguments, or gives them to its own program.
fn wrapper(image: &Image, flavour: &str, line: &[String], environment: &Environment<'_>, nesting: usize) -> ContainerProcess {
    let inner: Vec<String> = match line.get(1) {
        // curlimages/curl: `curl` goes in front of whatever is not a program.
        Some(word) if flavour == "curl-entrypoint" && image.program(word).is_none() => {
            ["curl".to_owned()].into_iter().chain(line.iter().skip(1).cloned()).collect()
        }
        _ => line.iter().skip(1).cloned().collect(),
    };
    run(image, &inner, environment, nesting - 1)
}

/// Programs that are tools rather than servers.
fn tool(name: &str, arguments: &[&str]) -> ContainerProcess {
    const AT_ONCE: Duration = Duration::from_millis(10);
    match name {
        "sleep" => match sleep_time(arguments) {
            Some(time) => exits(time, 0, &[]),
            None if arguments.contains(&"infinity") || arguments.contains(&"inf") => deaf_to_sigterm(ContainerProcess::default()),
            None => exits(AT_ONCE, 1, &["sleep: invalid number"]),
        },
        "echo" => exits(AT_ONCE, 0, &[&arguments.join(" ")]),
        "false" => exits(AT_ONCE, 1, &[]),
        "curl" if arguments.is_empty() => exits(AT_ONCE, 2, &["curl: try 'curl --help' or 'curl --manual' for more information"]),
        "true" | "date" | "env" | "printenv" | "hostname" | "id" | "ls" | "pwd" | "uname" | "cat" | "curl" | "wget"
        | "nslookup" | "dig" | "host" | "printf" | "test" | "whoami" => exits(AT_ONCE, 0, &[]),
        "tail" if !arguments.contains(&"-f") && !arguments.contains(&"-F") => exits(AT_ONCE, 0, &[]),
        "httpd" => deaf_to_sigterm(http(option(arguments, &["-p"]).unwrap_or(80), "", "")),
        "nc" if arguments.iter().any(|word| word.starts_with('-') && word.contains('l')) => nc(arguments),
        _ => deaf_to_sigterm(ContainerProcess::default()),
    }
}

/// `sleep 3600`, `sleep 1h 30m`: the sum of its arguments.
fn sleep_time(arguments: &[&str]) -> Option<Duration> {
    let part = |word: &&str| {
        let unit = match word.as_bytes().last()? {
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            _ => 1,
        };
        let seconds: f64 = word.trim_end_matches(['s', 'm', 'h', 'd']).parse().ok()?;
        // A century: beyond it a sleep has no end that matters, and Duration stays far from overflow.
        (0.0..3.2e9).contains(&seconds).then(|| Duration::from_secs_f64(seconds * f64::from(unit)))
    };
    arguments.iter().map(part).collect::<Option<Vec<_>>>().filter(|parts| !parts.is_empty()).map(sum)
}

fn sum(parts: Vec<Duration>) -> Duration {
    parts.into_iter().fold(Duration::ZERO, Duration::saturating_add)
}

fn nc(arguments: &[&str]) -> ContainerProcess {
    let port = option(arguments, &["-p", "-lp", "-lkp", "-klp", "-nlp"])
        .or_else(|| arguments.iter().rev().find_map(|word| word.parse().ok()))
        .unwrap_or(0);
    let udp = arguments.iter().any(|word| word.starts_with('-') && word.contains('u'));
    let protocol = if udp { Protocol::Udp } else { Protocol::Tcp };
    let listeners = vec![Listener { protocol, port, server: Server::Silent }];
    deaf_to_sigterm(ContainerProcess { listeners, ..ContainerProcess::default() })
}

/// The number after one of the flags, as its own word or after `=`.
fn option(arguments: &[&str], flags: &[&str]) -> Option<u16> {
    text_option(arguments, flags).and_then(|text| text.rsplit(':').next()?.parse().ok())
}

fn text_option<'a>(arguments: &[&'a str], flags: &[&str]) -> Option<&'a str> {
    arguments.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some((flag, value)) if flags.contains(&flag) => Some(value),
        _ if flags.contains(word) => arguments.get(at + 1).copied(),
        _ => None,
    })
}

/// `python -m http.server [PORT]`; it has no handler for SIGTERM.
fn python(image: &Image, arguments: &[&str]) -> ContainerProcess {
    let Some(module) = arguments.iter().position(|&word| word == "http.server" || word == "SimpleHTTPServer") else {
        // The interpreter without a terminal reads an empty standard input and ends.
        return if arguments.is_empty() {
            exits(Duration::from_millis(50), 0, &[])
        } else {
            deaf_to_sigterm(ContainerProcess::default())
        };
    };
    let port = arguments.iter().skip(module + 1).find_map(|word| word.parse().ok()).unwrap_or(8_000);
    deaf_to_sigterm(http(port, &format!("SimpleHTTP/0.6 Python/{}", image.version), ""))
}

/// Its log is what the image's entrypoint script says; nginx's own notices carry times and are left out.
fn nginx(image: &Image) -> ContainerProcess {
    const SCRIPT: &str = "/docker-entrypoint.sh";
    let launching = |script: &str| format!("{SCRIPT}: Launching /docker-entrypoint.d/{script}");
    let listen = "10-listen-on-ipv6-by-default.sh";
    let log = vec![
        format!("{SCRIPT}: /docker-entrypoint.d/ is not empty, will attempt to perform configuration"),
        format!("{SCRIPT}: Looking for shell scripts in /docker-entrypoint.d/"),
        launching(listen),
        format!("{listen}: info: Getting the checksum of /etc/nginx/conf.d/default.conf"),
        format!("{listen}: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf"),
        format!("{SCRIPT}: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh"),
        launching("20-envsubst-on-templates.sh"),
        launching("30-tune-worker-processes.sh"),
        format!("{SCRIPT}: Configuration complete; ready for start up"),
    ];
    let server = http(image.port.unwrap_or(80), &format!("nginx/{}", image.version), include_str!("nginx.html"));
    ContainerProcess { log, ..server }
}

fn apache(image: &Image) -> ContainerProcess {
    http(80, &format!("Apache/{} (Unix)", image.version), "<html><body><h1>It works!</h1></body></html>\n")
}

fn http_echo(arguments: &[&str]) -> ContainerProcess {
    let text = text_option(arguments, &["-text", "--text"]).unwrap_or("hello-world");
    http(option(arguments, &["-listen", "--listen"]).unwrap_or(5_678), "", &format!("{text}\n"))
}

fn hello_app(image: &Image, environment: &Environment<'_>) -> ContainerProcess {
    let port = environment.iter().find(|(name, _)| *name == "PORT").and_then(|(_, value)| value.parse().ok());
    let body = format!("Hello, world!\nVersion: {}\nHostname: {{hostname}}\n", image.version);
    http(port.or(image.port).unwrap_or(8_080), "", &body)
}

fn coredns() -> ContainerProcess {
    let dns = |protocol| Listener { protocol, port: 53, server: Server::CoreDns };
    let plain = |port, body: &str| Listener {
        protocol: Protocol::Tcp,
        port,
        server: Server::Http { software: String::new(), body: body.to_owned() },
    };
    ContainerProcess {
        listeners: vec![dns(Protocol::Udp), dns(Protocol::Tcp), plain(8_080, "OK"), plain(8_181, "OK"), plain(9_153, "")],
        log: vec![".:53".to_owned(), "CoreDNS-1.12.0".to_owned(), "linux/amd64, go1.23.3, 51e11f1".to_owned()],
        ..ContainerProcess::default()
    }
}

/// agnhost's subcommands that matter to the network; the rest behave like `pause`.
fn agnhost(_image: &Image, arguments: &[&str]) -> ContainerProcess {
    let Some((&command, arguments)) = arguments.split_first() else { return silent(None) };
    match command {
        "netexec" => {
            let mut process = http(option(arguments, &["--http-port"]).unwrap_or(8_080), "", "NOW: {now}");
            let udp = option(arguments, &["--udp-port"]).unwrap_or(8_081);
            process.listeners.push(Listener { protocol: Protocol::Udp, port: udp, server: Server::Silent });
            process
        }
        "serve-hostname" => http(option(arguments, &["--port"]).unwrap_or(9_376), "", "{hostname}"),
        "test-webserver" => http(option(arguments, &["--port"]).unwrap_or(80), "", ""),
        "porter" => silent(None),
        "connect" | "help" => exits(Duration::from_millis(10), 0, &[]),
        _ => silent(None),
    }
}

/// `sh -c SCRIPT`: the time its sleeps take, then its status; a server or an endless loop keeps it running.
fn shell(image: &Image, arguments: &[&str], environment: &Environment<'_>, nesting: usize) -> ContainerProcess {
    let Some(script) = arguments.iter().position(|word| word.starts_with('-') && word.ends_with('c')).map(|at| at + 1) else {
        // A shell without a terminal reads an empty standard input and ends.
        return exits(Duration::from_millis(10), 0, &[]);
    };
    let Some(script) = arguments.get(script).filter(|_| nesting > 0) else {
        return exits(Duration::from_millis(10), 2, &["sh: -c requires an argument"]);
    };
    let mut whole = ContainerProcess { ignores_sigterm: true, ..ContainerProcess::default() };
    let (mut elapsed, mut status) = (Duration::from_millis(10), 0);
    for command in script.split([';', '\n', '&']).map(str::trim).filter(|command| !command.is_empty()) {
        let words = words(command);
        let first = words.first().map_or("", String::as_str);
        match first {
            "while" | "until" | "for" => return ContainerProcess { exits_after: None, ..whole },
            "exit" => {
                let status = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(status);
                return ContainerProcess { exits_after: Some((elapsed, status)), ..whole };
            }
            "" | "set" | "cd" | "export" | "trap" | "wait" | ":" | "do" | "done" | "then" | "fi" | "if" | "mkdir" | "touch" => {}
            "exec" => return run(image, &words[1..], environment, nesting - 1),
            _ => {
                let part = run(image, &words, environment, nesting - 1);
                whole.listeners.extend(part.listeners);
                whole.log.extend(part.log);
                if part.start_error.is_some() {
                    whole.log.push(format!("sh: {first}: not found"));
                    status = 127;
                    continue;
                }
                let Some((time, ended)) = part.exits_after else {
                    return ContainerProcess { exits_after: None, ignores_sigterm: part.ignores_sigterm, ..whole };
                };
                elapsed = elapsed.saturating_add(time);
                status = ended;
            }
        }
    }
    ContainerProcess { exits_after: Some((elapsed, status)), ..whole }
}

/// Words at blanks, quotes kept together; redirections and the rest of a pipe are left out.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in command.chars() {
        match (quote, character) {
            (None, '|' | '>') => break,
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, blank) if blank.is_whitespace() => {
                words.extend(Some(core::mem::take(&mut word)).filter(|word| !word.is_empty()))
            }
            (_, other) => word.push(other),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    fn check(image: &str, args: &[&str]) -> ContainerProcess {
        let container = Container { args: args.iter().map(|&word| word.to_owned()).collect(), ..Container::default() };
        process(&find(image).expect("listed"), &container)
    }

    fn ports(process: &ContainerProcess) -> Vec<u16> {
        process.listeners.iter().map(|listener| listener.port).collect()
    }

    #[test]
    fn a_command_line_says_where_the_process_listens() {
        assert_eq!(ports(&check("nginx:alpine", &[])), [80]);
        assert_eq!(ports(&check("nginxinc/nginx-unprivileged", &[])), [8080]);
        assert_eq!(ports(&check("registry.k8s.io/e2e-test-images/agnhost:2.53", &["netexec", "--http-port=8080"])), [8080, 8081]);
        assert_eq!(ports(&check("busybox", &["httpd", "-f", "-p", "8080"])), [8080]);
        assert_eq!(ports(&check("busybox", &["sh", "-c", "echo up; nc -lk -p 9000"])), [9000]);
        assert_eq!(ports(&check("python:3-alpine", &["python", "-m", "http.server", "8080"])), [8080]);
        assert_eq!(ports(&check("hashicorp/http-echo", &["-listen=:8080", "-text=hi"])), [8080]);
        assert!(ports(&check("radial/busyboxplus:curl", &["sleep", "3600"])).is_empty());
    }

    #[test]
    fn a_command_line_says_when_the_process_ends() {
        let end = |image: &str, args: &[&str]| check(image, args).exits_after.map(|(time, status)| (time.as_secs(), status));
        assert_eq!(end("busybox", &["sleep", "3600"]), Some((3_600, 0)));
        assert_eq!(end("busybox", &["sh", "-c", "sleep 5; exit 3"]), Some((5, 3)));
        assert_eq!(end("busybox", &["sh", "-c", "while true; do sleep 1; done"]), None);
        assert_eq!(end("nginx", &[]), None);
        assert_eq!(end("busybox", &[]), Some((0, 0)));
    }

    #[test]
    fn a_program_that_the_image_lacks_does_not_start() {
        let why = check("busybox", &["foo"]).start_error;
        assert_eq!(why.as_deref(), Some("exec: \"foo\": executable file not found in $PATH"));
    }
}
