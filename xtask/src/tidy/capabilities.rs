//! Every cell of the README's table of dialects and capabilities is shown by a named test.

use std::collections::BTreeSet;

use super::Problem;
use super::source::SourceFile;

const TABLE: &str = "README.md";
const TESTS: &str = "docs/user/capabilities.md";
/// A cell that promises something.
const YES: &str = "✓";

/// What a cell promises: (capability, dialect).
type Cell = (String, String);

/// Compares the README's cells with the list of tests.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Problem> {
    let text = |path: &str| {
        let found = sources.iter().find(|file| file.path == path);
        found.map_or("", |file| file.text.as_str())
    };
    let promised = promised(text(TABLE));
    let shown = shown(text(TESTS));
    let mut problems = Vec::new();
    for (capability, dialect) in promised.difference(&shown) {
        let text = format!("the cell {capability} / {dialect} has no test in {TESTS}: add one");
        problems.push(Problem::new(TABLE, text));
    }
    for (capability, dialect) in shown.difference(&promised) {
        let text = format!("{capability} / {dialect} is not in the table of {TABLE}");
        problems.push(Problem::new(TESTS, text));
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

/// The lines `| capability | dialect | file | test |`; that the tests exist is another rule.
fn shown(page: &str) -> BTreeSet<Cell> {
    let entries = rows(page).filter_map(|row| match row.as_slice() {
        [capability, dialect, file, _test] if file.contains('/') => {
            Some(((*capability).to_owned(), (*dialect).to_owned()))
        }
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
        let sources = [SourceFile::new(TABLE, README), SourceFile::new(TESTS, list)];
        let found = check(&sources).into_iter();
        found.map(|problem| problem.to_string()).collect()
    }

    #[test]
    fn every_cell_needs_a_test() {
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
    }
}
