//! Parameter expansion.

use super::fields::Piece;
use super::{Boxed, Flow, Shell};
use crate::shell::files::{matches, unescape};
use crate::shell::grammar::{Operation, Parameter, ReplacePlace, Word};

impl Shell {
    pub(super) fn expand_parameter<'a>(
        &'a mut self,
        parameter: &'a Parameter,
        quoted: bool,
    ) -> Boxed<'a, Result<Vec<Piece>, Flow>> {
        Box::pin(async move {
            let name = parameter.name.as_str();
            let whole = matches!(parameter.operation, Operation::Value);
            if whole && (name == "@" || name == "*") {
                return Ok(self.all_positional(name == "@", quoted));
            }
            let value = self.parameter_value(name);
            let (pieces, word) = match &parameter.operation {
                Operation::Default { colon, word } if is_missing(&value, *colon) => (None, Some(word)),
                Operation::Alternative { colon, word } if !is_missing(&value, *colon) => (None, Some(word)),
                Operation::Alternative { .. } => (Some(String::new()), None),
                _ => (Some(self.operate(parameter, value).await?), None),
            };
            match (pieces, word) {
                (_, Some(word)) => self.word_in_place(word, quoted).await,
                (text, None) => {
                    let text = text.unwrap_or_default();
                    Ok(vec![if quoted { Piece::Quoted(text) } else { Piece::Expanded(text) }])
                }
            }
        })
    }

    /// The word of `${A:-word}` stands where the parameter stood: unquoted text of it is split.
    async fn word_in_place(&mut self, word: &Word, quoted: bool) -> Result<Vec<Piece>, Flow> {
        let pieces = self.pieces(word).await?;
        if quoted && pieces.is_empty() {
            return Ok(vec![Piece::Quoted(String::new())]);
        }
        let in_place = |piece| match piece {
            Piece::Literal(text) if !quoted => Piece::Expanded(text),
            Piece::Literal(text) | Piece::Expanded(text) if quoted => Piece::Quoted(text),
            other => other,
        };
        Ok(pieces.into_iter().map(in_place).collect())
    }

    async fn operate(&mut self, parameter: &Parameter, value: Option<String>) -> Result<String, Flow> {
        let name = parameter.name.as_str();
        match &parameter.operation {
            Operation::Assign { colon, word } if is_missing(&value, *colon) => {
                let text = self.expand_text(word).await?;
                if self.set(name, text.clone()).await { Ok(text) } else { self.abort(1) }
            }
            Operation::Error { colon, word } if is_missing(&value, *colon) => {
                let mut message = self.expand_text(word).await?;
                if message.is_empty() {
                    message = if *colon { "parameter null or not set" } else { "parameter not set" }.to_owned();
                }
                self.complain(&format!("{name}: {message}")).await;
                self.fail(if self.is_at_terminal() { 1 } else { 127 })
            }
            Operation::Bad => {
                self.complain(&format!("{}: bad substitution", parameter.text)).await;
                self.fail(1)
            }
            _ if value.is_none() && self.options.nounset && !matches!(name, "@" | "*") && !parameter.operation.allows_unset() => {
                self.complain(&format!("{name}: unbound variable")).await;
                self.fail(if self.is_at_terminal() { 1 } else { 127 })
            }
            operation => self.transform(operation, name, value.unwrap_or_default()).await,
        }
    }

    async fn transform(&mut self, operation: &Operation, name: &str, value: String) -> Result<String, Flow> {
        Ok(match operation {
            Operation::Length if matches!(name, "@" | "*") => self.positional.len().to_string(),
            Operation::Length => value.chars().count().to_string(),
            Operation::RemovePrefix { longest, pattern } => {
                let pattern = self.cutting_pattern(pattern, &value).await?;
                let cut = find_cut(&value, *longest, |at| value.get(..at).is_some_and(|head| matches(&pattern, head)));
                cut.and_then(|at| value.get(at..)).unwrap_or(&value).to_owned()
            }
            Operation::RemoveSuffix { longest, pattern } => {
                let pattern = self.cutting_pattern(pattern, &value).await?;
                let cut = find_cut(&value, !longest, |at| value.get(at..).is_some_and(|tail| matches(&pattern, tail)));
                cut.and_then(|at| value.get(..at)).unwrap_or(&value).to_owned()
            }
            Operation::Replace { place, pattern, with } => {
                let pattern = self.expand_pattern(pattern).await?;
                let with = self.expand_text(with).await?;
                let most = if *place == ReplacePlace::All { most_matches(&value, &pattern) } else { 1 };
                self.check_size(value.len().saturating_add(most.saturating_mul(with.len()))).await?;
                replace(&value, *place, &pattern, &with)
            }
            Operation::Substring { offset, length } => self.substring(&value, offset, length.as_ref()).await?,
            Operation::Case { upper, all } => change_case(&value, *upper, *all),
            Operation::Value
            | Operation::Default { .. }
            | Operation::Assign { .. }
            | Operation::Alternative { .. }
            | Operation::Error { .. }
            | Operation::Bad => value,
        })
    }

    /// The pattern of `${A#…}` and `${A%…}`. It is matched at every place of the value, which a long one makes too much work.
    async fn cutting_pattern(&mut self, pattern: &Word, value: &str) -> Result<String, Flow> {
        let pattern = self.expand_pattern(pattern).await?;
        if value.len() > MAX_CUT {
            self.process.print_error(format!("hoplab: only values of up to {MAX_CUT} bytes are cut by patterns\n")).await;
            return self.abort(1);
        }
        Ok(pattern)
    }

    async fn substring(&mut self, value: &str, offset: &Word, length: Option<&Word>) -> Result<String, Flow> {
        let characters: Vec<char> = value.chars().collect();
        let count = i64::try_from(characters.len()).unwrap_or(i64::MAX);
        let text = self.expand_text(offset).await?;
        let offset = self.calculate_or_abort(&text).await?;
        let start = if offset < 0 { count.saturating_add(offset) } else { offset };
        let end = match length {
            None => count,
            Some(length) => {
                let text = self.expand_text(length).await?;
                let length = self.calculate_or_abort(&text).await?;
                if length < 0 { count.saturating_add(length) } else { start.saturating_add(length) }
            }
        };
        if start < 0 || end < start {
            return Ok(String::new());
        }
        let (start, length) = (usize::try_from(start).unwrap_or(usize::MAX), usize::try_from(end - start).unwrap_or(usize::MAX));
        Ok(characters.into_iter().skip(start).take(length).collect())
    }

    /// `$@` and `$*`.
    fn all_positional(&self, separate: bool, quoted: bool) -> Vec<Piece> {
        if quoted && !separate {
            let separator = self.value("IFS").map_or(Some(' '), |separators| separators.chars().next());
            return vec![Piece::Quoted(self.positional.join(&separator.map(String::from).unwrap_or_default()))];
        }
        let mut pieces = Vec::new();
        for (at, value) in self.positional.iter().enumerate() {
            if at > 0 {
                pieces.push(Piece::Break);
            }
            pieces.push(if quoted { Piece::Quoted(value.clone()) } else { Piece::Expanded(value.clone()) });
        }
        pieces
    }

    fn parameter_value(&self, name: &str) -> Option<String> {
        Some(match name {
            "?" => self.status.to_string(),
            "#" => self.positional.len().to_string(),
            "@" | "*" => self.positional.join(" "),
            "$" => self.process_id().to_string(),
            "!" => self.background.last_pid()?.to_string(),
            "-" => self.option_letters(),
            "0" => self.name.clone(),
            "RANDOM" => self.random().to_string(),
            "SECONDS" => "0".to_owned(),
            "LINENO" => self.line.to_string(),
            "PWD" => self.process.directory.clone(),
            digits if digits.starts_with(|first: char| first.is_ascii_digit()) => {
                let at: usize = digits.parse().ok()?;
                self.positional.get(at.checked_sub(1)?)?.clone()
            }
            variable => self.value(variable)?.to_owned(),
        })
    }

    /// The same for the same moment and step: the simulator is deterministic.
    fn random(&self) -> u64 {
        crate::rng::hash(self.process.now().micros(), &self.steps.to_le_bytes()) % 32_768
    }

    pub(super) fn process_id(&self) -> usize {
        1_000 + self.process.level
    }

    fn option_letters(&self) -> String {
        let options = [
            ('e', self.options.errexit),
            ('f', self.options.noglob),
            ('u', self.options.nounset),
            ('x', self.options.xtrace),
            ('i', self.is_at_terminal()),
        ];
        options.into_iter().filter(|(_, on)| *on).map(|(letter, _)| letter).collect()
    }

    pub(super) fn is_at_terminal(&self) -> bool {
        self.origin == super::Origin::Terminal
    }

    fn fail<T>(&mut self, status: i32) -> Result<T, Flow> {
        self.status = status;
        Err(if self.is_at_terminal() { Flow::Abort } else { Flow::Exit })
    }
}

impl Operation {
    fn allows_unset(&self) -> bool {
        matches!(self, Operation::Default { .. } | Operation::Alternative { .. } | Operation::Assign { .. })
    }
}

fn is_missing(value: &Option<String>, colon: bool) -> bool {
    value.as_ref().is_none_or(|value| colon && value.is_empty())
}

/// The first (or, with `from_end`, the last) character boundary at which `fits` holds.
fn find_cut(text: &str, from_end: bool, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let mut boundaries = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    if from_end {
        let all: Vec<usize> = boundaries.collect();
        return all.into_iter().rev().find(|&at| fits(at));
    }
    boundaries.find(|&at| fits(at))
}

/// Cutting is quadratic in the value's length.
const MAX_CUT: usize = 8_192;
/// Longer values are compared at their ends only: matching everywhere is quadratic.
const MAX_REPLACE: usize = 1_024;

/// Exact for plain text; where characters are live, at most one for each character that is looked at.
fn most_matches(value: &str, pattern: &str) -> usize {
    if crate::shell::files::is_pattern(pattern) {
        value.len().min(MAX_REPLACE)
    } else {
        value.matches(&unescape(pattern)).count()
    }
}

fn replace(value: &str, place: ReplacePlace, pattern: &str, with: &str) -> String {
    if pattern.is_empty() {
        return value.to_owned();
    }
    if !crate::shell::files::is_pattern(pattern) {
        let literal = unescape(pattern);
        return match place {
            ReplacePlace::First => value.replacen(&literal, with, 1),
            ReplacePlace::All => value.replace(&literal, with),
            ReplacePlace::Start => value.strip_prefix(&literal).map_or(value.to_owned(), |rest| format!("{with}{rest}")),
            ReplacePlace::End => value.strip_suffix(&literal).map_or(value.to_owned(), |rest| format!("{rest}{with}")),
        };
    }
    if place == ReplacePlace::End {
        let cut = find_cut(value, false, |at| value.get(at..).is_some_and(|tail| matches(pattern, tail)));
        return cut.and_then(|at| value.get(..at)).map_or(value.to_owned(), |head| format!("{head}{with}"));
    }
    let mut result = String::new();
    let mut rest = value;
    while !rest.is_empty() && rest.len() <= MAX_REPLACE {
        let end = find_cut(rest, true, |at| at > 0 && rest.get(..at).is_some_and(|head| matches(pattern, head)));
        let Some((_, tail)) = end.and_then(|at| rest.split_at_checked(at)) else {
            if place == ReplacePlace::Start {
                break;
            }
            let mut characters = rest.chars();
            result.extend(characters.next());
            rest = characters.as_str();
            continue;
        };
        result.push_str(with);
        rest = tail;
        if place != ReplacePlace::All {
            break;
        }
    }
    result + rest
}

fn change_case(value: &str, upper: bool, all: bool) -> String {
    let change = |character: char| -> String {
        if upper { character.to_uppercase().collect() } else { character.to_lowercase().collect() }
    };
    let characters = value.chars().enumerate();
    characters.map(|(at, character)| if all || at == 0 { change(character) } else { character.to_string() }).collect()
}
