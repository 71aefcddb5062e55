//! Programs that fill a store and time what is asked of it, a line for each question.

use anyhow::{Context as _, Result};

use crate::process::Tool;
use crate::workspace::root;

/// How long a question took, in milliseconds.
pub(super) struct Answer {
    pub(super) question: String,
    pub(super) median: f64,
    pub(super) longest: f64,
}

/// What the example of a package says with so many deliveries stored, the slowest first.
pub(super) fn ask(package: &str, example: &str, stored: u64) -> Result<Vec<Answer>> {
    let said = Tool::cargo(&["run", "--release", "--locked", "--quiet"])
        .args([
            format!("--package={package}"),
            format!("--example={example}"),
        ])
        .args(["--".to_owned(), stored.to_string()])
        .dir(root())
        .read()?;
    let mut answers = said
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(answer)
        .collect::<Result<Vec<_>>>()?;
    answers.sort_by(|a, b| b.median.total_cmp(&a.median));
    Ok(answers)
}

fn answer(line: &str) -> Result<Answer> {
    let mut parts = line.split('\t');
    let mut next = || {
        parts
            .next()
            .with_context(|| format!("`{line}` is no answer"))
    };
    Ok(Answer {
        question: next()?.to_owned(),
        median: next()?.parse()?,
        longest: next()?.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_question_a_median_and_a_longest_time() {
        let read = answer("log: failed\t1.5\t20.0").unwrap();
        assert_eq!(read.question, "log: failed");
        assert!((read.median, read.longest) == (1.5, 20.0));
        assert!(answer("nothing").is_err());
    }
}
