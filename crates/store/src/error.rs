//! What can go wrong in a store.

use std::path::PathBuf;

/// Why an intent was refused although the store works (law L14, `Refused`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such thing, or it belongs to another organization.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Something with this id exists already.
    #[error("this {0} exists already")]
    Exists(&'static str),
    /// It was changed by somebody else since it was read.
    #[error("the {0} was changed meanwhile")]
    Changed(&'static str),
    /// The idempotency key belongs to a different request.
    #[error(
        "the id or idempotency key was used for a different request, or for one that was erased"
    )]
    KeyReused,
    /// The delivery is in a state in which this cannot be done.
    #[error("the delivery is not in a state for this")]
    State,
    /// Something else still depends on it, or a limit is reached.
    #[error("{0}")]
    Conflict(String),
}

/// The errors of a store; these six and no others (law L14).
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Nothing was done, and trying again unchanged will not help.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Nothing was done; trying again later may help.
    #[error("the store is busy ({op})")]
    Busy {
        /// The intent.
        op: &'static str,
    },
    /// It was done or not: the answer of the disk or the server did not arrive.
    #[error("the outcome of {op} is unknown: {reason}")]
    Unknown {
        /// The intent.
        op: &'static str,
        /// What the database said.
        reason: String,
    },
    /// Another node has taken over; nothing was done.
    #[error("another node has taken over")]
    Fenced,
    /// There is no room; nothing was done.
    #[error("no room is left on the disk")]
    Full,
    /// The store cannot be used any more; a restart recovers what was acknowledged.
    #[error("the store cannot be used ({op}): {reason}")]
    Corrupt {
        /// The intent.
        op: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the directory.
    #[error("the data directory {} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// The directory or a file cannot be used.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The database refused.
    #[error("cannot open the database {}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file was written by a newer version.
    #[error("{} has schema version {found}; this version of carehook knows up to {known}: use a newer carehook", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The master key is not the one that the directory was made with.
    #[error("the master key is not the one that this data directory was made with")]
    WrongMasterKey,
    /// Something inside cannot be read.
    #[error("{0} in the data directory cannot be read")]
    Unreadable(&'static str),
}
