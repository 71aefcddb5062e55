//! What the fields of an endpoint may be; all faults of a request are found at once.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{Catalogue, Limits, RetryPolicy, Subscription};

use crate::Faults;
use crate::faults::check_text;

/// The checks of one request.
pub(super) struct Checks {
    pub(super) faults: Faults,
    catalogue: Arc<Catalogue>,
}

impl Checks {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> Self {
        Self {
            faults: Faults::default(),
            catalogue,
        }
    }

    pub(super) fn name(&mut self, name: Option<&str>) {
        let checked = name.map(|name| check_text(name, Limits::NAME_CHARS));
        self.faults.take_optional("/name", checked);
    }

    pub(super) fn subscriptions(&mut self, subscriptions: &[Subscription]) {
        if subscriptions.is_empty() || subscriptions.len() > Limits::SUBSCRIPTIONS {
            let reason = format!("must have 1 to {} entries", Limits::SUBSCRIPTIONS);
            self.faults.add("/events", reason);
            return;
        }
        for (index, subscription) in subscriptions.iter().enumerate() {
            if !self.catalogue.matches_any(&subscription.pattern) {
                let reason = "matches no event type of the catalogue";
                self.faults.add(format!("/events/{index}"), reason);
            }
        }
    }

    /// A version that none of the wanted event types has would never match.
    pub(super) fn version(&mut self, version: Option<&str>, subscriptions: &[Subscription]) {
        let Some(version) = version else { return };
        let exists = subscriptions.iter().any(|subscription| {
            let mut matching = self.catalogue.matching(&subscription.pattern);
            matching.any(|event_type| event_type.has_version(version))
        });
        if !exists {
            let reason = "none of the subscribed event types has this version";
            self.faults.add("/version", reason);
        }
    }

    pub(super) fn timeout(&mut self, timeout_ms: Option<u64>) -> Option<Duration> {
        let timeout = Duration::from_millis(timeout_ms?);
        if (Limits::TIMEOUT_MIN..=Limits::TIMEOUT_MAX).contains(&timeout) {
            return Some(timeout);
        }
        let (min, max) = (Limits::TIMEOUT_MIN, Limits::TIMEOUT_MAX);
        let reason = format!("must be {} to {}", min.as_millis(), max.as_millis());
        self.faults.add("/timeout_ms", reason);
        None
    }

    pub(super) fn retry_schedule(&mut self, seconds: Option<&[u32]>) -> Option<RetryPolicy> {
        let policy = seconds.map(RetryPolicy::try_new);
        self.faults.take_optional("/retry_schedule", policy)
    }
}
