//! Rules for test code: no waiting by the clock, no test that checks nothing or does not run.

use super::Problem;
use super::rust_text::{block_length, is_word};
use super::source::SourceFile;

/// Test files that may sleep, each with its reason.
const MAY_SLEEP: &[(&str, &str)] = &[];

pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in file
        .code_lines()
        .filter(|(index, _)| file.is_test_line(*index))
    {
        problems.extend(sleep(file, index, line));
        problems.extend(switched_off(file, index, line));
    }
    problems.extend(bare_matches(file));
    problems
}

fn sleep(file: &SourceFile, index: usize, line: &str) -> Option<Problem> {
    let excepted = MAY_SLEEP.iter().any(|(path, _)| *path == file.path);
    let sleeps = |call: &str| calls(line, call);
    let found = ["sleep", "sleep_until"].into_iter().any(sleeps);
    (found && !excepted).then(|| {
        let text = "a test must not sleep; wait for a signal or move the manual clock";
        Problem::at(file, index, text)
    })
}

/// Tells whether `line` calls a function of exactly this name.
fn calls(line: &str, name: &str) -> bool {
    let call = format!("{name}(");
    let mut places = line.match_indices(&call);
    places.any(|(place, _)| !line[..place].ends_with(is_word) && !line[..place].ends_with("fn "))
}

fn switched_off(file: &SourceFile, index: usize, line: &str) -> Option<Problem> {
    let attribute = ["#[ignore", "#[should_panic"]
        .into_iter()
        .find(|attribute| line.contains(attribute))?;
    let advice = if attribute == "#[ignore" {
        "a test that does not run proves nothing; repair it or remove it"
    } else {
        "any panic would pass; check the error itself"
    };
    Some(Problem::at(
        file,
        index,
        format!("`{attribute}]`: {advice}"),
    ))
}

/// Finds `matches!(…);` as a statement: its value is dropped, so it can never fail.
fn bare_matches(file: &SourceFile) -> Vec<Problem> {
    let call = "matches!";
    let is_bare = |place: &usize| {
        let before = file.code[..*place].trim_end();
        let after = &file.code[place + call.len()..];
        let begins = before.is_empty() || before.ends_with([';', '{', '}']);
        let ends =
            block_length(after).is_some_and(|end| after[end + 1..].trim_start().starts_with(';'));
        begins && ends
    };
    let mut problems = Vec::new();
    for (place, _) in file
        .code
        .match_indices(call)
        .filter(|(place, _)| is_bare(place))
    {
        let index = file.code[..place].matches('\n').count();
        let text = "this `matches!` drops its answer; write `assert!(matches!(…))`";
        problems.push(Problem::at(file, index, text));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile::new(path, text);
        check(&file)
            .into_iter()
            .map(|problem| problem.place)
            .collect()
    }

    #[test]
    fn a_sleep_in_a_test_is_found_in_files_and_in_modules() {
        let sleeping = "fn a() {\n    tokio::time::sleep(SECOND).await;\n}\n";
        assert_eq!(
            places("crates/a/tests/it/main.rs", sleeping),
            ["crates/a/tests/it/main.rs:2"]
        );
        let module = format!("#[cfg(test)]\nmod tests {{\n{sleeping}}}\n");
        assert_eq!(places("a.rs", &module), ["a.rs:4"]);
    }

    #[test]
    fn a_sleep_outside_tests_or_in_words_passes() {
        assert!(places("a.rs", "fn a() { sleep(SECOND); }").is_empty());
        assert!(
            places(
                "tests/a.rs",
                "// sleep(SECOND)\nlet a = \"sleep(\"; no_sleep(1); fn sleep() {}"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_matches_whose_answer_is_dropped_is_found() {
        assert_eq!(
            places("a.rs", "fn a() {\n    matches!(x, Some(_));\n}"),
            ["a.rs:2"]
        );
        assert_eq!(
            places(
                "a.rs",
                "fn a() {\n    let b = 1;\n    matches!(\n x, 1);\n}"
            ),
            ["a.rs:3"]
        );
    }

    #[test]
    fn a_matches_whose_answer_is_used_passes() {
        assert!(places("a.rs", "assert!(matches!(x, 1));").is_empty());
        assert!(places("a.rs", "fn a() -> bool {\n    matches!(x, 1)\n}").is_empty());
        assert!(places("a.rs", "let a = matches!(x, 1);").is_empty());
        assert!(places("a.rs", "fn a() -> bool { matches!(x, 1) && b }").is_empty());
    }

    #[test]
    fn tests_that_are_switched_off_or_accept_any_panic_are_found() {
        assert_eq!(
            places(
                "tests/a.rs",
                "#[ignore]\n#[should_panic(expected = \"x\")]\n"
            )
            .len(),
            2
        );
    }
}
