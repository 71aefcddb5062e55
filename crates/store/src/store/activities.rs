//! The contract of activities: tries made here and reported by others, and their chains of retries.

use carehook_core::{Delivery, EndpointId, OrganizationId, Timestamp};

use super::{Result, Store};
use crate::{Activity, ActivityId, ActivityPage, ActivityQuery, Report, ReportedOutcome};

impl Store {
    /// Stores what another sender reports about a try of its own.
    pub async fn report(&self, of: &OrganizationId, report: Report) -> Result<ActivityId> {
        let Self::Embedded(store) = self;
        store.report(of, report).await
    }

    /// Says how a reported try came out; refused as [`crate::Refusal::Conflict`] when that was
    /// said before, and for attempts of ours.
    pub async fn complete_report(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
        outcome: ReportedOutcome,
    ) -> Result<()> {
        let Self::Embedded(store) = self;
        store.complete_report(of, endpoint, id, outcome).await
    }

    /// Makes the delivery of an attempt due at once, as [`Store::retry_delivery`] does, and notes
    /// in the same step that its next attempt is the retry of this one. When that was noted before
    /// and the attempt was not made yet, the first note stays.
    pub async fn retry_attempt(
        &self,
        of: &OrganizationId,
        id: ActivityId,
        now: Timestamp,
    ) -> Result<Delivery> {
        let Self::Embedded(store) = self;
        store.retry_attempt(of, id, now).await
    }

    /// One activity of an endpoint; also the next attempt of a pending delivery.
    pub async fn activity(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<Option<Activity>> {
        let Self::Embedded(store) = self;
        store.activity(of, endpoint, id).await
    }

    /// The activities of an endpoint by the time at which they began, and how many there are.
    ///
    /// Takes time in proportion to what the endpoint has, and memory to what it had in one hour.
    pub async fn list_activities(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        query: &ActivityQuery,
    ) -> Result<ActivityPage> {
        let Self::Embedded(store) = self;
        store.list_activities(of, endpoint, query).await
    }

    /// The retries of an activity, their retries and so on, nearest first; at most `limit`.
    pub async fn retries_of(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
        limit: usize,
    ) -> Result<Vec<Activity>> {
        let Self::Embedded(store) = self;
        store.retries_of(of, endpoint, id, limit).await
    }
}
