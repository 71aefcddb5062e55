//! Mails that are owed about failed deliveries: kept until they are sent or given up.

use std::sync::Arc;

use carehook_core::{Attempt, AttemptId, Delivery, Endpoint, Timestamp};

/// Whether somebody is told when a round of attempts ends in failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// A mail about the failure is owed.
    #[default]
    OnFailure,
    /// Nobody is told.
    Never,
}

/// A mail that is owed. It is due again until it is ended or delayed.
#[derive(Clone)]
pub struct DueMail {
    /// The attempt that was the last one, which names the mail as well.
    pub about: AttemptId,
    /// How often it was delayed.
    pub tries: u32,
    /// `None` when there is nobody to tell it to any more: the endpoint was deleted, or its rows
    /// cannot be read.
    pub failure: Option<Failure>,
}

/// What a mail is about.
#[derive(Clone)]
pub struct Failure {
    /// The receiver, as it is now.
    pub endpoint: Arc<Endpoint>,
    /// The delivery, as it is now.
    pub delivery: Delivery,
    /// The attempt that failed last when the mail came to be owed.
    pub attempt: Attempt,
}

/// A part of the mails that are owed, the first due first.
#[derive(Clone)]
pub struct MailPage {
    /// What is due.
    pub mails: Vec<DueMail>,
    /// When the first mail after these is due; `None` when there is none.
    pub next_due: Option<Timestamp>,
}
