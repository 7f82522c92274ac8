//! `awk`: `[/pattern/] { print $1, "text", NF }` and `-F`. Anything else is refused honestly.

use super::lines::Lines;
use super::options;
use crate::shell::regex::Regex;
use crate::shell::{Process, escape};

struct Rule {
    condition: Option<Condition>,
    /// What `print` prints, joined by blanks where commas stood; no items print the line.
    items: Vec<Vec<Item>>,
}

enum Condition {
    Match(Regex),
    /// `NR==2`, `NR>1`
    Row(core::cmp::Ordering, bool, usize),
}

enum Item {
    Field(usize),
    LastField,
    Fields,
    Row,
    Text(String),
}

pub async fn run(process: Process) -> i32 {
    let Some(mut options) = options::parse_leading(&process, "F:v:", &[("field-separator", 'F')]).await else { return 2 };
    if options.operands.is_empty() {
        process.print_error("usage: awk [-F fs] 'program' [file ...]\n").await;
        return 2;
    }
    let program = options.operands.remove(0);
    let Some(rule) = parse(&program) else {
        process.print_error("hoplab: this awk program is not simulated; try awk '{print $1}' or cut\n").await;
        return 2;
    };
    let separator = options.value('F').map(escape::ansi_c);
    let mut lines = Lines::new(&process, &options.operands);
    let mut row = 0;
    while let Some((_, line)) = lines.next().await {
        row += 1;
        if rule.applies(&line.text, row) {
            process.print(format!("{}\n", rule.print(&line.text, row, separator.as_deref()))).await;
        }
    }
    if lines.failed { 2 } else { 0 }
}

impl Rule {
    fn applies(&self, line: &str, row: usize) -> bool {
        match &self.condition {
            None => true,
            Some(Condition::Match(regex)) => regex.find(line).is_some(),
            Some(Condition::Row(order, or_equal, number)) => row.cmp(number) == *order || (*or_equal && row == *number),
        }
    }

    fn print(&self, line: &str, row: usize, separator: Option<&str>) -> String {
        if self.items.is_empty() {
            return line.to_owned();
        }
        let fields: Vec<&str> = match separator {
            None | Some(" ") => line.split_whitespace().collect(),
            Some(separator) => line.split(separator).collect(),
        };
        let field = |number: usize| fields.get(number.wrapping_sub(1)).copied().unwrap_or_default().to_owned();
        let text = |item: &Item| match item {
            Item::Field(0) => line.to_owned(),
            Item::Field(number) => field(*number),
            Item::LastField => field(fields.len()),
            Item::Fields => fields.len().to_string(),
            Item::Row => row.to_string(),
            Item::Text(text) => text.clone(),
        };
        let joined: Vec<String> = self.items.iter().map(|items| items.iter().map(text).collect()).collect();
        joined.join(" ")
    }
}

fn parse(program: &str) -> Option<Rule> {
    let program = program.trim();
    let (pattern, body) = match program.find('{') {
        Some(at) => (program.get(..at)?.trim(), program.get(at + 1..)?.trim().strip_suffix('}')?.trim()),
        None => (program, "print"),
    };
    let body = body.trim_end_matches(';').trim();
    let arguments = body.strip_prefix("print").filter(|rest| rest.is_empty() || rest.starts_with([' ', '$', '"']))?;
    let items = split_commas(arguments)?.into_iter().map(parse_items).collect::<Option<Vec<_>>>()?;
    Some(Rule { condition: if pattern.is_empty() { None } else { Some(parse_condition(pattern)?) }, items })
}

fn parse_condition(pattern: &str) -> Option<Condition> {
    if let Some(regex) = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        return Regex::extended(regex, false).ok().map(Condition::Match);
    }
    let rest = pattern.strip_prefix("NR")?.trim();
    let operators = [
        ("==", core::cmp::Ordering::Equal, true),
        (">=", core::cmp::Ordering::Greater, true),
        ("<=", core::cmp::Ordering::Less, true),
        (">", core::cmp::Ordering::Greater, false),
        ("<", core::cmp::Ordering::Less, false),
    ];
    operators.into_iter().find_map(|(text, order, or_equal)| {
        let number = rest.strip_prefix(text)?.trim().parse().ok()?;
        Some(Condition::Row(order, or_equal, number))
    })
}

/// Splits at commas outside quotes.
fn split_commas(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    let mut parts = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => quoted = !quoted,
            ',' if !quoted => {
                parts.push(text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    parts.push(text.get(start..)?);
    (!quoted).then_some(parts)
}

/// Items that stand side by side are joined: `$1 ":" $2`.
fn parse_items(text: &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (item, after) = parse_item(rest)?;
        items.push(item);
        rest = after.trim_start();
    }
    (!items.is_empty()).then_some(items)
}

fn parse_item(text: &str) -> Option<(Item, &str)> {
    if let Some(rest) = text.strip_prefix("$NF") {
        return Some((Item::LastField, rest));
    }
    if let Some(rest) = text.strip_prefix("NF") {
        return Some((Item::Fields, rest));
    }
    if let Some(rest) = text.strip_prefix("NR") {
        return Some((Item::Row, rest));
    }
    if let Some(rest) = text.strip_prefix('$') {
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        return Some((Item::Field(rest.get(..end)?.parse().ok()?), rest.get(end..)?));
    }
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.char_indices().find(|(_, character)| {
        let closes = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes
    })?;
    Some((Item::Text(escape::ansi_c(inner.get(..end.0)?)), inner.get(end.0 + 1..)?))
}
