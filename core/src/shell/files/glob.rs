//! Shell patterns: `*`, `?`, `[…]`. A backslash takes the next character literally.

use crate::shell::Process;

/// Whether the whole text matches the pattern. Linear in the text for each `*`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // The last star and the text position it has eaten up to: on a mismatch it eats one more.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() || at < pattern.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at + 1, from));
            at += 1;
            continue;
        }
        let step = text.get(from).and_then(|&character| one(&pattern, at, character));
        match (step, star) {
            (Some(next), _) => {
                at = next;
                from += 1;
            }
            (None, Some((after, eaten))) if eaten < text.len() => {
                star = Some((after, eaten + 1));
                at = after;
                from = eaten + 1;
            }
            _ => return false,
        }
    }
    true
}

/// Where the pattern goes on if its element at `at` matches the character.
fn one(pattern: &[char], at: usize, character: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => match set(pattern, at, character) {
            Some((end, inside)) => inside.then_some(end),
            None => (character == '[').then_some(at + 1),
        },
        '\\' => {
            let literal = pattern.get(at + 1).copied().unwrap_or('\\');
            (literal == character).then_some((at + 2).min(pattern.len()))
        }
        literal => (*literal == character).then_some(at + 1),
    }
}

/// The end of the bracket expression at `at`, and whether the character is in it; `None` if it is not closed.
fn set(pattern: &[char], at: usize, character: char) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(at + 1), Some('!' | '^'));
    let first = at + 1 + usize::from(negated);
    let (mut next, mut inside) = (first, false);
    loop {
        let current = *pattern.get(next)?;
        if current == ']' && next > first {
            return Some((next + 1, inside != negated));
        }
        if current == '['
            && pattern.get(next + 1) == Some(&':')
            && let Some((end, name)) = class_name(pattern, next + 2)
        {
            inside |= in_class(&name, character);
            next = end;
            continue;
        }
        let escaped = usize::from(current == '\\' && pattern.get(next + 1).is_some());
        let low = *pattern.get(next + escaped)?;
        next += escaped + 1;
        match (pattern.get(next), pattern.get(next + 1)) {
            (Some('-'), Some(&high)) if high != ']' => {
                inside |= (low..=high).contains(&character);
                next += 2;
            }
            _ => inside |= low == character,
        }
    }
}

/// The name in `[:name:]` and where the class ends.
fn class_name(pattern: &[char], start: usize) -> Option<(usize, String)> {
    let end = (start..pattern.len()).find(|&at| pattern.get(at) == Some(&':') && pattern.get(at + 1) == Some(&']'))?;
    Some((end + 2, pattern.get(start..end)?.iter().collect()))
}

/// POSIX character classes, for ASCII.
pub fn in_class(name: &str, character: char) -> bool {
    match name {
        "alpha" => character.is_alphabetic(),
        "digit" => character.is_ascii_digit(),
        "alnum" => character.is_alphanumeric(),
        "upper" => character.is_uppercase(),
        "lower" => character.is_lowercase(),
        "space" => character.is_whitespace(),
        "blank" => matches!(character, ' ' | '\t'),
        "punct" => character.is_ascii_punctuation(),
        "xdigit" => character.is_ascii_hexdigit(),
        "cntrl" => character.is_control(),
        "print" => !character.is_control(),
        "graph" => !character.is_control() && !character.is_whitespace(),
        _ => false,
    }
}

/// Whether a pattern has anything that is not literal.
pub fn is_pattern(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|character| {
        let live = !escaped && matches!(character, '*' | '?' | '[');
        escaped = character == '\\' && !escaped;
        live
    })
}

/// A pattern without its backslashes.
pub fn unescape(pattern: &str) -> String {
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    text
}

/// A pattern that names more paths than this (`/*/../*/../*…`) is taken to name none.
const MAX_PATHS: usize = 4_096;

pub(super) fn expand(process: &Process, pattern: &str) -> Vec<String> {
    let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
    let mut parts = pattern.split('/').filter(|part| !part.is_empty()).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        found = found.iter().flat_map(|parent| step(process, parent, part, last)).take(MAX_PATHS + 1).collect();
        if found.len() > MAX_PATHS {
            return Vec::new();
        }
    }
    if pattern.ends_with('/') {
        found.retain(|path| process.is_directory(path));
        found.iter_mut().for_each(|path| path.push('/'));
    }
    found
}

/// What one component of a pattern names below `parent`, which is empty or ends where a slash may be added.
fn step(process: &Process, parent: &str, part: &str, last: bool) -> Vec<String> {
    let join = |name: &str| match parent {
        "" => name.to_owned(),
        "/" => format!("/{name}"),
        _ => format!("{parent}/{name}"),
    };
    if !is_pattern(part) {
        let path = join(&unescape(part));
        return if process.exists(&path) { vec![path] } else { Vec::new() };
    }
    let names = process.list(if parent.is_empty() { "." } else { parent }).unwrap_or_default();
    names
        .iter()
        .filter(|name| (!name.starts_with('.') || part.starts_with('.')) && matches(part, name))
        .map(|name| join(name))
        .filter(|path| last || process.is_directory(path))
        .collect()
}
