//! The contract of figures: what was counted of ended attempts, and what is still owed.

use carehook_core::{EndpointId, OrganizationId, Timestamp};

use super::{Result, Store};
use crate::{
    Backlog, Bounded, Counts, CountsOf, DiskUse, EndpointBacklog, EndpointCounts, EngineLoad,
    TimeSteps,
};

impl Store {
    /// What was counted in each step, by the time at which attempts ended.
    ///
    /// An attempt is counted once, with the commit of its record, and is in the figures at once;
    /// also after a crash, but for attempts that sent nothing. Takes time in proportion to the
    /// steps, whatever is stored. Nothing of an organization that does not exist.
    pub async fn counts(&self, of: &CountsOf, steps: TimeSteps) -> Result<Vec<Counts>> {
        let Self::Embedded(store) = self;
        store.counts(of, steps).await
    }

    /// The same for each endpoint of an organization, oldest first, with its last attempt.
    pub async fn endpoint_counts(
        &self,
        of: &OrganizationId,
        steps: TimeSteps,
    ) -> Result<Vec<EndpointCounts>> {
        let Self::Embedded(store) = self;
        store.endpoint_counts(of, steps).await
    }

    /// What was counted of every living endpoint of all organizations since the beginning of the
    /// hour that holds `since`, in one step; looks at `at_most` hours of endpoints.
    pub async fn busy_endpoints(
        &self,
        since: Timestamp,
        at_most: usize,
    ) -> Result<Vec<EndpointCounts>> {
        let Self::Embedded(store) = self;
        store.busy_endpoints(since, at_most).await
    }

    /// Writes down what was counted. This is called every few seconds, and by [`Self::close`]:
    /// after a crash what was counted since is counted again.
    pub async fn keep_statistics(&self) -> Result<()> {
        let Self::Embedded(store) = self;
        store.keep_statistics().await
    }

    /// What is pending for one endpoint of an organization; nothing when it is none of its own.
    ///
    /// Counts `at_most` of each day's deliveries.
    pub async fn backlog(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        (now, at_most): (Timestamp, usize),
    ) -> Result<Backlog> {
        let Self::Embedded(store) = self;
        store.backlog(of, endpoint, (now, at_most)).await
    }

    /// What is pending for each living endpoint that is owed something, of one organization or of
    /// all; counts `at_most` of each endpoint and day, and ten times that in all.
    pub async fn backlogs(
        &self,
        of: Option<&OrganizationId>,
        (now, at_most): (Timestamp, usize),
    ) -> Result<Vec<EndpointBacklog>> {
        let Self::Embedded(store) = self;
        store.backlogs(of, (now, at_most)).await
    }

    /// How many pending deliveries of an endpoint are due before this time; counts up to `at_most`.
    pub async fn count_ahead(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        (due, at_most): (Timestamp, usize),
    ) -> Result<Bounded> {
        let Self::Embedded(store) = self;
        store.count_ahead(of, endpoint, (due, at_most)).await
    }

    /// Notes what the engine has in hand, for people who look. Costs one write to memory.
    pub fn note_engine_load(&self, load: EngineLoad) {
        let Self::Embedded(store) = self;
        store.note_engine_load(load);
    }

    /// What the engine had in hand when it said so last.
    pub fn engine_load(&self) -> EngineLoad {
        let Self::Embedded(store) = self;
        store.engine_load()
    }

    /// Notes until when the engine leaves an endpoint alone after failures; `None` when it does not.
    /// Kept in memory: a new process has no reason yet to leave one alone.
    pub fn note_endpoint_pause(&self, endpoint: EndpointId, until: Option<Timestamp>) {
        let Self::Embedded(store) = self;
        store.note_endpoint_pause(endpoint, until);
    }

    /// Until when an endpoint is left alone, as the engine said last; it may be in the past.
    pub fn endpoint_pause(&self, endpoint: EndpointId) -> Option<Timestamp> {
        let Self::Embedded(store) = self;
        store.endpoint_pause(endpoint)
    }

    /// How much room the files take, and what is left.
    pub async fn disk_use(&self) -> Result<DiskUse> {
        let Self::Embedded(store) = self;
        store.disk_use().await
    }
}
