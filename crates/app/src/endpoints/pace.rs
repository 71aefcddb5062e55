//! When an endpoint gets what it is owed: what holds it up, and how often a delivery is tried.

use carehook_core::{Endpoint, RetryPolicy, Timestamp};

use crate::App;

/// What keeps an endpoint from getting what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is paused, switched off or archived, or its owner is not proven.
    Inactive,
    /// It is left alone after failures, until then.
    LeftAlone(Timestamp),
}

impl App {
    /// What keeps an endpoint from getting what is due, if something does; asks memory only.
    pub fn hold_of(&self, endpoint: &Endpoint) -> Option<Hold> {
        if !endpoint.is_served() {
            return Some(Hold::Inactive);
        }
        let until = self.store().endpoint_pause(endpoint.id);
        let until = until.filter(|until| *until > self.now());
        until.map(Hold::LeftAlone)
    }

    /// The retry schedule by which an endpoint's deliveries are tried now.
    pub fn retry_policy_of(&self, endpoint: &Endpoint) -> RetryPolicy {
        let own = endpoint.retry_policy.as_ref();
        let policy = own.or(self.inner().default_retry_policy.as_ref());
        policy
            .cloned()
            .unwrap_or_else(|| endpoint.dialect.default_retry_policy())
    }
}
