//! Table text: which columns are shown and how wide they are (cli-runtime's `HumanReadablePrinter`).

use super::Tabwriter;
use super::format::labels;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Column {
    pub name: String,
    /// `name` marks the column that holds the object's name.
    #[serde(default)]
    pub format: String,
    /// Above zero: only `-o wide` shows it.
    #[serde(default)]
    pub priority: i32,
}

impl Column {
    pub(super) fn list(columns: &str, wide: bool) -> Vec<Column> {
        let column = |text: &str| {
            let name = text.strip_prefix('+').unwrap_or(text);
            let format = if name == "Name" { "name" } else { "" };
            Column { name: name.to_owned(), format: format.to_owned(), priority: i32::from(name != text) }
        };
        columns.split('|').map(column).filter(|column| wide || column.priority == 0).collect()
    }

    fn plain(name: impl Into<String>) -> Column {
        Column { name: name.into(), format: String::new(), priority: 0 }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub cells: Vec<Value>,
    /// The document, for its namespace and labels; null when nobody needs them.
    pub object: Value,
}

/// The flags of `kubectl get` that change a table's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub wide: bool,
    pub no_headers: bool,
    pub show_labels: bool,
    pub with_namespace: bool,
    /// Prefix of the name cell, when several kinds are printed: `pod`, `deployment.apps`.
    pub kind: Option<String>,
    /// `-L`: labels that get a column each.
    pub column_labels: Vec<String>,
}

/// Prints tables one after another; a header appears when the columns change.
#[derive(Clone, Debug)]
pub struct TablePrinter {
    layout: Layout,
    last_columns: Vec<Column>,
    printed_header: bool,
    tabwriter: Tabwriter,
}

impl TablePrinter {
    pub fn new(layout: Layout) -> Self {
        Self { layout, last_columns: Vec::new(), printed_header: false, tabwriter: Tabwriter::table() }
    }

    /// For a watch: what is printed later is aligned with what was printed before.
    pub fn watching(layout: Layout) -> Self {
        Self { tabwriter: Tabwriter::watch(), ..Self::new(layout) }
    }

    /// The text of one table; `event` is the first cell of a watch with `--output-watch-events`. A table without columns has
    /// those of the table before it.
    pub fn print(&mut self, mut table: Table, event: Option<&str>) -> String {
        if table.columns.is_empty() {
            table.columns = self.last_columns.clone();
        } else if table.columns != self.last_columns {
            self.last_columns = table.columns.clone();
            self.printed_header = false;
        }
        let header = !self.layout.no_headers && !self.printed_header && !table.rows.is_empty();
        self.printed_header |= !table.rows.is_empty();
        let mut table = self.decorate(table);
        if let Some(event) = event {
            table.columns.insert(0, Column::plain("Event"));
            table.rows.iter_mut().for_each(|row| row.cells.insert(0, json!(event)));
        }
        let shown = |column: &Column| self.layout.wide || column.priority == 0;
        let mut lines = Vec::new();
        if header {
            lines.push(table.columns.iter().filter(|column| shown(column)).map(|column| column.name.to_uppercase()).collect());
        }
        for row in &table.rows {
            let cells = table.columns.iter().zip(&row.cells).filter(|(column, _)| shown(column));
            lines.push(cells.map(|(_, cell)| cell_text(cell)).collect());
        }
        self.tabwriter.format(&lines)
    }

    /// Adds namespace, kind and labels.
    fn decorate(&self, table: Table) -> Table {
        let Table { mut columns, mut rows } = table;
        if let (Some(kind), Some(at)) = (&self.layout.kind, columns.iter().position(|column| column.format == "name")) {
            for cell in rows.iter_mut().filter_map(|row| row.cells.get_mut(at)) {
                *cell = json!(format!("{kind}/{}", cell_text(cell)));
            }
        }
        let labelled = self.layout.show_labels || !self.layout.column_labels.is_empty();
        for row in &mut rows {
            // Some kinds have cells without a column; labels follow the columns.
            if labelled {
                row.cells.resize(columns.len(), Value::Null);
            }
            let metadata = row.object.get("metadata").filter(|_| row.object.is_object());
            let labels_of = metadata.and_then(|metadata| metadata.get("labels"));
            let label = |key: &String| labels_of.and_then(|labels| labels.get(key)).cloned().unwrap_or(json!(""));
            row.cells.extend(self.layout.column_labels.iter().map(label));
            if self.layout.show_labels {
                row.cells.push(metadata.map_or(Value::Null, |_| json!(labels(labels_of))));
            }
            if self.layout.with_namespace {
                row.cells.insert(0, metadata.and_then(|metadata| metadata.get("namespace")).cloned().unwrap_or_default());
            }
        }
        let short = |key: &String| key.rsplit('/').next().unwrap_or_default().to_owned();
        columns.extend(self.layout.column_labels.iter().map(|key| Column::plain(short(key))));
        if self.layout.show_labels {
            columns.push(Column::plain("Labels"));
        }
        if self.layout.with_namespace {
            columns.insert(0, Column::plain("Namespace"));
        }
        Table { columns, rows }
    }
}

/// A cell holds one line: the rest of a longer text is cut off, and control characters cannot reach the terminal.
fn cell_text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => {
            let line = text.split(['\u{c}', '\n', '\r']).next().unwrap_or_default();
            let dots = if line.len() < text.len() { "..." } else { "" };
            format!("{}{dots}", line.replace('\u{1b}', "^["))
        }
        other => other.to_string(),
    }
}
