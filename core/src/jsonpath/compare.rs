//! A filter's comparison, as Go's template functions do it: no conversion between kinds of values.

use super::Error;
use serde_json::Value;
use std::cmp::Ordering;

pub(super) fn compare(operator: &str, left: &Value, right: &Value) -> Result<bool, Error> {
    match operator {
        "==" => Ok(order(left, right)? == Some(Ordering::Equal)),
        "!=" => Ok(order(left, right)? != Some(Ordering::Equal)),
        "<" | "<=" | ">" | ">=" => {
            // Go orders neither booleans; asking is an error of its own.
            if left.is_boolean() && right.is_boolean() {
                return invalid_type();
            }
            let order = order(left, right)?;
            Ok(match operator {
                "<" => order == Some(Ordering::Less),
                "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                // Go computes these as "neither less nor equal" and "not less".
                ">" => !matches!(order, Some(Ordering::Less | Ordering::Equal)),
                _ => order != Some(Ordering::Less),
            })
        }
        "=~" => Err(Error("hoplab does not simulate regular expressions in JSONPath filters".to_owned())),
        _ => Err(Error(format!("unrecognized filter operator {operator}"))),
    }
}

fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, Error> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(Some(left.cmp(right))),
        (Value::Bool(left), Value::Bool(right)) => Ok(Some(left.cmp(right))),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Ok(Some(left.cmp(&right))),
            (None, None) => Ok(left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right))),
            _ => Err(Error("incompatible types for comparison".to_owned())),
        },
        (Value::Null | Value::Array(_) | Value::Object(_), _) | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            invalid_type()
        }
        _ => Err(Error("incompatible types for comparison".to_owned())),
    }
}

fn invalid_type<T>() -> Result<T, Error> {
    Err(Error("invalid type for comparison".to_owned()))
}
