//! Under which licences the program's parts may come; `deny.toml` has the same list.

use super::Problem;

/// All let us ship the program under Apache-2.0 and ask for no more than a notice.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks `name version<tab>licence`, one package per line.
pub(super) fn check(tree: &str) -> Vec<Problem> {
    let mut packages: Vec<(&str, &str)> = tree
        .lines()
        .filter_map(|line| line.strip_suffix(" (*)").unwrap_or(line).split_once('\t'))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let refused = packages
        .into_iter()
        .filter(|(_, licence)| !is_accepted(licence));
    let problem = |(package, licence): (&str, &str)| {
        let licence = if licence.is_empty() { "none" } else { licence };
        let text =
            format!("comes under `{licence}`, which xtask/src/tidy/licences.rs does not have");
        Problem::new(package, text)
    };
    refused.map(problem).collect()
}

/// Whether an SPDX expression leaves a choice that is accepted.
fn is_accepted(expression: &str) -> bool {
    // An older spelling of OR.
    let expression = expression.replace(" / ", " OR ").replace('/', " OR ");
    any(&expression)
}

fn any(expression: &str) -> bool {
    split(expression, " OR ").into_iter().any(all)
}

fn all(expression: &str) -> bool {
    let parts = split(expression, " AND ");
    parts.iter().all(|part| {
        let part = part.trim();
        match part
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            Some(inner) => any(inner),
            None => ACCEPTED.contains(&part),
        }
    })
}

/// Splits at a word that is in no brackets.
fn split<'e>(expression: &'e str, word: &str) -> Vec<&'e str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (place, letter) in expression.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ' ' if depth == 0 && expression[place..].starts_with(word) => {
                parts.push(&expression[start..place]);
                start = place + word.len();
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_accepted_when_a_choice_of_it_is() {
        for accepted in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "ISC AND (Apache-2.0 OR ISC) AND (GPL-3.0 OR MIT-0)",
        ] {
            assert!(is_accepted(accepted), "{accepted}");
        }
        for refused in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND OpenSSL",
            "AGPL-3.0 OR SSPL-1.0",
        ] {
            assert!(!is_accepted(refused), "{refused}");
        }
    }

    #[test]
    fn a_package_without_an_accepted_licence_is_named_once() {
        let tree = "a v1.0.0\tMIT\nb v2.0.0\tGPL-3.0\nb v2.0.0\tGPL-3.0 (*)\nc v1.0.0\t\n";
        let problems = check(tree);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].to_string().contains("b v2.0.0"));
        assert!(problems[1].to_string().contains("`none`"));
    }
}
