//! Templates come from strangers: whatever the text, reading and carrying it out ends soon, with a result or an error.

use hoplab_core::jsonpath::{Template, relaxed_expression};
use hoplab_core::rng::Rng;
use serde_json::{Value, json};

const ROUNDS: usize = 10_000;

/// Pieces of real templates and of mischief.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "?",
    "@",
    "$",
    ".",
    "..",
    "*",
    ":",
    ",",
    "-",
    "+",
    "'",
    "\"",
    "\\",
    " ",
    "\n",
    "\t",
    "==",
    "!=",
    "<=",
    "=~",
    "range",
    "end",
    "true",
    "items",
    "metadata",
    "name",
    "a",
    "0",
    "1",
    "-1",
    "99999999999999999999",
    "1.5",
    "1e999",
    "[*]",
    "[0:2]",
    "[::2]",
    "[-1:]",
    "[?(@.a==1)]",
    "[?(@.name)]",
    "{range .items[*]}",
    "{end}",
    "{\"\\n\"}",
    "\\u00e9",
    "é",
    "{.items[*].metadata.name}",
    "{..}",
    "{.a,.b}",
    "['a']",
    "[]",
];

fn document() -> Value {
    json!({
        "items": [{ "metadata": { "name": "x", "labels": { "a": "b" } }, "a": 1, "list": [1, 2.5, "é", null, [true]] }, 3, null],
        "a": { "a": { "a": [[], {}, ""] } },
        "name": "text",
    })
}

fn template(rng: &mut Rng) -> String {
    let length = 1 + rng.below(14);
    (0..length)
        .map(|_| {
            let index = usize::try_from(rng.below(PIECES.len() as u64)).expect("an index fits");
            PIECES[index]
        })
        .collect()
}

#[test]
fn no_template_panics_or_runs_away() {
    let document = document();
    let mut rng = Rng::new(20_260_514);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let text = template(&mut rng);
        match Template::parse(&text) {
            Ok(parsed) => {
                read += 1;
                for allow in [false, true] {
                    let printed = parsed.clone().allow_missing_keys(allow).execute(&document);
                    assert!(printed.unwrap_or_default().len() < 10_000_000, "{text}");
                }
            }
            Err(error) => {
                refused += 1;
                assert!(!error.0.is_empty(), "{text}");
            }
        }
        let _checked_for_panics = relaxed_expression(&text);
    }
    assert!(read > ROUNDS / 20 && refused > ROUNDS / 20, "both ways are tried: {read} read, {refused} refused");
}

#[test]
fn unclosed_ranges_end_at_the_bound() {
    let document = json!({ "items": vec![json!({ "items": vec![json!({ "items": vec![1; 60] }); 60] }); 60] });
    let greedy = Template::parse(&"{range ..items[*]}{..}".repeat(6)).expect("the template is well formed");
    let error = greedy.execute(&document).expect_err("it would take for ever");
    assert!(error.0.contains("steps"), "{error}");
}
