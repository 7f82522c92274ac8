//! Go's `text/tabwriter`: tab-separated cells to aligned columns.

/// Cell widths: each column is as wide as its widest cell plus `padding`, and at least `minimum`.
#[derive(Clone, Debug)]
pub struct Tabwriter {
    minimum: usize,
    padding: usize,
    /// Widths so far, if later texts must not be narrower: the lines of a watch come one at a time.
    remembered: Option<Vec<usize>>,
}

impl Tabwriter {
    /// As cli-runtime lays out tables.
    pub const fn table() -> Self {
        Self { minimum: 6, padding: 3, remembered: None }
    }

    /// As `kubectl get --watch` does: each column keeps at least its width.
    pub const fn watch() -> Self {
        Self { minimum: 6, padding: 3, remembered: Some(Vec::new()) }
    }

    /// As `kubectl describe` lays out its sections.
    pub const fn describe() -> Self {
        Self { minimum: 0, padding: 2, remembered: None }
    }

    /// Lays out lines of cells. The last cell of a line belongs to no column: it is as long as its text.
    pub fn format(&mut self, lines: &[Vec<String>]) -> String {
        let widths = self.widths(lines);
        let mut text = String::new();
        for (line, widths) in lines.iter().zip(widths) {
            for (at, cell) in line.iter().enumerate() {
                text.push_str(cell);
                let width = widths.get(at).copied().unwrap_or_default();
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
            text.push('\n');
        }
        text
    }

    /// A column's width among neighbours, given its widest cell; never below what is remembered.
    fn width(&mut self, column: usize, widest: usize) -> usize {
        let width = (widest + self.padding).max(self.minimum);
        let Some(remembered) = &mut self.remembered else { return width };
        if remembered.len() <= column {
            remembered.resize(column + 1, 0);
        }
        match remembered.get_mut(column) {
            Some(known) => {
                *known = width.max(*known);
                *known
            }
            None => width,
        }
    }

    /// For each line the widths of its columns. Neighbouring lines that have a column decide its width together.
    fn widths(&mut self, lines: &[Vec<String>]) -> Vec<Vec<usize>> {
        let mut widths: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
        let columns = lines.iter().map(|line| line.len().saturating_sub(1)).max().unwrap_or_default();
        for column in 0..columns {
            let mut pairs = lines.iter().zip(&mut widths).peekable();
            while pairs.peek().is_some() {
                let mut block = Vec::new();
                while let Some(pair) = pairs.next_if(|(line, _)| line.len() > column + 1) {
                    block.push(pair);
                }
                let cells = block.iter().filter_map(|(line, _)| line.get(column));
                let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
                let width = if block.is_empty() { 0 } else { self.width(column, widest) };
                block.into_iter().for_each(|(_, widths)| widths.push(width));
                pairs.next_if(|(line, _)| line.len() <= column + 1);
            }
        }
        widths
    }
}
