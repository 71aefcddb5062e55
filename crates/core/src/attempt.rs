//! Attempts: the HTTP requests made for a delivery, and how each ended.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Timestamp};

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The receiver took it.
    Delivered,
    /// The receiver answered with a status that is no success.
    Rejected,
    /// The deadline passed.
    TimedOut,
    /// No connection, a TLS failure, or the connection broke.
    Unreachable,
    /// The address policy refused the target; nothing was sent.
    Blocked,
}

/// Why an attempt was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// It was due.
    #[default]
    Schedule,
    /// Somebody asked for a retry.
    Manual,
    /// Part of a replay.
    Replay,
    /// A test event.
    Test,
}

/// One HTTP request made for a delivery.
#[derive(Clone)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// 1 for the first attempt of the delivery.
    pub number: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, in plain words.
    pub error: Option<String>,
    /// The beginning of the receiver's answer: hostile text that may hold patients' data.
    pub answer: Bytes,
    /// Why it was made.
    pub trigger: Trigger,
}
