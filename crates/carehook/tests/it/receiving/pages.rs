//! What the pages show: the examples as they are tested, a delivery as it comes, the real figures.

use std::fmt::Write as _;
use std::fs;

use carehook_core::{Dialect, RetryPolicy};

use super::examples::example_of;
use super::{compare, page_of, place, vectors};

/// Heading, name of the code block's language, and ending of the example's file.
const LANGUAGES: [(&str, &str, &str); 8] = [
    ("Python", "python", "py"),
    ("JavaScript (Node)", "javascript", "mjs"),
    ("Rust", "rust", "rs"),
    ("Go", "go", "go"),
    ("Java", "java", "java"),
    ("C#", "csharp", "cs"),
    ("PHP", "php", "php"),
    ("Ruby", "ruby", "rb"),
];
const FENCE: &str = "```";

fn read(name: &str) -> String {
    fs::read_to_string(place(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Puts a text into the first code block of a language below a heading.
fn with_block(page: &str, heading: &str, language: &str, text: &str) -> String {
    let missing = || panic!("no block `{language}` below `{heading}`");
    let below = page.find(&format!("\n{heading}\n")).unwrap_or_else(missing);
    let opening = format!("\n{FENCE}{language}\n");
    let start = page[below..].find(&opening).unwrap_or_else(missing) + below + opening.len();
    let length = page[start..].find(FENCE).unwrap_or_else(missing);
    format!("{}{text}{}", &page[..start], &page[start + length..])
}

/// The delivery of the first vector as it comes over the wire.
fn delivery(dialect: Dialect) -> String {
    let vector = vectors::of(dialect).swap_remove(0);
    let mut text = String::from("POST /webhooks HTTP/1.1\n");
    for (name, value) in &vector.headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    write!(text, "\n{}\n", vector.body).unwrap();
    text
}

/// A schedule as the pages say it.
fn spoken(policy: &RetryPolicy) -> String {
    let delay = |seconds: &u32| match seconds {
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    };
    let delays: Vec<String> = policy.seconds().iter().map(delay).collect();
    delays.join(", ")
}

#[test]
fn the_pages_show_the_examples_that_are_tested() {
    for dialect in Dialect::ALL {
        let name = page_of(dialect);
        let mut page = read(&name);
        for (heading, language, ending) in LANGUAGES {
            let example = read(&format!("snippets/{}.{ending}", example_of(dialect)));
            page = with_block(&page, &format!("### {heading}"), language, &example);
        }
        if dialect == Dialect::Decoda {
            let example = read("snippets/decoda_parsed.py");
            page = with_block(&page, "## The vendor's way", "python", &example);
        }
        page = with_block(&page, "## A delivery", "http", &delivery(dialect));
        compare(&name, &page);
    }
}

#[test]
fn the_pages_tell_the_real_schedules_and_success_rules() {
    let start = read("receiving.md");
    for dialect in Dialect::ALL {
        let page = read(&page_of(dialect));
        let schedule = spoken(&dialect.default_retry_policy());
        let success = if dialect.is_success(204) {
            "any status from 200 to 299"
        } else {
            "status 200 only"
        };
        for text in [schedule.as_str(), success] {
            assert!(page.contains(text), "{dialect:?}: {text}");
            assert!(start.contains(text), "{text}");
        }
        assert!(start.contains(&page_of(dialect)), "{dialect:?}");
    }
}
