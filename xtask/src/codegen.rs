//! `cargo xtask codegen`: writes the generated files that are committed, or checks that they are fresh.

mod command_reference;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::process::Tool;
use crate::workspace::{metadata, root};

#[derive(Args)]
pub(crate) struct CodegenArguments {
    /// Changes nothing and fails when a file is not what the code says
    #[arg(long)]
    check: bool,
}

/// Where the text of a generated file comes from.
#[derive(Clone, Copy)]
enum Source {
    /// What `carehook` prints with these arguments.
    Output(&'static [&'static str]),
    /// The help of every command of `carehook`.
    CommandReference,
}

/// One generated file.
struct Generated {
    file: &'static str,
    source: Source,
}

/// All generated files. To add one, add a line, run `cargo xtask codegen`, commit the file.
const GENERATED: &[Generated] = &[
    Generated {
        file: "docs/openapi/native.json",
        source: Source::Output(&["openapi", "--dialect", "native"]),
    },
    Generated {
        file: "docs/openapi/jump.json",
        source: Source::Output(&["openapi", "--dialect", "jump"]),
    },
    Generated {
        file: "docs/openapi/decoda.json",
        source: Source::Output(&["openapi", "--dialect", "decoda"]),
    },
    Generated {
        file: "docs/openapi/mycure.json",
        source: Source::Output(&["openapi", "--dialect", "mycure"]),
    },
    Generated {
        file: "docs/openapi/ecg.json",
        source: Source::Output(&["openapi", "--dialect", "ecg"]),
    },
    Generated {
        file: "docs/cli.md",
        source: Source::CommandReference,
    },
];

pub(crate) fn run(arguments: &CodegenArguments) -> Result<()> {
    if arguments.check { check() } else { write() }
}

/// Fails when a committed file differs from what would be generated now.
pub(crate) fn check() -> Result<()> {
    let carehook = build()?;
    let mut stale = Vec::new();
    for Generated { file, source } in GENERATED {
        let wanted =
            generate(&carehook, *source).with_context(|| format!("cannot generate {file}"))?;
        let found = fs::read_to_string(root().join(file)).unwrap_or_default();
        stale.extend(first_difference(&found, &wanted).map(|line| format!("{file}:{line}")));
    }
    if !stale.is_empty() {
        bail!(
            "generated files are not fresh (first difference): {}\nRun `cargo xtask codegen`, look at `git diff`, commit.",
            stale.join(", ")
        );
    }
    Ok(())
}

fn write() -> Result<()> {
    let carehook = build()?;
    for Generated { file, source } in GENERATED {
        let wanted =
            generate(&carehook, *source).with_context(|| format!("cannot generate {file}"))?;
        let path = root().join(file);
        if fs::read_to_string(&path).is_ok_and(|found| found == wanted) {
            println!("unchanged  {file}");
            continue;
        }
        let folder = path.parent().expect("a generated file lies below the root");
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&path, wanted).with_context(|| format!("cannot write {file}"))?;
        println!("written    {file}");
    }
    Ok(())
}

/// Builds the program exactly as the tests do, so that nothing is compiled twice.
fn build() -> Result<PathBuf> {
    Tool::cargo(&["build", "--locked", "--workspace", "--bins", "--tests"])
        .dir(root())
        .run()?;
    Ok(metadata()?.target_directory.join("debug/carehook"))
}

fn generate(carehook: &Path, source: Source) -> Result<String> {
    let text = match source {
        Source::Output(arguments) => output(carehook, arguments)?,
        Source::CommandReference => {
            command_reference::render("carehook", |arguments| output(carehook, arguments))?
        }
    };
    Ok(format!("{}\n", text.trim_end()))
}

/// Runs the program; its help shows the environment, so it gets none.
fn output(carehook: &Path, arguments: &[&str]) -> Result<String> {
    let tool = Tool::new(carehook)
        .args(arguments)
        .without_environment()
        .env("COLUMNS", "100");
    let shown = tool.to_string();
    let text = tool.read()?;
    if text.trim().is_empty() {
        bail!("{shown} printed nothing");
    }
    Ok(text)
}

/// The number of the first line that differs, counted from 1.
fn first_difference(found: &str, wanted: &str) -> Option<usize> {
    if found == wanted {
        return None;
    }
    let same = found.lines().zip(wanted.lines());
    Some(same.take_while(|(found, wanted)| found == wanted).count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_prints_nothing_generates_no_file() {
        let error = output(Path::new("true"), &[]).unwrap_err().to_string();
        assert_eq!(error, "`true` printed nothing");
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_differing_line_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
