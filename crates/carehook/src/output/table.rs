//! Tables without frames: columns aligned by blanks, so that they can be read and cut.

use std::fmt;

use comfy_table::{ContentArrangement, presets};

/// A table that is filled row by row.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// A table with a line of titles.
    pub(crate) fn new(titles: &[&str]) -> Self {
        let mut table = Self::untitled();
        table
            .0
            .set_header(titles.iter().map(|title| title.to_uppercase()));
        table
    }

    /// A table of names and values.
    pub(crate) fn untitled() -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        Self(table)
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for line in self.0.lines() {
            if !first {
                f.write_str("\n")?;
            }
            first = false;
            // The preset pads every cell on both sides.
            f.write_str(line.strip_prefix(' ').unwrap_or(&line).trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_have_no_blanks_at_their_ends() {
        let mut table = Table::new(&["id", "name"]);
        table.row(["north".to_owned(), "Northside".to_owned()]);
        table.row(["s".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "ID     NAME\nnorth  Northside\ns");
    }
}
