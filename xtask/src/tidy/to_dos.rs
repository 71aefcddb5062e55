//! A note about work left undone must name the issue where that work is tracked.

use super::Problem;
use super::rust_text::is_word;
use super::source::SourceFile;

/// Split, so that this file does not break its own rule.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Extensions of files whose words are ours.
const WRITTEN_HERE: &[&str] = &["rs", "md", "toml", "sql", "py", "mjs", "sh", "yml", "yaml"];

pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    let ours = WRITTEN_HERE
        .iter()
        .any(|extension| file.has_extension(extension));
    let lines = file.text.lines().enumerate().filter(|_| ours);
    lines
        .filter(|(_, line)| has_mark(line) && !names_issue(line))
        .map(|(index, _)| {
            Problem::at(
                file,
                index,
                "unfinished work must name its issue (`#12`), or be done now",
            )
        })
        .collect()
}

fn has_mark(line: &str) -> bool {
    let stands_alone = |mark: &&str| {
        line.match_indices(*mark).any(|(place, _)| {
            !line[..place].ends_with(is_word) && !line[place + mark.len()..].starts_with(is_word)
        })
    };
    MARKS.iter().any(stands_alone)
}

fn names_issue(line: &str) -> bool {
    line.match_indices('#')
        .any(|(place, _)| line[place + 1..].starts_with(|next: char| next.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text)).len()
    }

    #[test]
    fn unfinished_work_without_an_issue_is_found() {
        for mark in MARKS {
            assert_eq!(problems("a.rs", &format!("// {mark}: later\n")), 1);
            assert_eq!(problems("a.md", &format!("{mark}(me) later\n")), 1);
        }
    }

    #[test]
    fn unfinished_work_with_an_issue_and_similar_words_pass() {
        for mark in MARKS {
            assert_eq!(problems("a.rs", &format!("// {mark}(#12): later\n")), 0);
            assert_eq!(problems("a.rs", &format!("let MY_{mark}S = 1;\n")), 0);
            assert_eq!(problems("data.json", &format!("\"{mark}\"\n")), 0);
        }
    }
}
