//! The text of a description: lines at levels, cells separated by tabs, aligned when a section ends.

use crate::printer::Tabwriter;
use serde_json::Value;

/// Longer annotations stand below their key and are cut off (kubectl's `maxAnnotationLen`).
const LONGEST_ANNOTATION: usize = 140;
/// kubectl does not describe its own notes.
const HIDDEN: &[&str] = &["kubectl.kubernetes.io/last-applied-configuration"];

#[derive(Debug, Default)]
pub(super) struct Sheet {
    finished: String,
    lines: Vec<Vec<String>>,
}

impl Sheet {
    /// One line, indented by two spaces for each level.
    pub fn line(&mut self, level: usize, text: impl AsRef<str>) {
        let indented = format!("{}{}", "  ".repeat(level), text.as_ref());
        self.lines.push(indented.split('\t').map(str::to_owned).collect());
    }

    /// Ends a section: its columns are aligned without regard to what follows.
    pub fn flush(&mut self) {
        self.finished.push_str(&Tabwriter::describe().format(&self.lines));
        self.lines.clear();
    }

    pub fn finish(mut self) -> String {
        self.flush();
        self.finished
    }

    /// `Labels:  a=b`, one pair a line.
    pub fn pairs(&mut self, title: &str, pairs: Option<&Value>) {
        let fields = pairs.and_then(Value::as_object);
        let lines = fields.into_iter().flatten().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        self.titled(title, lines.collect());
    }

    /// Lines beside a title; `<none>` when there are none.
    pub fn titled(&mut self, title: &str, lines: Vec<String>) {
        if lines.is_empty() {
            return self.line(0, format!("{title}:\t<none>"));
        }
        for (index, text) in lines.into_iter().enumerate() {
            let title = if index == 0 { format!("{title}:") } else { String::new() };
            self.line(0, format!("{title}\t{text}"));
        }
    }

    pub fn annotations(&mut self, title: &str, annotations: Option<&Value>) {
        let fields = annotations.and_then(Value::as_object);
        let mut lines = Vec::new();
        for (key, value) in fields.into_iter().flatten().filter(|(key, _)| !HIDDEN.contains(&key.as_str())) {
            let value = value.as_str().unwrap_or_default().trim_end_matches('\n');
            if key.len() + value.len() + 2 <= LONGEST_ANNOTATION && !value.contains('\n') {
                lines.push(format!("{key}: {value}"));
                continue;
            }
            lines.push(format!("{key}:"));
            for part in value.split('\n') {
                let shown: String = part.chars().take(LONGEST_ANNOTATION - 2).collect();
                let dots = if shown.len() < part.len() { "..." } else { "" };
                lines.push(format!("  {shown}{dots}"));
            }
        }
        self.titled(title, lines);
    }
}
