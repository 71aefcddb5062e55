//! Secrets are compared as what they are, in constant time, and never as their text.

use super::Problem;
use super::source::SourceFile;

/// Files that may compare a secret's text, each with its reason.
const MAY_COMPARE: &[(&str, &str)] = &[(
    "crates/app/src/endpoints/headers.rs",
    "compares what a caller sent with a public mask",
)];

/// Finds `==` and `!=` beside `expose()`: how long they take tells how much was right.
pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    if MAY_COMPARE.iter().any(|(path, _)| *path == file.path) {
        return Vec::new();
    }
    file.code_lines()
        .filter(|(index, line)| !file.is_test_line(*index) && compares_text(line))
        .map(|(index, _)| {
            let text = "compare the `Secret`s themselves: they do it in constant time";
            Problem::at(file, index, text)
        })
        .collect()
}

fn compares_text(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(3).any(|three| {
        let is_comparison = matches!(three[1], "==" | "!=");
        is_comparison
            && [three[0], three[2]]
                .iter()
                .any(|side| side.contains(".expose()"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&SourceFile::new("crates/a/src/a.rs", text)).len()
    }

    #[test]
    fn a_secret_that_is_compared_by_its_text_is_found() {
        assert_eq!(found("fn a() { key.expose() == given }"), 1);
        assert_eq!(found("fn a() { if given != key.expose() { } }"), 1);
        assert_eq!(found("fn a() { key == given && hash(key.expose()) }"), 0);
        assert_eq!(
            found("#[cfg(test)]\nmod tests {\n    fn a() { k.expose() == g }\n}\n"),
            0
        );
    }
}
