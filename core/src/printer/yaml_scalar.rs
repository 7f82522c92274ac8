//! One string in YAML: plain, quoted or as a literal block, decided as libyaml's emitter does.

use std::cmp::Ordering;

/// Beyond this column a line is folded at the next space (libyaml's `best_width`).
const BEST_WIDTH: usize = 80;

pub(super) struct Context {
    /// Where the scalar begins.
    pub column: usize,
    /// Where its continuation lines begin.
    pub indent: usize,
    /// Keys stand on one line.
    pub key: bool,
}

pub(super) fn text(string: &str, context: &Context) -> String {
    let allowed = Allowed::analyse(string);
    if string.contains('\n') && allowed.block && !context.key {
        return literal(string, context.indent);
    }
    let wants_quotes = !string.contains('\n') && resolves_to_something_else(string);
    if !wants_quotes && allowed.plain && !string.is_empty() {
        return fold(string, context, |c| c.to_string());
    }
    if !wants_quotes && !string.contains('\n') && allowed.single {
        let inside = Context { column: context.column + 1, ..*context };
        return format!("'{}'", fold(string, &inside, |c| if c == '\'' { "''".to_owned() } else { c.to_string() }));
    }
    double_quoted(string, context)
}

/// Which styles can hold a string without changing it (`yaml_emitter_analyze_scalar`).
struct Allowed {
    plain: bool,
    single: bool,
    block: bool,
}

impl Allowed {
    fn analyse(string: &str) -> Self {
        let characters: Vec<char> = string.chars().collect();
        let is_blank = |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let indicator = characters.iter().enumerate().any(|(at, &c)| {
            let before = at.checked_sub(1).and_then(|before| characters.get(before));
            let followed_by_blank = is_blank(characters.get(at + 1));
            match c {
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => at == 0,
                '#' => at == 0 || is_blank(before),
                '-' | '?' => at == 0 && followed_by_blank,
                ':' => followed_by_blank,
                _ => false,
            }
        });
        let special = characters.iter().any(|&c| !is_printable(c));
        let space_before_break = string.contains(" \n");
        let space_after_break = string.contains("\n ");
        let outer_blank = string.starts_with([' ', '\n']) || string.ends_with([' ', '\n']);
        let document_marker = string.starts_with("---") || string.starts_with("...");
        let broken = special || space_before_break;
        Self {
            plain: !(indicator || broken || outer_blank || document_marker || string.contains('\n')),
            single: !(broken || space_after_break),
            block: !(broken || string.ends_with(' ')),
        }
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn literal(string: &str, indent: usize) -> String {
    let hint = if string.starts_with([' ', '\n']) { "2" } else { "" };
    let chomp = if !string.ends_with('\n') {
        "-"
    } else if string == "\n" || string.ends_with("\n\n") {
        "+"
    } else {
        ""
    };
    let mut text = format!("|{hint}{chomp}");
    for line in string.strip_suffix('\n').unwrap_or(string).split('\n') {
        text.push('\n');
        if !line.is_empty() {
            text.extend(std::iter::repeat_n(' ', indent));
            text.push_str(line);
        }
    }
    text
}

/// Writes characters, replacing a single space beyond the best width by a line break.
fn fold(string: &str, context: &Context, write: impl Fn(char) -> String) -> String {
    let (mut text, mut column, mut after_space) = (String::new(), context.column, false);
    let last = string.chars().count().saturating_sub(1);
    let mut characters = string.chars().enumerate().peekable();
    while let Some((at, c)) = characters.next() {
        let next_is_space = characters.peek().is_some_and(|&(_, next)| next == ' ');
        let inner = at > 0 && at < last;
        if c == ' ' && inner && !context.key && !after_space && column > BEST_WIDTH && !next_is_space {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', context.indent));
            column = context.indent;
        } else {
            let written = write(c);
            column += written.chars().count();
            text.push_str(&written);
        }
        after_space = c == ' ';
    }
    text
}

fn double_quoted(string: &str, context: &Context) -> String {
    let inside = Context { column: context.column + 1, ..*context };
    format!("\"{}\"", fold(string, &inside, escaped))
}

fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\0' => "\\0".to_owned(),
        '\u{7}' => "\\a".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        '\u{b}' => "\\v".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\r' => "\\r".to_owned(),
        '\u{1b}' => "\\e".to_owned(),
        c if is_printable(c) => c.to_string(),
        c if u32::from(c) <= 0xff => format!("\\x{:02X}", u32::from(c)),
        c if u32::from(c) <= 0xffff => format!("\\u{:04X}", u32::from(c)),
        c => format!("\\U{:08X}", u32::from(c)),
    }
}

/// Whether YAML 1.1 would read the bare string as null, a boolean, a number or a time (go-yaml's `resolve`).
fn resolves_to_something_else(string: &str) -> bool {
    const WORDS: &[&str] = &[
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no",
        "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf",
        "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", "<<",
    ];
    WORDS.contains(&string) || is_number(string) || is_timestamp(string) || is_base_60(string)
}

fn is_number(string: &str) -> bool {
    if !string.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return false;
    }
    let plain = string.replace('_', "");
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let radix = |prefixes: [&str; 2], radix: u32| {
        let digits = prefixes.iter().find_map(|prefix| unsigned.strip_prefix(prefix));
        digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    if radix(["0x", "0X"], 16) || radix(["0b", "0B"], 2) || radix(["0o", "0O"], 8) {
        return true;
    }
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_digits = exponent.get(1..).map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    mantissa_fits && exponent_digits.is_none_or(|text| !text.is_empty() && digits(text))
}

/// `2026-5-1` alone or followed by a time of day.
fn is_timestamp(string: &str) -> bool {
    let mut parts = string.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let day_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at(day_end);
    let short = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let time_fits = time.is_empty() || (time.starts_with(['T', 't', ' ']) && time.matches(':').count() >= 2);
    year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && short(month) && short(day) && time_fits
}

/// `12:30:45`, which YAML 1.1 reads in base 60.
fn is_base_60(string: &str) -> bool {
    let unsigned = string.strip_prefix(['+', '-']).unwrap_or(string);
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default();
    let first_fits =
        first.starts_with(|c: char| c.is_ascii_digit()) && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let rest: Vec<&str> = parts.collect();
    let minute = |text: &str| match text.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    };
    let last = rest.last().map(|last| last.split('.').next().unwrap_or_default());
    let leading = rest.len().saturating_sub(1);
    first_fits && last.is_some_and(minute) && rest.iter().take(leading).all(|part| minute(part))
}

/// go-yaml's `keyList.Less`: letters after other characters, runs of digits by value.
pub(super) fn key_order(left: &str, right: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(x, y)| x != y) else { return a.len().cmp(&b.len()) };
    let (Some(&x), Some(&y)) = (a.get(at), b.get(at)) else { return Ordering::Equal };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let run = |text: &[char]| text.iter().skip(at).take_while(|c| c.is_ascii_digit()).count();
    // After a digit that counts, a zero is part of the number before it.
    let within_number = (x == '0' || y == '0') && a.iter().take(at).rev().take_while(|c| c.is_ascii_digit()).any(|&c| c != '0');
    let value = |text: &[char]| {
        let digits = text.iter().skip(at).take_while(|c| c.is_ascii_digit()).filter_map(|c| c.to_digit(10));
        digits.fold(u64::from(within_number), |value, digit| value.saturating_mul(10).saturating_add(u64::from(digit)))
    };
    value(&a).cmp(&value(&b)).then(run(&a).cmp(&run(&b))).then(x.cmp(&y))
}
