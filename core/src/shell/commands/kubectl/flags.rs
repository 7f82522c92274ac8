//! Flags as pflag reads them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-it`, anywhere before `--`.

/// What every verb takes. `name`, `name/short`; `=` takes a value, `=x` takes one only after `=` and is `x` without;
/// `!` before a name: real kubectl has it, the simulator does not.
const GLOBAL: &str = "help/h namespace/n= !as= !as-group= !as-uid= !cache-dir= !certificate-authority= !client-certificate= \
    !client-key= !cluster= !context= !disable-compression !insecure-skip-tls-verify !kubeconfig= !kuberc= \
    !log-flush-frequency= !match-server-version !password= !profile= !profile-output= !request-timeout= !server/s= \
    !tls-server-name= !token= !user= !username= !v/v= !vmodule= !warnings-as-errors";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    /// The value when none is given.
    Optional(&'static str),
}

#[derive(Clone, Debug)]
struct Flag {
    name: &'static str,
    short: Option<char>,
    takes: Takes,
    modelled: bool,
}

/// A parsed command line.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    given: Vec<(&'static str, String)>,
    /// Everything that is no flag, in order.
    pub arguments: Vec<String>,
    /// How many arguments stood before `--`.
    pub before_dash: Option<usize>,
    /// Flags that real kubectl would heed.
    pub unmodelled: Vec<&'static str>,
}

impl Flags {
    /// Reads arguments after the verb. The error is pflag's.
    pub fn parse(specification: &'static str, arguments: &[String]) -> Result<Self, String> {
        let known: Vec<Flag> = specification.split_whitespace().chain(GLOBAL.split_whitespace()).map(flag).collect();
        let mut flags = Flags::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                flags.before_dash = Some(flags.arguments.len());
                flags.arguments.extend(rest.by_ref().cloned());
            } else if let Some(long) = argument.strip_prefix("--") {
                flags.long(&known, long, &mut rest)?;
            } else if argument.starts_with('-') && argument.len() > 1 {
                flags.short(&known, argument, &mut rest)?;
            } else {
                flags.arguments.push(argument.clone());
            }
        }
        Ok(flags)
    }

    fn long<'a>(&mut self, known: &[Flag], text: &str, rest: &mut impl Iterator<Item = &'a String>) -> Result<(), String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("bad flag syntax: --{text}"));
        }
        let flag = known.iter().find(|flag| flag.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match (value, &flag.takes) {
            (Some(value), _) => value.to_owned(),
            (None, Takes::Nothing) => "true".to_owned(),
            (None, Takes::Optional(value)) => (*value).to_owned(),
            (None, Takes::Value) => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, value)
    }

    fn short<'a>(&mut self, known: &[Flag], argument: &str, rest: &mut impl Iterator<Item = &'a String>) -> Result<(), String> {
        let group = argument.strip_prefix('-').unwrap_or_default();
        let mut letters = group.chars();
        while let Some(letter) = letters.next() {
            let flag = known.iter().find(|flag| flag.short == Some(letter));
            let flag = flag.ok_or_else(|| format!("unknown shorthand flag: '{letter}' in {argument}"))?;
            let attached = letters.as_str();
            let value = match (attached.strip_prefix('='), &flag.takes) {
                (Some(value), _) => value.to_owned(),
                (None, Takes::Nothing) => {
                    self.set(flag, "true".to_owned())?;
                    continue;
                }
                (None, Takes::Optional(value)) => {
                    self.set(flag, (*value).to_owned())?;
                    continue;
                }
                (None, Takes::Value) if !attached.is_empty() => attached.to_owned(),
                (None, Takes::Value) => {
                    rest.next().cloned().ok_or_else(|| format!("flag needs an argument: '{letter}' in {argument}"))?
                }
            };
            return self.set(flag, value);
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: String) -> Result<(), String> {
        if flag.takes == Takes::Nothing && parse_bool(&value).is_none() {
            let shown = flag.short.map_or(format!("--{}", flag.name), |short| format!("-{short}, --{}", flag.name));
            return Err(format!(
                "invalid argument {value:?} for {shown:?} flag: strconv.ParseBool: parsing {value:?}: invalid syntax"
            ));
        }
        if !flag.modelled {
            self.unmodelled.push(flag.name);
        }
        self.given.push((flag.name, value));
        Ok(())
    }

    /// The last value given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// Every value given.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a switch is on.
    pub fn has(&self, name: &str) -> bool {
        self.switch(name, false)
    }

    pub fn switch(&self, name: &str, otherwise: bool) -> bool {
        self.value(name).and_then(parse_bool).unwrap_or(otherwise)
    }

    /// A number; the error is pflag's.
    pub fn number(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let error =
            |_| format!("invalid argument {value:?} for \"--{name}\" flag: strconv.ParseInt: parsing {value:?}: invalid syntax");
        value.parse().map(Some).map_err(error)
    }

    /// Arguments after `--`.
    pub fn after_dash(&self) -> &[String] {
        self.before_dash.and_then(|count| self.arguments.get(count..)).unwrap_or_default()
    }
}

/// Go's `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn flag(text: &'static str) -> Flag {
    let (text, modelled) = text.strip_prefix('!').map_or((text, true), |text| (text, false));
    let (head, takes) = match text.split_once('=') {
        None => (text, Takes::Nothing),
        Some((head, "")) => (head, Takes::Value),
        Some((head, otherwise)) => (head, Takes::Optional(otherwise)),
    };
    let (name, short) = head.split_once('/').map_or((head, None), |(name, short)| (name, short.chars().next()));
    Flag { name, short, takes, modelled }
}

/// Finds the words of the verb among global flags that may stand before it: the words up to the next flag, and all the rest.
pub(super) fn split_verb(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    let takes_value = |argument: &str| {
        let mut known = GLOBAL.split_whitespace().map(flag).filter(|flag| flag.takes == Takes::Value);
        let name = argument.trim_start_matches('-');
        known.any(|flag| flag.name == name || (argument.len() == 2 && flag.short.map(String::from).as_deref() == Some(name)))
    };
    let mut before = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next_if(|argument| argument.starts_with('-')) {
        before.push(argument.clone());
        if takes_value(argument) {
            before.extend(rest.next().cloned());
        }
    }
    let mut words = Vec::new();
    while let Some(word) = rest.next_if(|argument| !argument.starts_with('-')) {
        words.push(word.clone());
    }
    before.extend(rest.cloned());
    (words, before)
}
