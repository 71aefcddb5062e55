//! Links between the repository's Markdown files must lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::source::SourceFile;

/// Checks every relative link; `paths` are all files, also those that are not text.
pub(super) fn check(sources: &[SourceFile], paths: &[String]) -> Vec<Problem> {
    let known = known_places(paths);
    let pages = || sources.iter().filter(|file| file.has_extension("md"));
    let headings: BTreeMap<&str, BTreeSet<String>> = pages()
        .map(|page| (page.path.as_str(), headings(&page.text)))
        .collect();
    let mut problems = Vec::new();
    for page in pages() {
        for (index, target) in links(&page.text) {
            problems.extend(
                broken(page, target, &known, &headings).map(|text| Problem::at(page, index, text)),
            );
        }
    }
    problems
}

/// All files and the folders above them.
fn known_places(paths: &[String]) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    for path in paths {
        let ends = path.match_indices('/').map(|(end, _)| end);
        known.extend(ends.map(|end| &path[..end]));
        known.insert(path.as_str());
    }
    known
}

fn broken(
    page: &SourceFile,
    target: &str,
    known: &BTreeSet<&str>,
    headings: &BTreeMap<&str, BTreeSet<String>>,
) -> Option<String> {
    let is_address = target.contains("://") || target.starts_with("mailto:");
    if is_address {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let Some(place) = resolve(page, path) else {
        return Some(format!("the link `{target}` leads out of the repository"));
    };
    if !place.is_empty() && !known.contains(place.as_str()) {
        return Some(format!(
            "the link `{target}` leads to a file that does not exist"
        ));
    }
    let has_heading = headings
        .get(place.as_str())
        .is_none_or(|headings| headings.contains(heading));
    (!heading.is_empty() && !has_heading)
        .then(|| format!("the link `{target}` leads to a heading that does not exist"))
}

/// The place a link means, relative to the root; an empty one is the page itself.
fn resolve(page: &SourceFile, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(page.path.clone());
    }
    let mut parts: Vec<&str> = page.folders().collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The lines that are text, not code, with their index from 0.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in prose(text) {
        for (place, _) in line.match_indices("](") {
            let in_code = line[..place].matches('`').count() % 2 == 1;
            let rest = &line[place + 2..];
            if let (false, Some(end)) = (in_code, rest.find([')', ' '])) {
                found.push((index, &rest[..end]));
            }
        }
    }
    found
}

/// The anchors of all headings, built as code hosts build them.
fn headings(text: &str) -> BTreeSet<String> {
    let title = |line: &str| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| anchor(title.trim()))
    };
    prose(text).filter_map(|(_, line)| title(line)).collect()
}

fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || " -_".contains(*character))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        let others = [
            SourceFile::new("docs/guide.md", "# The Guide: `part` 1\n"),
            SourceFile::new(path, text),
        ];
        let paths = ["docs/guide.md", "docs/logo.png", "README.md"].map(str::to_owned);
        check(&others, &paths).len()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "\
# Top
[a](docs/guide.md) [b](docs/guide.md#the-guide-part-1) [c](#top) [d](docs) ![e](docs/logo.png \"Logo\")
[f](https://example.com/x) [g](mailto:a@example.com) `[h](nowhere.md)`
```
[i](nowhere.md)
```
";
        assert_eq!(problems("README.md", text), 0);
        assert_eq!(
            problems("docs/other.md", "[a](../README.md) [b](./guide.md)"),
            0
        );
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        assert_eq!(problems("README.md", "[a](nowhere.md)"), 1);
        assert_eq!(problems("README.md", "[a](docs/guide.md#nothing)"), 1);
        assert_eq!(problems("README.md", "[a](#nothing)"), 1);
        assert_eq!(problems("README.md", "[a](../outside.md)"), 1);
        assert_eq!(problems("docs/other.md", "[a](docs/guide.md)"), 1);
    }
}
