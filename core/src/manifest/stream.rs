//! One text, several documents: cut as kubectl cuts a stream, at lines that start with `---`, or between JSON values.
//! Knows nothing of what a document says.

use serde::de::IgnoredAny;

/// One document's text and the line of the whole text at which it starts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'a> {
    pub text: &'a str,
    pub first_line: u32,
}

/// A `---` line with something other than a comment behind it: kubectl reads no further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadSeparator<'a> {
    pub line: u32,
    pub rest: &'a str,
}

/// The documents up to the end, or up to a separator that kubectl refuses.
pub(super) fn split(text: &str) -> (Vec<Chunk<'_>>, Option<BadSeparator<'_>>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match json_values(text) {
        Some(chunks) => (chunks, None),
        None => yaml_documents(text),
    }
}

fn yaml_documents(text: &str) -> (Vec<Chunk<'_>>, Option<BadSeparator<'_>>) {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut first_line = 1;
    let mut line_number = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        line_number += 1;
        let line_start = end;
        end += line.len();
        let Some(rest) = line.strip_prefix("---").map(str::trim) else { continue };
        push(&mut chunks, &text[start..line_start], first_line);
        if !rest.is_empty() && !rest.starts_with('#') {
            return (chunks, Some(BadSeparator { line: line_number, rest }));
        }
        start = end;
        first_line = line_number + 1;
    }
    push(&mut chunks, &text[start..], first_line);
    (chunks, None)
}

fn push<'a>(chunks: &mut Vec<Chunk<'a>>, text: &'a str, first_line: u32) {
    if !text.trim().is_empty() {
        chunks.push(Chunk { text, first_line });
    }
}

/// The values of a text that is nothing but JSON objects, one after another.
fn json_values(text: &str) -> Option<Vec<Chunk<'_>>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut first_line = 1;
    while let Some(value) = values.next() {
        value.ok()?;
        let chunk = &text[start..values.byte_offset()];
        push(&mut chunks, chunk, first_line);
        first_line += u32::try_from(chunk.matches('\n').count()).unwrap_or(u32::MAX);
        start = values.byte_offset();
    }
    Some(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_cut_where_kubectl_cuts_them() {
        let texts = |text| split(text).0.into_iter().map(|chunk| (chunk.text, chunk.first_line)).collect::<Vec<_>>();
        assert_eq!(texts("a: 1\n---\nb: 2\n"), [("a: 1\n", 1), ("b: 2\n", 3)]);
        assert_eq!(texts("---\n# nothing\n--- # next\nb: 2"), [("# nothing\n", 2), ("b: 2", 4)]);
        assert_eq!(texts("{\"a\":1}\n{\"b\":2}\n"), [("{\"a\":1}", 1), ("\n{\"b\":2}", 1)]);
        assert_eq!(texts("{a: 1}\n---\n{b: 2}"), [("{a: 1}\n", 1), ("{b: 2}", 3)]);
        assert_eq!(split("a: 1\n--- b: 2\n").1, Some(BadSeparator { line: 2, rest: "b: 2" }));
    }
}
