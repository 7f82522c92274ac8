//! `test` and `[`: what they compare and how they complain.

use crate::shell::Process;

/// The truth of `test`'s arguments, or the message about what is wrong with them (exit 2).
pub fn evaluate(process: &Process, arguments: &[String]) -> Result<bool, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    by_count(process, &arguments)
}

/// POSIX decides by the number of arguments.
fn by_count(process: &Process, arguments: &[&str]) -> Result<bool, String> {
    match arguments {
        [] => Ok(false),
        [single] => Ok(!single.is_empty()),
        ["!", single] => Ok(single.is_empty()),
        [operator, operand] => unary(process, operator, operand).ok_or_else(|| format!("{operator}: unary operator expected")),
        [left, operator, right] if is_binary(operator) => binary(left, operator, right),
        ["!", rest @ ..] if rest.len() == 2 => by_count(process, rest).map(|holds| !holds),
        ["(", single, ")"] => Ok(!single.is_empty()),
        [_, operator, _] => Err(format!("{operator}: binary operator expected")),
        ["!", rest @ ..] if rest.len() == 3 => by_count(process, rest).map(|holds| !holds),
        _ => combined(process, arguments),
    }
}

/// `-a`, `-o` and parentheses between more than four arguments.
fn combined(process: &Process, arguments: &[&str]) -> Result<bool, String> {
    let split = |operator: &str| arguments.iter().rposition(|argument| *argument == operator);
    for (operator, decide) in [("-o", bool::max as fn(bool, bool) -> bool), ("-a", bool::min)] {
        if let Some(at) = split(operator).filter(|at| *at > 0)
            && let (Some(left), Some(right)) = (arguments.get(..at), arguments.get(at + 1..))
        {
            return Ok(decide(by_count(process, left)?, by_count(process, right)?));
        }
    }
    match arguments {
        ["(", inner @ .., ")"] => by_count(process, inner),
        _ => Err("too many arguments".to_owned()),
    }
}

/// `None` for an unknown operator.
pub(super) fn unary(process: &Process, operator: &str, operand: &str) -> Option<bool> {
    let stat = || process.stat(operand);
    Some(match operator {
        "-z" => operand.is_empty(),
        "-n" => !operand.is_empty(),
        "-e" | "-a" | "-r" | "-w" | "-O" | "-G" | "-N" => stat().is_some(),
        "-f" => stat().is_some_and(|stat| !stat.directory),
        "-d" => stat().is_some_and(|stat| stat.directory),
        "-s" => stat().is_some_and(|stat| stat.size > 0),
        "-x" => stat().is_some_and(|stat| stat.executable),
        "-b" | "-c" | "-g" | "-h" | "-k" | "-L" | "-p" | "-S" | "-u" => false,
        "-t" => match operand {
            "0" => process.stdin.is_terminal(),
            "1" => process.stdout.is_terminal(),
            "2" => process.stderr.is_terminal(),
            _ => false,
        },
        "-v" | "-o" | "-R" => false,
        _ => return None,
    })
}

fn is_binary(operator: &str) -> bool {
    matches!(
        operator,
        "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-a" | "-o" | "-nt" | "-ot" | "-ef"
    )
}

fn binary(left: &str, operator: &str, right: &str) -> Result<bool, String> {
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-a" => !left.is_empty() && !right.is_empty(),
        "-o" => !left.is_empty() || !right.is_empty(),
        "-nt" | "-ot" => false,
        "-ef" => left == right,
        _ => {
            return compare(operator, integer(left)?, integer(right)?)
                .ok_or_else(|| format!("{operator}: binary operator expected"));
        }
    })
}

fn integer(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("{text}: integer expression expected"))
}

/// `None` for an operator that does not compare numbers.
pub(super) fn compare(operator: &str, left: i64, right: i64) -> Option<bool> {
    Some(match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        "-ge" => left >= right,
        _ => return None,
    })
}
