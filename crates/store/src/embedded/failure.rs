//! What an error of the database means: one of the six of the contract, and whether to go on.

use rusqlite::ErrorCode;

use super::shared::Shared;
use crate::StoreError;

/// When an error happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Before anything was committed: nothing was done.
    Work,
    /// In a commit, after others of the same group: something was done.
    LaterCommit,
}

/// Whether the error lies in what was asked, so that other work may succeed.
pub(super) fn is_of_one_work(error: &rusqlite::Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ReadOnly
        )
    )
}

/// Whether results may still be recorded where events can no longer be accepted.
pub(super) fn may_spare_other_files(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::CannotOpen)
    )
}

/// Turns an error of a write into one of the six; poisons the store when the disk failed.
pub(super) fn of_write(
    shared: &Shared,
    op: &'static str,
    step: Step,
    error: &rusqlite::Error,
) -> StoreError {
    let unknown = || StoreError::Unknown {
        op,
        reason: error.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) if step == Step::Work => StoreError::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::CannotOpen)
            if step == Step::Work =>
        {
            tracing::error!(op, %error, "the database cannot be used now");
            StoreError::Busy { op }
        }
        // Memory may run out after a commit reached the disk and before SQLite has noted it.
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory,
        ) => {
            shared.poison(format!("the disk or a file failed: {error}"));
            unknown()
        }
        _ => {
            tracing::error!(op, %error, "the database refused a statement");
            unknown()
        }
    }
}

/// Turns an error of a read into one of the six. Reads change nothing, so the store goes on.
pub(super) fn of_read(op: &'static str, error: &rusqlite::Error) -> StoreError {
    tracing::error!(op, %error, "a read failed");
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::DiskFull,
        ) => StoreError::Busy { op },
        _ => StoreError::Corrupt {
            op,
            reason: error.to_string(),
        },
    }
}

pub(super) fn corrupt(op: &'static str, reason: String) -> StoreError {
    StoreError::Corrupt { op, reason }
}

/// A task did not end. Its error would tell what a panic said, which may be anything.
pub(super) fn unfinished(op: &'static str, error: &tokio::task::JoinError) -> StoreError {
    let how = if error.is_panic() {
        "a task panicked"
    } else {
        "a task was cut off"
    };
    corrupt(op, how.to_owned())
}
