//! Plain tables: columns and two spaces, no lines, so that they can be cut and grepped.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell as ComfyCell, CellAlignment, Color, ContentArrangement, Table as Comfy};

use super::human::safe;
use super::style::{Role, Style};

/// One cell: text and what it means.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    role: Role,
}

impl Cell {
    /// Text with a meaning.
    pub fn new(text: impl AsRef<str>, role: Role) -> Self {
        Self {
            text: safe(text.as_ref()).into_owned(),
            role,
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Role::Plain)
    }
}

/// A table in the making.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Debug)]
struct Column {
    title: &'static str,
    right: bool,
}

impl Table {
    /// With these column titles. A title that begins with `>` aligns its column to the right.
    pub fn new(titles: &[&'static str]) -> Self {
        let columns = titles
            .iter()
            .map(|title| Column {
                title: title.strip_prefix('>').unwrap_or(title),
                right: title.starts_with('>'),
            })
            .collect();
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row with as many cells as there are columns.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Lines without trailing spaces, each with its newline.
    pub fn render(&self, with_header: bool, style: Style) -> String {
        let mut table = Comfy::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        if style.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if with_header {
            table.set_header(self.columns.iter().map(|column| column.title));
        }
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| {
                let painted = ComfyCell::new(&cell.text);
                match cell.role {
                    Role::Plain => painted,
                    Role::Good => painted.fg(Color::DarkGreen),
                    Role::Warn => painted.fg(Color::DarkYellow),
                    Role::Bad => painted.fg(Color::DarkRed),
                }
            }));
        }
        for (index, column) in self.columns.iter().enumerate() {
            if let Some(drawn) = table.column_mut(index) {
                drawn.set_padding((0, 2));
                if column.right {
                    drawn.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        table
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_nothing_trails() {
        let mut table = Table::new(&["NAME", ">COUNT", "NOTE"]);
        table.row(vec!["n1".into(), "1,000".into(), "a note".into()]);
        table.row(vec!["long-name".into(), "7".into(), "".into()]);
        let text = table.render(true, Style::default());
        assert_eq!(
            text,
            "NAME       COUNT  NOTE\nn1         1,000  a note\nlong-name      7\n"
        );
        assert!(!table.render(false, Style::default()).contains("NAME"));
    }

    #[test]
    fn colour_does_not_move_columns() {
        let mut table = Table::new(&["STATE", "X"]);
        table.row(vec![Cell::new("up", Role::Good), "1".into()]);
        let style = Style {
            color: true,
            ascii: false,
        };
        let text = table.render(true, style);
        assert!(text.contains("\u{1b}["), "{text:?}");
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
        assert_eq!(lines, ["STATE  X", "up     1"]);
    }
}
