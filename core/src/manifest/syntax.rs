//! Why a text is not YAML, in the words of kubectl's YAML library, with the place where it really is and how to repair it.
//! Input: the parser's complaint and the document's text. Knows nothing of Kubernetes kinds.

use crate::diagnostic::Position;
use saphyr_parser::ScanError;

/// A document that cannot be read. `position` counts from the document's first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub position: Option<Position>,
    /// What follows `error converting YAML to JSON: ` in kubectl's message.
    pub message: String,
    pub hint: Option<String>,
}

const MISSING_COLON: &str = "could not find expected ':'";

/// Which half of the library complains; they count lines differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Scanner,
    Parser,
}

impl SyntaxError {
    /// `message` without `yaml: `, at `position`; kubectl names no line for errors of this kind.
    pub fn plain(position: Option<Position>, message: &str) -> Self {
        Self { position, message: format!("yaml: {message}"), hint: None }
    }

    pub fn from_scan(error: &ScanError, document: &str) -> Self {
        let marker = error.marker();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let position = Position { line: count(marker.line()).max(1), column: count(marker.col()).saturating_add(1) };
        if error.info().contains("unknown anchor") {
            let name = alias_name(document, position);
            return Self::plain(Some(position), &format!("unknown anchor '{name}' referenced"));
        }
        let (stage, problem) = go_yaml_words(error.info());
        // go-yaml counts lines from 0, adds one for scanner errors only, and names no line when its count is 0.
        let named_line = match (position.line, stage) {
            (1, _) => None,
            (line, Stage::Scanner) => Some(line),
            (line, Stage::Parser) => Some(line - 1),
        };
        let place = named_line.map(|line| format!("line {line}: ")).unwrap_or_default();
        // The library notices a missing colon only when the next line begins.
        let position = if problem == MISSING_COLON { last_text_before(document, position) } else { position };
        Self { position: Some(position), message: format!("yaml: {place}{problem}"), hint: None }
    }

    pub fn alias_in_itself(position: Position) -> Self {
        Self::plain(Some(position), "anchor value contains itself")
    }

    pub fn too_deep(position: Position, limit: usize) -> Self {
        Self {
            hint: Some(format!("Collections may be nested {limit} deep; real objects need fewer than 20 levels.")),
            ..Self::plain(Some(position), &format!("exceeded max depth of {limit}"))
        }
    }
}

/// At the text's end the library stands on a line that the text does not have.
pub(super) fn within(document: &str, position: Position) -> Position {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let last = count(document.matches(['\n', '\r']).count() - document.matches("\r\n").count()) + 1;
    if position.line <= last {
        return position;
    }
    let line = document.rsplit(['\n', '\r']).next().unwrap_or_default();
    Position { line: last, column: count(line.chars().count() + 1) }
}

/// Where the last line above `position` begins that is neither empty nor a comment.
fn last_text_before(document: &str, position: Position) -> Position {
    let above = document.lines().zip(1..).take_while(|(_, number)| *number < position.line);
    let text = above.filter(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#')).last();
    let start = |line: &str| line.chars().take_while(|c| c.is_whitespace()).count();
    text.map_or(position, |(line, number)| Position { line: number, column: u32::try_from(start(line) + 1).unwrap_or(u32::MAX) })
}

/// The alias that stands at `position`, without its `*`.
fn alias_name(document: &str, position: Position) -> String {
    let line = usize::try_from(position.line - 1).ok().and_then(|line| document.lines().nth(line)).unwrap_or_default();
    let column = usize::try_from(position.column - 1).unwrap_or_default();
    let name = |c: &char| !c.is_whitespace() && !matches!(c, ',' | ']' | '}');
    line.chars().skip(column).skip_while(|&c| c == '*').take_while(name).collect()
}

/// The same complaint as go-yaml words it. Both libraries descend from libyaml, so most texts differ only in their prefix.
fn go_yaml_words(info: &str) -> (Stage, String) {
    const SAME_MEANING: &[(&str, Stage, &str)] = &[
        ("expected ',' or ']'", Stage::Parser, "did not find expected ',' or ']'"),
        ("recursion limit", Stage::Parser, "exceeded max depth of 10000"),
        ("misplaced bracket", Stage::Parser, "did not find expected node content"),
        ("did not find expected <document start>", Stage::Parser, "did not find expected <document start>"),
        ("simple key expect", Stage::Scanner, MISSING_COLON),
        ("unexpected character", Stage::Scanner, "found character that cannot start any token"),
        ("tab", Stage::Scanner, "found character that cannot start any token"),
        ("invalid indentation", Stage::Parser, "did not find expected key"),
        ("comment intercepting", Stage::Scanner, MISSING_COLON),
        ("invalid trailing content", Stage::Parser, "did not find expected key"),
        ("\"-\" is only valid inside a block", Stage::Scanner, "block sequence entries are not allowed in this context"),
        ("illegal placement of ':'", Stage::Scanner, "mapping values are not allowed in this context"),
    ];
    if let Some((_, stage, words)) = SAME_MEANING.iter().find(|(part, _, _)| info.contains(part)) {
        return (*stage, (*words).to_owned());
    }
    let problem = info.split_once(", ").filter(|(context, _)| context.starts_with("while ")).map_or(info, |(_, problem)| problem);
    let stage =
        if problem.starts_with("did not find expected") && !info.contains("scanning") { Stage::Parser } else { Stage::Scanner };
    (stage, problem.to_owned())
}

/// The characters that a YAML stream may hold (YAML 1.1 §4.1, as go-yaml's reader checks them).
pub(super) fn check_characters(document: &str) -> Result<(), SyntaxError> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let Some((offset, character)) = document.char_indices().find(|&(_, character)| !allowed(character)) else { return Ok(()) };
    let before = &document[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let position =
        Position { line: count(before.matches('\n').count() + 1), column: count(before[line_start..].chars().count() + 1) };
    let hint = format!("The character U+{:04X} cannot be printed; is this a text file?", u32::from(character));
    Err(SyntaxError { hint: Some(hint), ..SyntaxError::plain(Some(position), "control characters are not allowed") })
}
