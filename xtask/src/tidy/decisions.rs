//! Decision records have numbers of their own, say them in their titles, and stand in the index.

use std::collections::BTreeMap;

use super::Problem;
use super::source::SourceFile;

const FOLDER: &str = "docs/adr/";
const INDEX: &str = "docs/adr/README.md";

pub(super) fn check(sources: &[SourceFile]) -> Vec<Problem> {
    let index = sources.iter().find(|file| file.path == INDEX);
    let index = index.map_or("", |file| file.text.as_str());
    let mut seen: BTreeMap<u32, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in sources.iter().filter(|file| is_record(file)) {
        let mut problem = |text: String| problems.push(Problem::new(&file.path, text));
        let Some(number) = number(file.file_name()) else {
            problem("the file's name must be `NNNN-short-title.md`".to_owned());
            continue;
        };
        if let Some(other) = seen.insert(number, &file.path) {
            problem(format!(
                "number {number} is taken by {other}; use the next free one"
            ));
        }
        if !file.text.starts_with(&format!("# {number}. ")) {
            problem(format!("the title must be `# {number}. ` and the choice"));
        }
        if !index.contains(&format!("({})", file.file_name())) {
            problem(format!("missing from the index in {INDEX}"));
        }
    }
    problems
}

fn is_record(file: &SourceFile) -> bool {
    file.path.starts_with(FOLDER) && file.path != INDEX
}

fn number(name: &str) -> Option<u32> {
    let (digits, _) = name.split_once('-')?;
    (digits.len() == 4).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(records: &[(&str, &str)]) -> usize {
        let file = |(name, text): &(&str, &str)| SourceFile::new(format!("{FOLDER}{name}"), *text);
        let sources: Vec<SourceFile> = records.iter().map(file).collect();
        check(&sources).len()
    }

    #[test]
    fn a_numbered_and_indexed_record_passes() {
        let index = ("README.md", "[1](0001-a.md) [2](0002-b.md)");
        assert_eq!(
            problems(&[index, ("0001-a.md", "# 1. A\n"), ("0002-b.md", "# 2. B\n")]),
            0
        );
    }

    #[test]
    fn a_taken_number_another_title_and_a_missing_index_entry_are_found() {
        let index = ("README.md", "[1](0001-a.md) [1](0001-b.md)");
        assert_eq!(
            problems(&[index, ("0001-a.md", "# 1. A\n"), ("0001-b.md", "# 1. B\n")]),
            1
        );
        assert_eq!(problems(&[index, ("0001-a.md", "# A\n")]), 1);
        assert_eq!(problems(&[index, ("0002-c.md", "# 2. C\n")]), 1);
        assert_eq!(problems(&[index, ("notes.md", "# Notes\n")]), 1);
    }
}
