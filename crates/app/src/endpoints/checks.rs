//! What the fields of an endpoint may be; all faults of a request are found at once.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{
    Catalogue, Dialect, EventTypeError, Limits, MailAddress, RetryPolicy, Subscription,
};

use crate::catalogue::check_subscribable;
use crate::faults::check_text;
use crate::{AppError, Faults};

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

    /// Ends the checks: with the faults if there are any, else with what is newly wanted although
    /// it is out of use.
    pub(super) fn finish<T>(
        self,
        value: Option<T>,
        wanted: &[Subscription],
        before: &[Subscription],
    ) -> Result<T, AppError> {
        let value = self.faults.finish(value)?;
        check_subscribable(&self.catalogue, wanted, before)?;
        Ok(value)
    }

    pub(super) fn name(&mut self, name: Option<&str>) {
        let checked = name.map(|name| check_text(name, Limits::NAME_CHARS));
        self.faults.take_optional("/name", checked);
    }

    /// Reads names in the words of the API that they came through.
    ///
    /// An ECG subscription may begin without events; elsewhere such an endpoint is a mistake.
    pub(super) fn subscriptions(
        &mut self,
        names: &[String],
        face: Dialect,
        dialect: Dialect,
    ) -> Vec<Subscription> {
        let least = usize::from(dialect != Dialect::Ecg);
        if !(least..=Limits::SUBSCRIPTIONS).contains(&names.len()) {
            let reason = format!("must have {least} to {} entries", Limits::SUBSCRIPTIONS);
            self.faults.add("/events", reason);
            return Vec::new();
        }
        let mut all = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let read = self.subscription(name, face, dialect);
            all.extend(self.faults.take(&format!("/events/{index}"), read));
        }
        all.into_iter().flatten().collect()
    }

    fn subscription(
        &self,
        name: &str,
        face: Dialect,
        dialect: Dialect,
    ) -> Result<Vec<Subscription>, String> {
        // In ECG an event is also named by its id.
        let by_id = (dialect == Dialect::Ecg)
            .then(|| name.parse().ok())
            .flatten()
            .and_then(|id| self.catalogue.event_type_by_id(id));
        let name = by_id.map_or(name, |definition| definition.code.as_str());
        let own = dialect.subscriptions(name, &self.catalogue);
        if face != Dialect::Native {
            return own.ok_or_else(|| "is not an event that can be subscribed to".to_owned());
        }
        if let Some(own) = own.filter(|_| dialect != Dialect::Native) {
            return Ok(own);
        }
        let pattern = name
            .parse()
            .map_err(|error: EventTypeError| error.to_string())?;
        if !self.catalogue.matches_any(&pattern) {
            return Err("matches no event type of the catalogue".to_owned());
        }
        let name = name.into();
        Ok(vec![Subscription { name, pattern }])
    }

    /// A version that none of the wanted event types has would never match.
    pub(super) fn version(&mut self, version: Option<&str>, subscriptions: &[Subscription]) {
        let Some(version) = version.filter(|_| !subscriptions.is_empty()) else {
            return;
        };
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

    pub(super) fn notification_email(&mut self, address: Option<&str>) {
        let checked = address.map(str::parse::<MailAddress>);
        self.faults.take_optional("/notification_email", checked);
    }

    pub(super) fn retry_schedule(&mut self, seconds: Option<&[u32]>) -> Option<RetryPolicy> {
        let policy = seconds.map(RetryPolicy::try_new);
        self.faults.take_optional("/retry_schedule", policy)
    }
}
