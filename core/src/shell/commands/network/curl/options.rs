//! curl's command line: short options that run together, long options, `--no-` forms, values attached or apart.

use crate::clock::Duration;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    pub urls: Vec<String>,
    /// One per `-o`, `-O` in order; they belong to the URLs in order.
    outputs: Vec<OutputTo>,
    pub silent: bool,
    pub show_error: bool,
    pub verbose: bool,
    pub include: bool,
    pub head: bool,
    pub fail: bool,
    pub fail_with_body: bool,
    pub fail_early: bool,
    pub follow: bool,
    pub get: bool,
    pub no_meter: bool,
    pub only: Option<Only>,
    pub method: Option<String>,
    pub headers: Vec<String>,
    pub data: Option<String>,
    pub user_agent: Option<String>,
    pub write_out: Option<String>,
    pub connect_timeout: Option<Duration>,
    pub max_time: Option<Duration>,
    pub max_redirects: Option<usize>,
    pub retries: u32,
    pub retry_delay: Option<Duration>,
    pub retry_refused: bool,
    pub retry_all: bool,
    /// `--resolve HOST:PORT:ADDRESS`.
    pub resolve: Vec<String>,
    pub version: bool,
    pub help: bool,
}

/// `-4`, `-6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    V4,
    V6,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputTo {
    #[default]
    Stdout,
    File(String),
    /// `-O`: named like the URL's last part.
    RemoteName,
}

/// A command line that curl does not accept: the option as written and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    option: String,
    why: &'static str,
}

impl OptionError {
    pub fn text(&self) -> String {
        format!("curl: option {}: {}\ncurl: try 'curl --help' or 'curl --manual' for more information\n", self.option, self.why)
    }
}

/// Short letter, long name, and whether it takes a value.
const TABLE: &[(char, &str, bool)] = &[
    ('s', "silent", false),
    ('S', "show-error", false),
    ('v', "verbose", false),
    ('i', "include", false),
    ('I', "head", false),
    ('f', "fail", false),
    ('L', "location", false),
    ('G', "get", false),
    ('k', "insecure", false),
    ('N', "no-buffer", false),
    ('4', "ipv4", false),
    ('6', "ipv6", false),
    ('O', "remote-name", false),
    ('#', "progress-bar", false),
    ('V', "version", false),
    ('h', "help", false),
    ('q', "disable", false),
    ('0', "http1.0", false),
    ('o', "output", true),
    ('w', "write-out", true),
    ('X', "request", true),
    ('H', "header", true),
    ('d', "data", true),
    ('A', "user-agent", true),
    ('m', "max-time", true),
    ('u', "user", true),
    ('x', "proxy", true),
    ('\0', "connect-timeout", true),
    ('\0', "resolve", true),
    ('\0', "retry", true),
    ('\0', "retry-delay", true),
    ('\0', "retry-connrefused", false),
    ('\0', "retry-all-errors", false),
    ('\0', "max-redirs", true),
    ('\0', "url", true),
    ('\0', "data-raw", true),
    ('\0', "data-binary", true),
    ('\0', "data-ascii", true),
    ('\0', "json", true),
    ('\0', "fail-with-body", false),
    ('\0', "fail-early", false),
    ('\0', "http1.1", false),
    ('\0', "compressed", false),
    ('\0', "no-progress-meter", false),
    ('\0', "noproxy", true),
    ('\0', "interface", true),
    ('\0', "tcp-nodelay", false),
];

impl Options {
    pub fn read(arguments: &[String]) -> Result<Self, OptionError> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        let mut only_urls = false;
        while let Some(argument) = rest.next() {
            if only_urls || !argument.starts_with('-') || argument == "-" {
                options.urls.push(argument.clone());
            } else if argument == "--" {
                only_urls = true;
            } else if let Some(long) = argument.strip_prefix("--") {
                options.read_long(argument, long, &mut rest)?;
            } else {
                options.read_short(argument, &mut rest)?;
            }
        }
        Ok(options)
    }

    /// Where the output of the URL with this number goes.
    pub fn output(&self, number: usize) -> OutputTo {
        self.outputs.get(number).cloned().unwrap_or_default()
    }

    fn read_long<'a>(
        &mut self,
        written: &str,
        name: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), OptionError> {
        let fault = |why| OptionError { option: written.to_owned(), why };
        let exact = TABLE.iter().find(|(_, long, _)| *long == name);
        // A prefix is enough when it means one option only.
        let mut begins = TABLE.iter().filter(|(_, long, _)| long.starts_with(name));
        let found = match (exact, begins.next(), begins.next()) {
            (Some(exact), ..) => exact,
            (None, Some(only), None) => only,
            (None, Some(_), Some(_)) => return Err(fault("is ambiguous")),
            (None, None, _) => match name.strip_prefix("no-").and_then(|name| TABLE.iter().find(|(_, long, _)| *long == name)) {
                Some((_, long, false)) => return self.set(long, "", false).map_err(fault),
                Some(_) => return Err(fault("used '--no-' for option that is not a boolean")),
                None => return Err(fault("is unknown")),
            },
        };
        let value = if found.2 { rest.next().ok_or_else(|| fault("requires parameter"))? } else { "" };
        self.set(found.1, value, true).map_err(fault)
    }

    /// `-sSo /dev/null`, `-m5`: letters run together up to one that takes a value.
    fn read_short<'a>(&mut self, written: &str, rest: &mut impl Iterator<Item = &'a String>) -> Result<(), OptionError> {
        let fault = |why| OptionError { option: written.to_owned(), why };
        for (at, letter) in written.char_indices().skip(1) {
            let &(_, long, takes_value) = TABLE.iter().find(|(short, ..)| *short == letter).ok_or_else(|| fault("is unknown"))?;
            if !takes_value {
                self.set(long, "", true).map_err(fault)?;
                continue;
            }
            let attached = written.get(at + letter.len_utf8()..).filter(|text| !text.is_empty());
            let value = match attached {
                Some(value) => value,
                None => rest.next().ok_or_else(|| fault("requires parameter"))?,
            };
            return self.set(long, value, true).map_err(fault);
        }
        Ok(())
    }

    /// Takes one option in. `on` is false for its `--no-` form.
    fn set(&mut self, name: &str, value: &str, on: bool) -> Result<(), &'static str> {
        match name {
            "silent" => self.silent = on,
            "show-error" => self.show_error = on,
            "verbose" => self.verbose = on,
            "include" => self.include = on,
            "head" => self.head = on,
            "fail" => self.fail = on,
            "fail-with-body" => self.fail_with_body = on,
            "fail-early" => self.fail_early = on,
            "location" => self.follow = on,
            "get" => self.get = on,
            "no-progress-meter" => self.no_meter = on,
            "ipv4" => self.only = Some(Only::V4),
            "ipv6" => self.only = Some(Only::V6),
            "version" => self.version = on,
            "help" => self.help = on,
            "remote-name" => self.outputs.push(OutputTo::RemoteName),
            "output" => self.outputs.push(if value == "-" { OutputTo::Stdout } else { OutputTo::File(value.to_owned()) }),
            "write-out" => self.write_out = Some(value.to_owned()),
            "request" => self.method = Some(value.to_owned()),
            "header" => self.headers.push(value.to_owned()),
            "user-agent" => self.user_agent = Some(value.to_owned()),
            "data" | "data-raw" | "data-binary" | "data-ascii" => self.add_data(value),
            "json" => {
                self.add_data(value);
                self.headers.extend(["Content-Type: application/json".to_owned(), "Accept: application/json".to_owned()]);
            }
            "max-time" => self.max_time = positive(seconds(value)?),
            "connect-timeout" => self.connect_timeout = positive(seconds(value)?),
            "retry-delay" => self.retry_delay = positive(seconds(value)?),
            "retry" => self.retries = number(value)?,
            "retry-connrefused" => self.retry_refused = on,
            "retry-all-errors" => self.retry_all = on,
            "max-redirs" => self.max_redirects = number(value)?.try_into().ok(),
            "resolve" => self.resolve.push(value.to_owned()),
            "url" => self.urls.push(value.to_owned()),
            // The others change nothing here: proxies, TLS and buffering are not modelled.
            _ => {}
        }
        Ok(())
    }

    fn add_data(&mut self, value: &str) {
        self.data = Some(match self.data.take() {
            Some(before) => format!("{before}&{value}"),
            None => value.to_owned(),
        });
    }
}

fn number(text: &str) -> Result<u32, &'static str> {
    match text.parse::<i64>() {
        Ok(number) => u32::try_from(number).map_err(|_| "expected a positive numerical parameter"),
        Err(_) => Err("expected a proper numerical parameter"),
    }
}

/// Decimal seconds; a century is as good as for ever.
fn seconds(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds.min(3.2e9)),
        Ok(_) => Err("expected a positive numerical parameter"),
        Err(_) => Err("expected a proper numerical parameter"),
    }
}

/// Zero means "no limit".
fn positive(seconds: f64) -> Option<Duration> {
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Options::read(&words).map_err(|error| error.text().lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn short_options_run_together_and_take_the_rest_as_value() {
        let options = read("-sSo /dev/null -m5 -w%{http_code} http://web").expect("good line");
        assert!(options.silent && options.show_error);
        assert_eq!(options.output(0), OutputTo::File("/dev/null".to_owned()));
        assert_eq!(options.max_time, Some(Duration::from_secs(5)));
        assert_eq!((options.write_out.as_deref(), options.urls.len()), (Some("%{http_code}"), 1));
    }

    #[test]
    fn a_fault_is_said_in_curls_words() {
        // src/tool_helpers.c, param2text.
        let first_line = |line| read(line).expect_err("bad line");
        assert_eq!(first_line("--foo"), "curl: option --foo: is unknown");
        assert_eq!(first_line("-sZ!"), "curl: option -sZ!: is unknown");
        assert_eq!(first_line("http://web -o"), "curl: option -o: requires parameter");
        assert_eq!(
            first_line("--connect-timeout abc x"),
            "curl: option --connect-timeout: expected a proper numerical parameter"
        );
        assert_eq!(first_line("--re x"), "curl: option --re: is ambiguous");
    }

    #[test]
    fn long_options_may_be_cut_short_and_turned_off() {
        let options = read("--connect-t 5 --no-silent http://web").expect("good line");
        assert_eq!((options.connect_timeout, options.silent), (Some(Duration::from_secs(5)), false));
    }
}
