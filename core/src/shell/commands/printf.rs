//! `printf`

use crate::shell::{Process, escape};

/// A width beyond this is a mistake or an attack.
const MAX_WIDTH: usize = 1_000;

pub async fn run(process: Process) -> i32 {
    let printed = format(process.arguments());
    for message in &printed.errors {
        process.print_error(format!("{}: {message}\n", process.name())).await;
    }
    process.print(printed.text).await;
    i32::from(!printed.errors.is_empty())
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Printed {
    pub text: String,
    pub errors: Vec<String>,
}

/// The format is used again while arguments are left.
pub fn format(arguments: &[String]) -> Printed {
    let mut printed = Printed::default();
    let Some((format, rest)) = arguments.split_first() else {
        return printed;
    };
    let mut arguments = rest.iter().map(String::as_str);
    loop {
        let before = arguments.len();
        let stopped = once(format, &mut arguments, &mut printed);
        if stopped || arguments.len() == 0 || arguments.len() == before {
            return printed;
        }
    }
}

/// One pass over the format; true when `\c` ended it.
fn once<'a>(format: &str, arguments: &mut impl Iterator<Item = &'a str>, printed: &mut Printed) -> bool {
    let mut literal = String::new();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' {
            literal.push('\\');
            literal.extend(characters.next());
            continue;
        }
        if character != '%' {
            literal.push(character);
            continue;
        }
        if characters.peek() == Some(&'%') {
            characters.next();
            literal.push('%');
            continue;
        }
        printed.text.push_str(&escape::ansi_c(&core::mem::take(&mut literal)));
        let mut directive = Directive::default();
        let kind = loop {
            let Some(next) = characters.next() else {
                printed.errors.push(format!("`{format}': missing format character"));
                return true;
            };
            if !directive.accept(next, arguments) {
                break next;
            }
        };
        if directive.print(kind, arguments, printed) {
            return true;
        }
    }
    printed.text.push_str(&escape::ansi_c(&literal));
    false
}

#[derive(Default)]
struct Directive {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
}

impl Directive {
    /// Takes a flag, width or precision; false for anything else.
    fn accept<'a>(&mut self, next: char, arguments: &mut impl Iterator<Item = &'a str>) -> bool {
        match (next, &mut self.precision) {
            ('-', None) => self.left = true,
            ('0', None) if self.width == 0 => self.zero = true,
            ('+', None) => self.plus = true,
            (' ', None) => self.space = true,
            ('#' | 'l' | 'h', _) => {}
            ('.', None) => self.precision = Some(0),
            ('*', None) => self.width = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0).min(MAX_WIDTH),
            (digit @ '0'..='9', precision) => {
                let number = precision.as_mut().unwrap_or(&mut self.width);
                *number = (*number * 10 + digit as usize - '0' as usize).min(MAX_WIDTH);
            }
            _ => return false,
        }
        true
    }

    /// Prints one argument; true when `\c` in a `%b` ended the output.
    fn print<'a>(&self, kind: char, arguments: &mut impl Iterator<Item = &'a str>, printed: &mut Printed) -> bool {
        let argument = arguments.next();
        let text = argument.unwrap_or("");
        match kind {
            's' => printed.text.push_str(&self.pad(self.cut(text), false)),
            'b' => {
                let (text, stopped) = escape::echo(text);
                printed.text.push_str(&self.pad(self.cut(&text), false));
                return stopped;
            }
            'c' => printed.text.push_str(&self.pad(text.chars().take(1).collect(), false)),
            'q' => printed.text.push_str(&self.pad(quote(text), false)),
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
                let number = integer(text, argument.is_some(), &mut printed.errors);
                let mut digits = match kind {
                    'o' => format!("{number:o}"),
                    'x' => format!("{number:x}"),
                    'X' => format!("{number:X}"),
                    _ => number.to_string(),
                };
                if number >= 0 && kind == 'd' && (self.plus || self.space) {
                    digits.insert(0, if self.plus { '+' } else { ' ' });
                }
                printed.text.push_str(&self.pad(digits, true));
            }
            'f' | 'F' | 'e' | 'g' => {
                let number: f64 =
                    if text.is_empty() { 0.0 } else { text.parse().unwrap_or_else(|_| invalid(text, &mut printed.errors)) };
                let precision = self.precision.unwrap_or(6).min(100);
                printed.text.push_str(&self.pad(format!("{number:.precision$}"), true));
            }
            other => printed.errors.push(format!("`{other}': invalid format character")),
        }
        false
    }

    fn cut(&self, text: &str) -> String {
        match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        }
    }

    fn pad(&self, text: String, number: bool) -> String {
        let width = self.width;
        match (self.left, self.zero && number) {
            (true, _) => format!("{text:<width$}"),
            (false, false) => format!("{text:>width$}"),
            (false, true) => match text.strip_prefix('-') {
                Some(digits) => format!("-{digits:0>width$}", width = width.saturating_sub(1)),
                None => format!("{text:0>width$}"),
            },
        }
    }
}

fn integer(text: &str, given: bool, errors: &mut Vec<String>) -> i64 {
    if !given || text.is_empty() {
        return 0;
    }
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        return quoted.chars().next().map_or(0, |character| i64::from(u32::from(character)));
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |digits| (-1, digits));
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8),
        None => digits.parse(),
    };
    match parsed {
        Ok(number) => number.wrapping_mul(sign),
        Err(_) => {
            invalid::<i64>(text, errors);
            let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
            digits.get(..end).and_then(|number| number.parse::<i64>().ok()).unwrap_or(0).wrapping_mul(sign)
        }
    }
}

fn invalid<T: Default>(text: &str, errors: &mut Vec<String>) -> T {
    errors.push(format!("{text}: invalid number"));
    T::default()
}

fn quote(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=@%+,".contains(character);
    if text.is_empty() {
        return "''".to_owned();
    }
    text.chars().flat_map(|character| (!plain(character)).then_some('\\').into_iter().chain([character])).collect()
}
