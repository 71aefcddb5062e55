//! Knows the repository: its root, its files and its packages.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::process::Tool;

/// The repository's root folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies below the workspace's root")
}

/// Lists the files that are committed, or would be by `git add --all`, relative to the root and sorted.
pub(crate) fn files() -> Result<Vec<String>> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let list = Tool::new("git").args(arguments).dir(root()).read()?;
    let mut files: Vec<String> = list
        .split_terminator('\0')
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// What `cargo metadata` says about the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

impl Package {
    /// Doctests exist only in libraries.
    pub(crate) fn has_library(&self) -> bool {
        self.targets
            .iter()
            .any(|target| target.kind.iter().any(|kind| kind == "lib"))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Absent for a normal dependency, else `build` or `dev`.
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    kind: Vec<String>,
}

/// Reads the workspace's own packages; the dependencies of dependencies are not resolved.
pub(crate) fn metadata() -> Result<Metadata> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let text = Tool::cargo(&arguments).dir(root()).read()?;
    serde_json::from_str(&text).context("cannot read what `cargo metadata` printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    /// `cargo run -- demo`, the first command of the README, must know which program is meant.
    #[test]
    fn the_programs_of_development_are_not_what_cargo_run_runs() {
        let arguments = ["metadata", "--format-version", "1", "--no-deps"];
        let text = Tool::cargo(&arguments).dir(root()).read().unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
        let defaults = metadata["workspace_default_members"].as_array().unwrap();
        assert_eq!(defaults.len(), 1, "{defaults:?}");
        assert!(defaults[0].as_str().unwrap().contains("crates/carehook#"));
    }

    #[test]
    fn the_files_include_this_one_and_nothing_that_is_ignored() {
        let files = files().unwrap();
        assert!(files.iter().any(|file| file == "xtask/src/workspace.rs"));
        assert!(!files.iter().any(|file| file.starts_with("target/")));
    }

    #[test]
    fn the_metadata_tells_programs_from_libraries() {
        let metadata = metadata().unwrap();
        let named = |name: &str| metadata.packages.iter().find(|p| p.name == name).unwrap();
        assert!(named("carehook-core").has_library());
        assert!(!named("xtask").has_library());
        assert!(named("xtask").dependencies.iter().any(|d| d.name == "clap"));
    }
}
