//! Brace expansion: `{a,b}` and `{1..5}`. It comes before every other expansion and looks at nothing but unquoted text.

use super::{Part, Word};
use core::ops::Range;

/// More words than this from one are refused: `{1..9}{1..9}…` grows fast.
const MAX_WORDS: usize = 20_000;
/// Nor are more characters looked at and copied than this: each word repeats the text around its braces.
const MAX_WORK: usize = 1 << 20;

/// A character of unquoted text, or a part that braces do not look into.
#[derive(Clone, Debug)]
enum Piece {
    Character(char),
    Part(Part),
}

/// The words that a word stands for; `None` when there would be too many.
pub fn expand_braces(word: &Word) -> Option<Vec<Word>> {
    let has_brace = word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')));
    if !has_brace {
        return Some(vec![word.clone()]);
    }
    let pieces: Vec<Piece> = word.parts.iter().flat_map(pieces_of).collect();
    let mut finished = Vec::new();
    // Words still to be looked at, the next one last, each with the place before which nothing is left to expand.
    let mut open = vec![(pieces, 0)];
    let mut work = 0;
    while let Some((pieces, from)) = open.pop() {
        let braces = pieces.iter().skip(from).filter(|piece| is(Some(piece), '{')).count();
        work += pieces.len() * (braces + 1);
        if work > MAX_WORK {
            return None;
        }
        let Some((items, place)) = first_braces(&pieces, from) else {
            finished.push(word_of(&pieces));
            continue;
        };
        let around = pieces.len() - place.len();
        work += items.iter().map(|item| around + item.len()).sum::<usize>();
        if work > MAX_WORK || finished.len() + open.len() + items.len() > MAX_WORDS {
            return None;
        }
        let (before, after) = (pieces.get(..place.start)?, pieces.get(place.end..)?);
        open.extend(items.into_iter().rev().map(|item| ([before, &item, after].concat(), place.start)));
    }
    Some(finished)
}

fn pieces_of(part: &Part) -> Vec<Piece> {
    match part {
        Part::Literal(text) => text.chars().map(Piece::Character).collect(),
        other => vec![Piece::Part(other.clone())],
    }
}

fn word_of(pieces: &[Piece]) -> Word {
    let mut word = Word::default();
    for piece in pieces {
        match piece {
            Piece::Character(character) => word.push(*character, false),
            Piece::Part(part) => word.parts.push(part.clone()),
        }
    }
    word
}

fn is(piece: Option<&Piece>, wanted: char) -> bool {
    matches!(piece, Some(Piece::Character(character)) if *character == wanted)
}

/// The items of the first brace expression at or after `from`, and where it stands.
fn first_braces(pieces: &[Piece], from: usize) -> Option<(Vec<Vec<Piece>>, Range<usize>)> {
    (from..pieces.len()).filter(|&at| is(pieces.get(at), '{')).find_map(|open| {
        let (items, close) = alternatives(pieces, open)?;
        Some((items, open..close + 1))
    })
}

/// The items of the brace expression that opens at `open`, and where it closes.
fn alternatives(pieces: &[Piece], open: usize) -> Option<(Vec<Vec<Piece>>, usize)> {
    let mut depth = 0_usize;
    let mut commas = vec![open];
    for at in open..pieces.len() {
        match pieces.get(at) {
            Some(Piece::Character('{')) => depth += 1,
            Some(Piece::Character(',')) if depth == 1 => commas.push(at),
            Some(Piece::Character('}')) => {
                depth -= 1;
                if depth == 0 {
                    return items(pieces, commas, at).map(|items| (items, at));
                }
            }
            _ => {}
        }
    }
    None
}

fn items(pieces: &[Piece], mut commas: Vec<usize>, close: usize) -> Option<Vec<Vec<Piece>>> {
    if let [open] = commas.as_slice() {
        return sequence(pieces.get(open + 1..close)?);
    }
    commas.push(close);
    commas.windows(2).map(|pair| Some(pieces.get(pair.first()? + 1..*pair.last()?)?.to_vec())).collect()
}

/// `1..5`, `05..1..2`, `a..e`
fn sequence(pieces: &[Piece]) -> Option<Vec<Vec<Piece>>> {
    let text: Option<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Character(character) => Some(*character),
            Piece::Part(_) => None,
        })
        .collect();
    let text = text?;
    let fields: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match fields.as_slice() {
        [first, last] => (*first, *last, 1),
        [first, last, step] => (*first, *last, step.parse::<i64>().ok()?.checked_abs()?.max(1)),
        _ => return None,
    };
    let texts = match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(from), Ok(to)) => {
            let padded = [first, last].iter().any(|text| text.trim_start_matches('-').starts_with('0') && text.len() > 1);
            let width = if padded { first.len().max(last.len()) } else { 0 };
            count(from, to, step)?.into_iter().map(|number| format!("{number:0width$}")).collect::<Vec<_>>()
        }
        _ => {
            let letter =
                |text: &str| text.parse::<char>().ok().filter(char::is_ascii_alphabetic).map(|c| i64::from(u32::from(c)));
            let letters = count(letter(first)?, letter(last)?, step)?;
            letters.into_iter().filter_map(|code| char::from_u32(u32::try_from(code).ok()?)).map(String::from).collect()
        }
    };
    Some(texts.into_iter().map(|text| text.chars().map(Piece::Character).collect()).collect())
}

fn count(from: i64, to: i64, step: i64) -> Option<Vec<i64>> {
    let steps = usize::try_from(from.abs_diff(to) / step.unsigned_abs()).ok().filter(|steps| *steps <= MAX_WORDS)?;
    let direction = if from <= to { step } else { -step };
    (0..=steps).map(|at| from.checked_add(direction.checked_mul(i64::try_from(at).ok()?)?)).collect()
}
