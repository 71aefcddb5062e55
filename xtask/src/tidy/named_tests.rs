//! A test that a document names exists: the rows of its tables that end with a file and a test.

use super::Problem;
use super::source::SourceFile;

/// Looks for each test that a table in `docs/` names in its last two cells.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Problem> {
    let pages = sources.iter().filter(|file| file.path.starts_with("docs/"));
    let mut problems = Vec::new();
    for page in pages {
        for (index, line) in page.text.lines().enumerate() {
            let Some((path, test)) = named(line) else {
                continue;
            };
            let source = sources.iter().find(|file| file.path == path);
            if !source.is_some_and(|source| has_test(&source.text, test)) {
                let text =
                    format!("there is no test `{test}` in {path}: name the one that shows it");
                problems.push(Problem::at(page, index, text));
            }
        }
    }
    problems
}

/// The end of a row: the last two cells, a file and a test, each as code.
fn named(line: &str) -> Option<(&str, &str)> {
    let (row, test) = line.strip_suffix("` |")?.rsplit_once(" | `")?;
    let (_, path) = row.strip_suffix('`')?.rsplit_once("| `")?;
    path.strip_suffix(".rs").map(|_| (path, test))
}

fn has_test(source: &str, test: &str) -> bool {
    // A law of the store is generic over the backends.
    let ends = ["(", "<"];
    ends.iter()
        .any(|end| source.contains(&format!("fn {test}{end}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_test_must_be_in_the_named_file() {
        let page = "
| Threat | Shown by | Test |
| --- | --- | --- |
| tampering | `crates/a.rs` | `a_flipped_byte_is_found` |
| a law | `crates/a.rs` | `it_holds` |
| renamed | `crates/a.rs` | `it_was_shown` |
| moved | `crates/b.rs` | `it_holds` |
| `no.rs` | `no test` | here |
";
        let sources = [
            SourceFile::new("docs/user/page.md", page),
            SourceFile::new(
                "crates/a.rs",
                "fn a_flipped_byte_is_found() {}\nasync fn it_holds<F: Fixture>() {}",
            ),
        ];
        let found = check(&sources)
            .into_iter()
            .map(|problem| problem.to_string());
        let found: Vec<String> = found.collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("docs/user/page.md:6: there is no test `it_was_shown`"));
        assert!(found[1].contains("in crates/b.rs"));
    }
}
