//! `cargo xtask test`: makes ready what the tests need beyond Rust, then runs them.

mod debian;
mod judges;
mod needs;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::Tool;
use crate::steps::Steps;
use crate::workspace::{Metadata, metadata, root};
pub(crate) use debian::meet_needs;
use judges::Judges;

#[derive(Args, Default)]
pub(crate) struct TestArguments {
    /// Tests only this package; may be repeated
    #[arg(short, long, value_name = "NAME")]
    package: Vec<String>,
    /// Parts of test names, and options of the test runner
    #[arg(last = true, value_name = "FILTER")]
    filters: Vec<String>,
}

pub(crate) fn run(arguments: &TestArguments) -> Result<()> {
    let metadata = metadata()?;
    let mut steps = Steps::default();
    let mut judges = None;
    steps.run(
        "test needs",
        "install what is named below, or run once as root or with sudo.",
        || {
            judges = Some(judges::prepare(&metadata.target_directory.join("judges"))?);
            Ok(())
        },
    )?;
    let Some(judges) = judges else {
        bail!("the judges were not made ready");
    };
    // The tests come last so that their summary ends the output.
    if arguments.filters.is_empty() {
        let advice = "an example in a doc comment is wrong: repair it.";
        steps.run("doctests", advice, || {
            doctests(arguments, &metadata, &judges)
        })?;
    }
    let advice = "run the failing test alone: `cargo xtask test -- <name>`.";
    steps.run("tests", advice, || tests(arguments, &judges))
}

/// Documentation examples; cargo refuses to look for them in packages without a library.
fn doctests(arguments: &TestArguments, metadata: &Metadata, judges: &Judges) -> Result<()> {
    let packages = with_library(&arguments.package, metadata);
    if packages.is_empty() && !arguments.package.is_empty() {
        return Ok(());
    }
    let tool = Tool::cargo(&["test", "--locked", "--doc", "--quiet", "--no-fail-fast"]);
    judges
        .announce_to(tool.args(selection(&packages)))
        .dir(root())
        .run()
}

fn tests(arguments: &TestArguments, judges: &Judges) -> Result<()> {
    let tool = if Tool::cargo(&["nextest", "--version"]).succeeds() {
        let no_tests = if arguments.filters.is_empty() {
            "pass"
        } else {
            "fail"
        };
        Tool::cargo(&[
            "nextest",
            "run",
            "--locked",
            "--no-fail-fast",
            "--no-tests",
            no_tests,
        ])
        .args(selection(&arguments.package))
        .args(&arguments.filters)
    } else {
        Tool::cargo(&["test", "--locked", "--no-fail-fast", "--tests"])
            .args(selection(&arguments.package))
            .args(["--"])
            .args(&arguments.filters)
    };
    judges.announce_to(tool).dir(root()).run()
}

/// The cargo options that choose `packages`, or everything when there are none.
fn selection(packages: &[String]) -> Vec<String> {
    if packages.is_empty() {
        return vec!["--workspace".to_owned()];
    }
    packages
        .iter()
        .map(|package| format!("--package={package}"))
        .collect()
}

fn with_library(packages: &[String], metadata: &Metadata) -> Vec<String> {
    let has_library = |name: &String| {
        let mut known = metadata.packages.iter();
        // An unknown name stays in, so that cargo complains about it.
        known
            .find(|package| package.name == *name)
            .is_none_or(crate::workspace::Package::has_library)
    };
    packages
        .iter()
        .filter(|name| has_library(name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn without_a_package_the_whole_workspace_is_tested() {
        assert_eq!(selection(&[]), ["--workspace"]);
        assert_eq!(
            selection(&names(&["a", "b"])),
            ["--package=a", "--package=b"]
        );
    }

    #[test]
    fn doctests_are_looked_for_in_libraries_only() {
        let metadata = metadata().unwrap();
        let asked = names(&["xtask", "carehook-core", "unknown"]);
        assert_eq!(
            with_library(&asked, &metadata),
            ["carehook-core", "unknown"]
        );
    }
}
