//! `-o yaml`: block style, sorted keys, lists not indented under their key, strings quoted when YAML 1.1 would read them as
//! something else; as sigs.k8s.io/yaml (go-yaml v2, libyaml's emitter) writes.

use super::yaml_scalar::{self, Context};
use serde_json::{Map, Value};

/// The text of a document, with a newline at its end.
pub fn to_yaml(document: &Value) -> String {
    let mut emitter = Emitter { text: String::new() };
    match document {
        Value::Object(fields) if !fields.is_empty() => emitter.fields(fields, 0),
        Value::Array(items) if !items.is_empty() => emitter.items(items, 0),
        other => {
            emitter.scalar(other, 0);
            emitter.text.push('\n');
        }
    }
    emitter.text
}

struct Emitter {
    text: String,
}

impl Emitter {
    fn indent(&mut self, width: usize) {
        self.text.extend(std::iter::repeat_n(' ', width));
    }

    fn fields(&mut self, fields: &Map<String, Value>, indent: usize) {
        for (index, (key, value)) in sorted(fields).into_iter().enumerate() {
            // The first key follows the dash of a list item, or stands at the very beginning.
            if index > 0 || self.text.is_empty() || self.text.ends_with('\n') {
                self.indent(indent);
            }
            self.text.push_str(&yaml_scalar::text(key, &Context { column: indent, indent: indent + 2, key: true }));
            self.text.push(':');
            self.value(value, indent);
        }
    }

    /// What follows `key:`. A list stands at the key's own indentation.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                self.text.push('\n');
                self.fields(fields, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                self.text.push('\n');
                self.items(items, indent);
            }
            other => {
                self.text.push(' ');
                self.scalar(other, indent);
                self.text.push('\n');
            }
        }
    }

    fn items(&mut self, items: &[Value], indent: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 || self.text.is_empty() || self.text.ends_with('\n') {
                self.indent(indent);
            }
            self.text.push_str("- ");
            match item {
                Value::Object(fields) if !fields.is_empty() => self.fields(fields, indent + 2),
                Value::Array(items) if !items.is_empty() => self.items(items, indent + 2),
                other => {
                    self.scalar(other, indent);
                    self.text.push('\n');
                }
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(_) => self.text.push_str("{}"),
            Value::Array(_) => self.text.push_str("[]"),
            Value::String(text) => {
                let column = self.text.rsplit('\n').next().map_or(0, |line| line.chars().count());
                self.text.push_str(&yaml_scalar::text(text, &Context { column, indent: indent + 2, key: false }));
            }
            other => self.text.push_str(&crate::jsonpath::go_value(other).replace("<nil>", "null")),
        }
    }
}

/// go-yaml's order of keys: letters after everything else, runs of digits by their value.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by(|left, right| yaml_scalar::key_order(left.0, right.0));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Expectations: what `kubectl get -o yaml` prints for such fields.
    #[test]
    fn strings_are_quoted_only_when_yaml_would_misread_them() {
        let cases = [
            ("nginx:alpine", "nginx:alpine"),
            ("", "\"\""),
            ("true", "\"true\""),
            ("no", "\"no\""),
            ("3600", "\"3600\""),
            ("1.5", "\"1.5\""),
            ("10.96.0.10", "10.96.0.10"),
            ("2026-05-14T10:00:00Z", "\"2026-05-14T10:00:00Z\""),
            ("null", "\"null\""),
            ("~", "\"~\""),
            ("*", "'*'"),
            ("a: b", "'a: b'"),
            ("it's #1", "'it''s #1'"),
            ("-", "'-'"),
            ("--flag", "--flag"),
            ("a\tb", "\"a\\tb\""),
            ("v1", "v1"),
            ("0x1f", "\"0x1f\""),
            ("12:30:45", "\"12:30:45\""),
            ("1e3", "\"1e3\""),
            ("e2e", "e2e"),
            ("None", "None"),
            ("{a}", "'{a}'"),
            ("line\n", "|\n  line"),
            ("two\nlines", "|-\n  two\n  lines"),
            ("trailing \nspace", "\"trailing \\nspace\""),
        ];
        for (text, expected) in cases {
            assert_eq!(to_yaml(&json!({ "key": text })), format!("key: {expected}\n"), "{text:?}");
        }
    }

    #[test]
    fn documents_are_laid_out_in_block_style() {
        let document = json!({"b": [{"name": "x", "args": ["sleep", "1"]}, []], "a10": {}, "a9": null, "empty": [], "n": 1.5});
        let expected = "a9: null\na10: {}\nb:\n- args:\n  - sleep\n  - \"1\"\n  name: x\n- []\nempty: []\n\"n\": 1.5\n";
        assert_eq!(to_yaml(&document), expected);
    }

    /// libyaml folds at spaces beyond column 80.
    #[test]
    fn long_lines_are_folded() {
        let long = "word ".repeat(20);
        let text = to_yaml(&json!({ "message": long.trim_end() }));
        assert_eq!(text, format!("message: {}word\n  {}\n", "word ".repeat(14), "word ".repeat(5).trim_end()));
    }
}
