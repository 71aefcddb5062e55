//! Every cell of the README's table of dialects and capabilities is shown by a test that exists.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::source::SourceFile;

const TABLE: &str = "README.md";
const TESTS: &str = "docs/user/capabilities.md";
/// A cell that promises something.
const YES: &str = "✓";

/// What a cell promises: (capability, dialect).
type Cell = (String, String);

/// Compares the README's cells with the list of tests, and the list with the tests.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Problem> {
    let text = |path: &str| {
        let found = sources.iter().find(|file| file.path == path);
        found.map_or("", |file| file.text.as_str())
    };
    let promised = promised(text(TABLE));
    let shown = shown(text(TESTS));
    let mut problems = Vec::new();
    for (capability, dialect) in promised.difference(&shown.keys().cloned().collect()) {
        let text = format!("the cell {capability} / {dialect} has no test in {TESTS}: add one");
        problems.push(Problem::new(TABLE, text));
    }
    for (cell, (path, test)) in &shown {
        if !promised.contains(cell) {
            let text = format!("{} / {} is not in the table of {TABLE}", cell.0, cell.1);
            problems.push(Problem::new(TESTS, text));
        }
        let source = text(path);
        // A law of the store is generic over the backends.
        let exists = ["(", "<"]
            .iter()
            .any(|end| source.contains(&format!("fn {test}{end}")));
        if !exists {
            let text = format!("there is no test `{test}` in {path}: name the one that shows it");
            problems.push(Problem::new(TESTS, text));
        }
    }
    problems
}

/// The cells of the table whose first column is called `Capability`.
fn promised(readme: &str) -> BTreeSet<Cell> {
    let mut rows = rows(readme).skip_while(|row| row.first() != Some(&"Capability"));
    let Some(head) = rows.next() else {
        return BTreeSet::new();
    };
    let body = rows.skip(1).take_while(|row| row.len() == head.len());
    let cells = body.flat_map(|row| {
        let capability = row.first().copied().unwrap_or_default();
        let marked = head.iter().zip(row).filter(|(_, cell)| *cell == YES);
        marked.map(move |(dialect, _)| (capability.to_owned(), (*dialect).to_owned()))
    });
    cells.collect()
}

/// The lines `| capability | dialect | file | test |`.
fn shown(page: &str) -> BTreeMap<Cell, (String, String)> {
    let plain = |cell: &str| cell.trim_matches('`').to_owned();
    let entries = rows(page).filter_map(|row| match row.as_slice() {
        [capability, dialect, file, test] if file.contains('/') => Some((
            ((*capability).to_owned(), (*dialect).to_owned()),
            (plain(file), plain(test)),
        )),
        _ => None,
    });
    entries.collect()
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix('|'));
    rows.map(|row| {
        let row = row.trim_end().strip_suffix('|').unwrap_or(row);
        row.split('|').map(str::trim).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "
| Capability | native | jump |
| --- | --- | --- |
| create | ✓ | ✓ |
| secret shown again | ✓ | – |

| Variable | Meaning |
| --- | --- |
";

    fn problems(list: &str) -> Vec<String> {
        let sources = [
            SourceFile::new(TABLE, README),
            SourceFile::new(TESTS, list),
            SourceFile::new("crates/a.rs", "fn it_is_made() {}\nfn it_is_shown() {}"),
        ];
        let found = check(&sources).into_iter();
        found.map(|problem| problem.to_string()).collect()
    }

    #[test]
    fn every_cell_needs_a_test_that_exists() {
        let whole = "
| create | native | `crates/a.rs` | `it_is_made` |
| create | jump | `crates/a.rs` | `it_is_made` |
| secret shown again | native | `crates/a.rs` | `it_is_shown` |
";
        assert_eq!(problems(whole), [""; 0]);
        let lost = problems(&whole.replace("| create | jump", "| read | jump"));
        assert!(
            lost.iter()
                .any(|text| text.contains("create / jump has no test"))
        );
        assert!(
            lost.iter()
                .any(|text| text.contains("read / jump is not in the table"))
        );
        let renamed = problems(&whole.replace("it_is_shown", "it_was_shown"));
        assert!(renamed[0].contains("no test `it_was_shown`"), "{renamed:?}");
    }
}
