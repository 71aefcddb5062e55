//! Clients in Python's standard library, which walk an API as a customer's program does.

use std::path::Path;
use std::process::Command;

use crate::judges::python;

/// Runs a client with these variables until it ends.
///
/// # Panics
///
/// When it ends with another code than 0; the message is what it printed.
#[track_caller]
pub fn run_python_client(script: &Path, variables: &[(&str, &str)]) {
    let output = Command::new(python())
        .arg(script)
        .envs(variables.iter().copied())
        // A module that it imports is compiled into no file of the repository.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap_or_else(|error| panic!("no Python: {error}; run `cargo xtask test`"));
    assert!(
        output.status.success(),
        "{}: {}\n{}{}",
        script.display(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
