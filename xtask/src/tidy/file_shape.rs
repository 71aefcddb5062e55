//! Sizes, names and headers of files.

use super::Problem;
use super::source::SourceFile;

/// Above this a reviewer should ask for a split.
const REVIEW_LIMIT: usize = 500;
/// Above this tidy fails.
const HARD_LIMIT: usize = 800;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Names that say nothing about what is inside.
const BANNED_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "imp",
];

/// Extensions of files that people write by hand.
const WRITTEN_BY_HAND: &[&str] = &["rs", "sql", "py", "mjs", "sh"];

pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(size(file));
    if file.is_rust() {
        problems.extend(name(file));
        problems.extend(header(file));
    }
    problems
}

/// Names a file that is allowed but should be looked at.
pub(super) fn size_warning(file: &SourceFile) -> Option<Problem> {
    let lines = counted_lines(file)?;
    (lines > REVIEW_LIMIT && lines <= HARD_LIMIT).then(|| {
        let text = format!("{lines} lines; aim at 300, split above {REVIEW_LIMIT}");
        Problem::new(&file.path, text)
    })
}

fn counted_lines(file: &SourceFile) -> Option<usize> {
    let by_hand = WRITTEN_BY_HAND
        .iter()
        .any(|extension| file.has_extension(extension));
    by_hand.then(|| file.text.lines().count())
}

fn size(file: &SourceFile) -> Option<Problem> {
    let lines = counted_lines(file)?;
    let excepted = LONG_FILES.iter().any(|(path, _)| *path == file.path);
    (lines > HARD_LIMIT && !excepted).then(|| {
        let text = format!("{lines} lines, more than {HARD_LIMIT}; split it by topic");
        Problem::new(&file.path, text)
    })
}

fn name(file: &SourceFile) -> Option<Problem> {
    let problem = |text: String| Some(Problem::new(&file.path, text));
    if file.file_name() == "mod.rs" {
        return problem("use `foo.rs` beside `foo/`, not `foo/mod.rs`".to_owned());
    }
    let dialect = file.path.starts_with("crates/api/src/");
    if file.stem() == "types" && !dialect {
        return problem(
            "`types.rs` is for wire structs of a dialect; name it after its subject".to_owned(),
        );
    }
    let mut names = file.folders().chain([file.stem()]);
    let banned = names.find(|name| BANNED_NAMES.contains(name))?;
    problem(format!(
        "`{banned}` says nothing about the content; name it after its subject"
    ))
}

fn header(file: &SourceFile) -> Option<Problem> {
    (!file.text.starts_with("//! ")).then(|| {
        let text = "the first line must be `//! ` and the file's purpose in one sentence";
        Problem::new(&file.path, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile::new(path, text);
        check(&file)
            .into_iter()
            .map(|problem| problem.text)
            .collect()
    }

    fn lines(count: usize) -> String {
        format!("//! Long.\n{}", "\n".repeat(count - 1))
    }

    #[test]
    fn a_file_with_a_header_and_a_telling_name_passes() {
        assert!(problems("crates/a/src/lease.rs", "//! Leases.\n").is_empty());
        assert!(problems("crates/api/src/native/types.rs", "//! Wire structs.\n").is_empty());
    }

    #[test]
    fn a_file_above_the_hard_limit_fails_and_below_it_warns() {
        assert!(problems("crates/a/src/lease.rs", &lines(801))[0].contains("801 lines"));
        assert!(problems("docs/openapi/native.json", &lines(801)).is_empty());
        let warned = |count| size_warning(&SourceFile::new("a.rs", lines(count))).is_some();
        assert!(!warned(500));
        assert!(warned(501));
        assert!(!warned(801));
    }

    #[test]
    fn names_that_say_nothing_fail() {
        for path in [
            "crates/a/src/utils.rs",
            "crates/a/src/helpers/lease.rs",
            "crates/a/src/lease/mod.rs",
            "crates/a/src/types.rs",
        ] {
            assert_eq!(problems(path, "//! Leases.\n").len(), 1, "{path}");
        }
    }

    #[test]
    fn a_file_without_a_header_fails() {
        assert!(problems("crates/a/src/lease.rs", "use std::fs;\n")[0].contains("`//! `"));
    }
}
