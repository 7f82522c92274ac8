//! Values as Go prints them, and Go's quoted strings.

use serde_json::{Number, Value};
use std::borrow::Cow;

/// One action's results: objects and lists as JSON, everything else bare, a space between.
pub(super) fn print(values: &[Cow<'_, Value>]) -> String {
    let texts: Vec<String> =
        values.iter().map(|value| if value.is_object() || value.is_array() { go_json(value) } else { go_value(value) }).collect();
    texts.join(" ")
}

/// `json.Marshal`: compact, keys sorted, `<`, `>` and `&` escaped.
pub(super) fn go_json(value: &Value) -> String {
    escape_html(&value.to_string())
}

/// Go's JSON encoder writes these so that the text is safe inside a script element; JSON text has them only in strings.
pub(crate) fn escape_html(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// `fmt.Sprint` of a decoded JSON value.
pub(crate) fn go_value(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => go_number(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}:{}", go_value(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// `%v` of a float: the shortest form, with an exponent below 1e-4 and from 1e21.
fn go_number(number: &Number) -> String {
    let float = match number.as_f64() {
        Some(float) if number.is_f64() => float,
        _ => return number.to_string(),
    };
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-4..1e21).contains(&magnitude) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

pub(super) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// `%#v`: how kubectl shows the object when a template fails on it.
pub fn go_syntax(value: &Value) -> String {
    let mut text = String::new();
    write_go_syntax(&mut text, value);
    text
}

fn write_go_syntax(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("interface {}(nil)"),
        Value::String(string) => text.push_str(&format!("{string:?}")),
        Value::Array(items) => {
            text.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_go_syntax(text, item);
            }
            text.push('}');
        }
        Value::Object(fields) => {
            text.push_str("map[string]interface {}{");
            for (index, (key, field)) in fields.iter().enumerate() {
                text.push_str(&format!("{}{key:?}:", if index > 0 { ", " } else { "" }));
                write_go_syntax(text, field);
            }
            text.push('}');
        }
        other => text.push_str(&go_value(other)),
    }
}

/// `strconv.Unquote` that also takes single quotes around a whole string. `None`: invalid syntax.
pub(super) fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    if !inner.contains(['\\', quote]) {
        return Some(inner.to_owned());
    }
    let mut bytes = Vec::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => unescape(&mut rest, quote, &mut bytes)?,
            c if c == quote => return None,
            c => bytes.extend(c.to_string().bytes()),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn unescape(rest: &mut std::str::Chars<'_>, quote: char, bytes: &mut Vec<u8>) -> Option<()> {
    let escaped = rest.next()?;
    let mut number = |first: Option<char>, count: usize, radix: u32| {
        let text: String = first.into_iter().chain(rest.by_ref().take(count)).collect();
        let complete = text.len() == count + usize::from(first.is_some()) && text.chars().all(|c| c.is_digit(radix));
        if complete { u32::from_str_radix(&text, radix).ok() } else { None }
    };
    match escaped {
        'a' => bytes.push(0x07),
        'b' => bytes.push(0x08),
        'f' => bytes.push(0x0c),
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        't' => bytes.push(b'\t'),
        'v' => bytes.push(0x0b),
        '\\' => bytes.push(b'\\'),
        c if c == quote => bytes.extend(c.to_string().bytes()),
        'x' => bytes.push(u8::try_from(number(None, 2, 16)?).ok()?),
        '0'..='7' => bytes.push(u8::try_from(number(Some(escaped), 2, 8)?).ok()?),
        'u' => bytes.extend(char::from_u32(number(None, 4, 16)?)?.to_string().bytes()),
        'U' => bytes.extend(char::from_u32(number(None, 8, 16)?)?.to_string().bytes()),
        _ => return None,
    }
    Some(())
}
