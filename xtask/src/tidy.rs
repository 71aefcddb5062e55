//! `cargo xtask tidy`: the house rules that no lint knows, each with a message that says what to do.
//!
//! Every rule is a pure function from file texts (or package facts) to problems, tested on small inputs.

mod capabilities;
mod comparisons;
mod decisions;
mod dialects;
mod file_shape;
mod layers;
mod licences;
mod links;
mod named_tests;
mod places;
mod rust_text;
mod source;
mod supply;
mod test_code;
mod to_dos;

use std::fmt;

use anyhow::{Result, bail};

use crate::process::Tool;
use crate::workspace::{files, metadata, root};
use source::SourceFile;

/// One broken rule: where, what, and what to do.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Problem {
    place: String,
    text: String,
}

impl Problem {
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
        }
    }

    /// A problem in one line of a file; `index` counts from 0.
    fn at(file: &SourceFile, index: usize, text: impl Into<String>) -> Self {
        Self::new(format!("{}:{}", file.path, index + 1), text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// The rules that look at one file at a time.
const FILE_RULES: &[fn(&SourceFile) -> Vec<Problem>] = &[
    dialects::check,
    file_shape::check,
    layers::check_purity,
    places::check,
    supply::check_file,
    comparisons::check,
    test_code::check,
    to_dos::check,
];

pub(crate) fn run() -> Result<()> {
    let paths = files()?;
    let sources = source::load(root(), &paths)?;
    let mut problems: Vec<Problem> = FILE_RULES
        .iter()
        .flat_map(|rule| sources.iter().flat_map(rule))
        .collect();
    problems.extend(capabilities::check(&sources));
    problems.extend(named_tests::check(&sources));
    problems.extend(decisions::check(&sources));
    problems.extend(links::check(&sources, &paths));
    problems.extend(layers::check(&metadata()?.packages));
    problems.extend(supply::check_tree(&dependency_tree("{p}")?));
    problems.extend(licences::check(&dependency_tree("{p}\t{l}")?));
    for warning in sources.iter().filter_map(file_shape::size_warning) {
        println!("warning: {warning}");
    }
    report(problems, sources.len())
}

fn report(mut problems: Vec<Problem>, files: usize) -> Result<()> {
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => println!("tidy: {files} files, no problems"),
        count => bail!("tidy found {count} problems; each line above says what to do"),
    }
    Ok(())
}

/// Everything that ends up in the program, one package per line.
pub(crate) fn dependency_tree(format: &str) -> Result<String> {
    let arguments = [
        "tree",
        "--locked",
        "--package",
        "carehook",
        "--edges",
        "normal",
    ];
    Tool::cargo(&arguments)
        .args(["--prefix", "none", "--format", format])
        .dir(root())
        .read()
}
