//! Paths of one machine and credentials in addresses must not get into the repository.

use super::Problem;
use super::source::SourceFile;

/// Folders that exist on somebody's machine only. Split, so that this file does not break its own rule.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
];

pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| has_path(line, folder)) {
            let text = format!(
                "`{folder}` is a folder of one machine; use a path relative to the repository"
            );
            problems.push(Problem::at(file, index, text));
        }
    }
    problems
}

/// Tells whether an absolute path begins with `folder`; inside a URL or a longer path it means something else.
fn has_path(line: &str, folder: &str) -> bool {
    let inside = |character: char| character.is_alphanumeric() || "_-.~}*".contains(character);
    line.match_indices(folder)
        .any(|(place, _)| !line[..place].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> usize {
        check(&SourceFile::new("a.md", text)).len()
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(problems(&format!("see {folder}me/notes")), 1);
            assert_eq!(problems(&format!("\"{folder}x\"")), 1);
            assert_eq!(problems(&format!("file://{folder}x")), 1);
        }
    }

    #[test]
    fn the_same_words_inside_urls_and_relative_paths_pass() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(problems(&format!("https://example.com{folder}x")), 0);
            assert_eq!(
                problems(&format!("target{folder}x ./..{folder}x {{id}}{folder}x")),
                0
            );
        }
    }
}
