//! The data directory: there, private, ours, and opened by the master key.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use carehook_core::Clock;
use carehook_store::{DirectoryState, inspect_directory};

use super::finding::Finding;
use crate::config::Settings;
use crate::server::open_store;

const SUBJECT: &str = "data directory";

/// Looks at the data directory; gives it when it exists.
pub(super) fn check(settings: &Settings, findings: &mut Vec<Finding>) -> Option<PathBuf> {
    let Some(directory) = settings.data_directory() else {
        let advice = "set CAREHOOK_DATA or --data to the directory that keeps all data";
        findings.push(Finding::failed(SUBJECT, "not set", advice));
        return None;
    };
    let shown = directory.display();
    match fs::metadata(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            findings.push(absent(directory));
            None
        }
        Err(error) => {
            let advice = "the server's user must be able to reach it";
            findings.push(Finding::failed(
                SUBJECT,
                format!("{shown}: {error}"),
                advice,
            ));
            None
        }
        Ok(metadata) if !metadata.is_dir() => {
            let advice = "set CAREHOOK_DATA or --data to a directory";
            findings.push(Finding::failed(
                SUBJECT,
                format!("{shown} is a file"),
                advice,
            ));
            None
        }
        Ok(metadata) => {
            findings.push(privacy(directory, metadata.permissions().mode()));
            findings.push(contents(settings, directory));
            Some(directory.to_owned())
        }
    }
}

/// A directory that is not there yet must be possible to make.
fn absent(directory: &Path) -> Finding {
    let shown = directory.display();
    let Ok(absolute) = std::path::absolute(directory) else {
        return Finding::failed(
            SUBJECT,
            format!("{shown} cannot be found"),
            "set --data to a path",
        );
    };
    let ancestors = absolute.ancestors();
    let parent = ancestors.skip(1).find(|path| path.exists());
    let rights = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    match parent.map(|parent| (parent, rustix::fs::access(parent, rights))) {
        Some((_, Ok(()))) | None => {
            Finding::fine(SUBJECT, format!("{shown} is made at the first start"))
        }
        Some((parent, Err(error))) => Finding::failed(
            SUBJECT,
            format!("{shown} cannot be made in {}: {error}", parent.display()),
            "make it for the server's user: install -d -m 700 -o USER DIR",
        ),
    }
}

fn privacy(directory: &Path, mode: u32) -> Finding {
    let shown = directory.display();
    let mode = mode & 0o777;
    let for_others = mode & 0o077;
    if for_others == 0 {
        return Finding::fine(SUBJECT, format!("{shown}, for its owner only"));
    }
    Finding::warning(
        SUBJECT,
        format!("{shown} has mode {mode:o}: others on this machine can look into it"),
        format!("chmod 700 {shown}"),
    )
}

fn contents(settings: &Settings, directory: &Path) -> Finding {
    let subject = "data";
    let state = match inspect_directory(directory) {
        Ok(state) => state,
        Err(error) => {
            let advice = "the server's user must be able to read and write it";
            return Finding::failed(subject, chain(&error), advice);
        }
    };
    let DirectoryState { in_use, files } = state;
    if in_use {
        return Finding::fine(subject, "in use by a running server");
    }
    if files.is_empty() {
        return Finding::fine(subject, "none yet");
    }
    // The key is compared only when that changes nothing.
    if files.iter().any(|file| !file.is_current()) {
        let advice = "run `carehook migrate`, or start the server, which does the same";
        return Finding::warning(subject, "written by another version", advice);
    }
    let opened = settings.data_ready().map_err(anyhow::Error::from);
    match opened.and_then(|data| Ok(open_store(&data, Clock::system())?)) {
        Ok(_) => Finding::fine(
            subject,
            format!("{} files, opened by the master key", files.len()),
        ),
        Err(error) => Finding::failed(
            subject,
            format!("{error:#}"),
            "without the master key of the first start the data cannot be read",
        ),
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
