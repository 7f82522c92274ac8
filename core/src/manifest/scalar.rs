//! What a scalar means: the rules of the YAML library in kubectl (goyaml.v2, a YAML 1.1 dialect), where `yes` is true, `010`
//! is eight, and a date stays a string. Input: one scalar's text. Knows nothing of documents or positions.

use serde_json::{Number, Value};

/// What a plain (unquoted) scalar resolves to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Value(Value),
    /// `<<`: as a key, the keys of its value are merged in.
    Merge,
    /// `.nan` or `.inf`, with the name that Go prints: JSON has no such number.
    NotFinite(&'static str),
}

pub(super) fn resolve_plain(text: &str) -> Scalar {
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::NotFinite("NaN"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::NotFinite("+Inf"),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::NotFinite("-Inf"),
        "<<" => return Scalar::Merge,
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    };
    Scalar::Value(value)
}

/// A number in Go's notation (`strconv.ParseInt` with base 0, underscores ignored) or a decimal fraction.
fn number(text: &str) -> Option<Number> {
    let first = text.bytes().next()?;
    if first == b'.' {
        return is_decimal(text).then(|| float(text)).flatten();
    }
    if !(first.is_ascii_digit() || first == b'+' || first == b'-') {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| is_decimal(&plain).then(|| float(&plain)).flatten())
}

fn integer(plain: &str) -> Option<Number> {
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain),
    };
    let magnitude = magnitude(digits)?;
    if negative {
        let value = i64::try_from(-i128::from(magnitude)).ok()?;
        return Some(value.into());
    }
    // A sign is only understood where the number is signed.
    if plain.starts_with('+') && magnitude > i64::MAX.cast_unsigned() {
        return None;
    }
    Some(magnitude.into())
}

/// Digits with Go's base prefix: `0x`, `0o` or a bare `0` for octal, `0b`.
fn magnitude(digits: &str) -> Option<u64> {
    let (base, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `from_str_radix` would accept a second sign.
    if rest.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(rest, base).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let all_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = if whole.is_empty() { !fraction.is_empty() } else { true };
    has_digits
        && all_digits(whole)
        && all_digits(fraction)
        && exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
}

/// A fraction without a remainder becomes an integer, because Go writes `1e3` into JSON as `1000`.
fn float(text: &str) -> Option<Number> {
    let value: f64 = text.parse().ok()?;
    // Beyond 2^53 an integral float no longer stands for one integer; Go switches to the exponent form at 1e21.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[allow(clippy::cast_possible_truncation)] // integral and within 2^53
        return Some((value as i64).into());
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Expectations from goyaml.v2's resolve table (sigs.k8s.io/yaml v1.4.0, resolve.go) and Go's strconv.
    #[test]
    fn plain_scalars_mean_what_kubectl_makes_of_them() {
        for (text, expected) in [
            ("yes", json!(true)),
            ("On", json!(true)),
            ("n", json!(false)),
            ("yEs", json!("yEs")),
            ("~", json!(null)),
            ("", json!(null)),
            ("80", json!(80)),
            ("-1", json!(-1)),
            ("+7", json!(7)),
            ("010", json!(8)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("089", json!(89)),
            ("1e3", json!(1000)),
            ("1.5", json!(1.5)),
            ("1.0", json!(1)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("2026-05-14", json!("2026-05-14")),
            ("10.0.0.0/8", json!("10.0.0.0/8")),
            ("12:30", json!("12:30")),
            ("-", json!("-")),
            ("0x", json!("0x")),
            ("--1", json!("--1")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ] {
            assert_eq!(resolve_plain(text), Scalar::Value(expected), "{text:?}");
        }
    }
}
