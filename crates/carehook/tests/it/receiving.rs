//! The pages for those who receive deliveries: their examples, vectors and figures are true.

mod examples;
mod pages;
mod rust_examples;
pub(crate) mod vectors;

use std::fs;
use std::path::{Path, PathBuf};

use carehook_core::Dialect;

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/user");
/// With this variable the tests write what they otherwise compare.
const WRITE: &str = "CAREHOOK_WRITE_DOCS";

/// A file below `docs/user`.
fn place(name: &str) -> PathBuf {
    Path::new(PAGES).join(name)
}

fn page_of(dialect: Dialect) -> String {
    format!("receiving-{}.md", dialect.as_str())
}

/// Compares a file with what it should be, or writes it.
#[track_caller]
fn compare(name: &str, wanted: &str) {
    if std::env::var_os(WRITE).is_some() {
        fs::write(place(name), wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(place(name)).unwrap_or_default();
    let lines = found.lines().zip(wanted.lines());
    let same = lines.take_while(|(found, wanted)| found == wanted).count();
    assert!(
        found == wanted,
        "docs/user/{name} is not fresh from line {}: set {WRITE}=1, run this test again, look at \
         `git diff`, commit",
        same + 1
    );
}
