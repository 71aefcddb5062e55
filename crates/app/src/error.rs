//! What can go wrong in a use case, in words that a caller may see; the causes are for the log.

use std::error::Error;
use std::fmt;

use carehook_core::CatalogueError;
use carehook_deliver::DeliverError;
use carehook_store::{Refusal, StoreError};

use crate::{FieldFault, Quota};

/// Why a use case did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No key, or one that does not exist.
    #[error("the request has no valid key")]
    Unauthenticated,
    /// The key is valid, but it does not give this right.
    #[error("{reason}")]
    Forbidden {
        /// Which right is missing.
        reason: String,
    },
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such {kind}")]
    NotFound {
        /// What was asked for.
        kind: &'static str,
    },
    /// It was there, and is not any more.
    #[error("{reason}")]
    Gone {
        /// What became of it.
        reason: &'static str,
    },
    /// Fields are not acceptable; nothing was stored.
    #[error("the request has fields that are not acceptable")]
    Invalid(Vec<FieldFault>),
    /// It contradicts what is stored; nothing was stored.
    #[error("{reason}")]
    Conflict {
        /// How.
        reason: String,
    },
    /// A request with the same idempotency key is still being worked on.
    #[error("a request with the same idempotency key is still being worked on")]
    InProgress,
    /// It is larger than what is accepted; nothing was stored.
    #[error("{reason}")]
    TooLarge {
        /// What is too large.
        reason: String,
    },
    /// It is more than the caller's limit allows; nothing was done.
    #[error("{0}")]
    RateLimited(Quota),
    /// Nothing was done; trying again later may help.
    #[error("{step} did not work; nothing was stored, try again")]
    Unavailable {
        /// The step that failed.
        step: &'static str,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It was done or not.
    #[error(
        "the outcome is unknown: it may have been stored or not; \
         repeating the request with the same idempotency key is safe"
    )]
    OutcomeUnknown(#[source] StoreError),
    /// There is no room; nothing was stored.
    #[error("there is no room left to store anything")]
    Full,
    /// A fault of ours.
    #[error("something is wrong on our side")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl AppError {
    /// Whether the caller has done nothing wrong.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::OutcomeUnknown(_) | Self::Full | Self::Internal(_) => {
                true
            }
            Self::Unauthenticated
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Gone { .. }
            | Self::Invalid(_)
            | Self::Conflict { .. }
            | Self::InProgress
            | Self::TooLarge { .. }
            | Self::RateLimited(_) => false,
        }
    }

    /// A task of ours did not end. Its error would tell what a panic said, which may be anything.
    pub(crate) fn unfinished(error: &tokio::task::JoinError) -> Self {
        let how = if error.is_panic() {
            "a task panicked"
        } else {
            "a task was cut off"
        };
        Self::Internal(how.into())
    }

    /// A conflict, with its reason.
    pub(crate) fn conflict(reason: impl Into<String>) -> Self {
        Self::Conflict {
            reason: reason.into(),
        }
    }

    /// A single field that is not acceptable.
    pub fn invalid(pointer: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Invalid(vec![FieldFault {
            pointer: pointer.into(),
            reason: reason.to_string(),
        }])
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Busy { .. } | StoreError::Fenced => Self::Unavailable {
                step: "storing",
                source: error.into(),
            },
            StoreError::Unknown { .. } => Self::OutcomeUnknown(error),
            StoreError::Full => Self::Full,
            StoreError::Corrupt { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound(kind) => Self::NotFound { kind },
            Refusal::Exists(_) | Refusal::Changed(_) | Refusal::KeyReused | Refusal::State => {
                Self::conflict(refusal.to_string())
            }
            Refusal::Conflict(reason) => Self::Conflict { reason },
        }
    }
}

impl From<DeliverError> for AppError {
    fn from(error: DeliverError) -> Self {
        Self::Unavailable {
            step: "checking the URL",
            source: error.into(),
        }
    }
}

impl From<CatalogueError> for AppError {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::NotFound { kind, .. } => Self::NotFound { kind },
            CatalogueError::Invalid { field, reason } => Self::invalid(format!("/{field}"), reason),
            CatalogueError::Exists { .. }
            | CatalogueError::BuiltIn { .. }
            | CatalogueError::BuiltInField { .. }
            | CatalogueError::Closed { .. }
            | CatalogueError::CategoryInUse { .. } => Self::conflict(error.to_string()),
        }
    }
}

/// Prints an error followed by every cause, for the log.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}
