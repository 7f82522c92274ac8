//! Backslash sequences, as `$'…'`, `echo -e` and `printf` read them.

/// The text of `$'…'`: `\n`, `\t`, `\x41`, `\101`, `\u2713` …
pub fn ansi_c(raw: &str) -> String {
    let mut text = String::new();
    let mut rest = raw.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let Some(kind) = rest.next() else {
            text.push('\\');
            break;
        };
        match kind {
            '0'..='7' => push_code(&mut text, digits(&mut rest, 8, 2, kind.to_digit(8).unwrap_or(0)).1),
            'x' => push_digits(&mut text, &mut rest, 'x', 2),
            'u' => push_digits(&mut text, &mut rest, 'u', 4),
            'U' => push_digits(&mut text, &mut rest, 'U', 8),
            '\'' | '"' | '?' => text.push(kind),
            _ => push_simple(&mut text, kind),
        }
    }
    text
}

/// The text that `echo -e` and `printf '%b'` print, and whether `\c` ended the output.
pub fn echo(raw: &str) -> (String, bool) {
    let mut text = String::new();
    let mut rest = raw.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            None => text.push('\\'),
            Some('c') => return (text, true),
            Some('0') => push_code(&mut text, digits(&mut rest, 8, 3, 0).1),
            Some('x') => push_digits(&mut text, &mut rest, 'x', 2),
            Some('u') => push_digits(&mut text, &mut rest, 'u', 4),
            Some('U') => push_digits(&mut text, &mut rest, 'U', 8),
            Some(kind) => push_simple(&mut text, kind),
        }
    }
    (text, false)
}

type Characters<'a> = core::iter::Peekable<core::str::Chars<'a>>;

/// A code of up to `most` digits, and how many there were.
fn digits(rest: &mut Characters<'_>, radix: u32, most: usize, mut code: u32) -> (usize, u32) {
    let mut read = 0;
    while read < most
        && let Some(digit) = rest.peek().and_then(|next| next.to_digit(radix))
    {
        code = code.wrapping_mul(radix).wrapping_add(digit);
        rest.next();
        read += 1;
    }
    (read, code)
}

fn push_digits(text: &mut String, rest: &mut Characters<'_>, kind: char, most: usize) {
    match digits(rest, 16, most, 0) {
        (0, _) => text.extend(['\\', kind]),
        (_, code) => push_code(text, code),
    }
}

fn push_code(text: &mut String, code: u32) {
    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
}

fn push_simple(text: &mut String, kind: char) {
    match kind {
        'a' => text.push('\u{7}'),
        'b' => text.push('\u{8}'),
        'e' | 'E' => text.push('\u{1b}'),
        'f' => text.push('\u{c}'),
        'n' => text.push('\n'),
        'r' => text.push('\r'),
        't' => text.push('\t'),
        'v' => text.push('\u{b}'),
        '\\' => text.push('\\'),
        other => text.extend(['\\', other]),
    }
}
