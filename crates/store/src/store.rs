//! The contract of all persistence: one enum whose methods are intents, each atomic.

mod activities;
mod api_keys;
mod audit;
mod deletions;
mod delivery_log;
mod erasures;
mod operator_keys;
mod payload_links;
mod replays;
mod retention;
mod rotation;
mod sessions;
mod standings;
mod statistics;
mod watching;

use std::path::Path;
use std::sync::Arc;

use carehook_core::{
    Attempt, AttemptId, Catalogue, Clock, Delivery, DeliveryId, DisabledReason, Endpoint,
    EndpointId, Event, EventId, EventType, Organization, OrganizationId, Timestamp,
};

use crate::{
    Accepted, AttemptRecord, DeliveryFilter, DuePage, DuePosition, EmbeddedOptions, EmbeddedStore,
    EventFilter, HintBatch, ListPage, MailPage, MasterKey, NewEvent, Notify, OpenError,
    PageRequest, PendingEndpoint, RequestKey, RequestStart, StoreError, StoredAnswer,
};

type Result<T> = std::result::Result<T, StoreError>;

/// Where everything is kept. Cheap to clone; all clones are the same store.
///
/// Reads of organizations, endpoints and the catalogue come from memory, so they are not async;
/// they show one's own writes at once.
#[derive(Clone)]
pub enum Store {
    /// `SQLite` files in one directory, used by this process alone.
    Embedded(EmbeddedStore),
}

/// Opening and closing.
impl Store {
    /// Opens (or makes) an embedded store in `dir`.
    pub fn open_embedded(
        dir: &Path,
        master: MasterKey,
        clock: &Clock,
        options: EmbeddedOptions,
    ) -> std::result::Result<Self, OpenError> {
        EmbeddedStore::open(dir, master, clock, options).map(Self::Embedded)
    }

    /// The newest time in the store; schedules must not run behind it.
    pub fn newest_time(&self) -> Timestamp {
        let Self::Embedded(store) = self;
        store.newest_time()
    }

    /// Whether writes work; the reason when they no longer do.
    pub fn health(&self) -> std::result::Result<(), String> {
        let Self::Embedded(store) = self;
        store.health()
    }

    /// Waits until writes no longer work, and says why.
    pub async fn failed(&self) -> String {
        let Self::Embedded(store) = self;
        store.failed().await
    }

    /// Ends all work and closes the files; later calls are refused as busy.
    pub async fn close(&self) {
        let Self::Embedded(store) = self;
        store.close().await;
    }
}

/// Organizations, endpoints and the catalogue.
impl Store {
    /// One organization.
    pub fn organization(&self, id: &OrganizationId) -> Option<Arc<Organization>> {
        let Self::Embedded(store) = self;
        store.organization(id)
    }

    /// All organizations, by id, from the one after `page.after`.
    pub fn list_organizations(
        &self,
        page: &PageRequest<OrganizationId>,
    ) -> ListPage<Arc<Organization>, OrganizationId> {
        let Self::Embedded(store) = self;
        store.list_organizations(page)
    }

    /// Makes an organization; refused when its id is taken.
    pub async fn create_organization(&self, new: Organization) -> Result<Arc<Organization>> {
        let Self::Embedded(store) = self;
        store.create_organization(new).await
    }

    /// Changes an organization; refused when there is none with this id.
    pub async fn update_organization(&self, new: Organization) -> Result<Arc<Organization>> {
        let Self::Embedded(store) = self;
        store.update_organization(new).await
    }

    /// Deletes an organization with its endpoints and the answers to its requests, fails what is
    /// pending and destroys its keys: its payloads can no longer be read.
    pub async fn delete_organization(&self, id: &OrganizationId, now: Timestamp) -> Result<()> {
        let Self::Embedded(store) = self;
        store.delete_organization(id, now).await
    }

    /// One endpoint of an organization.
    pub fn endpoint(&self, of: &OrganizationId, id: EndpointId) -> Option<Arc<Endpoint>> {
        self.any_endpoint(id).filter(|e| e.organization == *of)
    }

    /// One endpoint, whoever's it is: for the engine, which serves all.
    pub fn any_endpoint(&self, id: EndpointId) -> Option<Arc<Endpoint>> {
        let Self::Embedded(store) = self;
        store.endpoint(id)
    }

    /// The endpoints of an organization, oldest first.
    pub fn endpoints(&self, of: &OrganizationId) -> Arc<[Arc<Endpoint>]> {
        let Self::Embedded(store) = self;
        store.endpoints(of)
    }

    /// Makes an endpoint; refused when the organization does not exist or has `at_most` already.
    pub async fn create_endpoint(&self, new: Endpoint, at_most: usize) -> Result<Arc<Endpoint>> {
        let Self::Embedded(store) = self;
        store.create_endpoint(new, at_most).await
    }

    /// Replaces an endpoint; refused as changed unless `new.revision` is still the stored one.
    pub async fn replace_endpoint(&self, new: Endpoint) -> Result<Arc<Endpoint>> {
        let Self::Embedded(store) = self;
        store.replace_endpoint(new).await
    }

    /// Deletes an endpoint; its pending deliveries fail in the same step (law L13).
    pub async fn delete_endpoint(
        &self,
        of: &OrganizationId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<()> {
        let Self::Embedded(store) = self;
        store.delete_endpoint(of, id, now).await
    }

    /// Switches an endpoint off for a reason of ours; its pending deliveries fail in the same
    /// step. One that is off already stays as it is.
    pub async fn disable_endpoint(
        &self,
        id: EndpointId,
        reason: DisabledReason,
        now: Timestamp,
    ) -> Result<()> {
        let Self::Embedded(store) = self;
        store.disable_endpoint(id, reason, now).await
    }

    /// The catalogue as it is now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        let Self::Embedded(store) = self;
        store.catalogue()
    }

    /// Replaces the catalogue; refused as changed unless `old` is still the stored one.
    pub async fn replace_catalogue(&self, old: &Arc<Catalogue>, new: Catalogue) -> Result<()> {
        let Self::Embedded(store) = self;
        store.replace_catalogue(old, new).await
    }
}

/// Events and deliveries.
impl Store {
    /// A new id for an event that is accepted at `now`.
    pub fn new_event_id(&self, now: Timestamp) -> EventId {
        let Self::Embedded(store) = self;
        store.new_event_id(now)
    }

    /// Accepts events: each with its deliveries and idempotency keys in one commit.
    ///
    /// `Ok` means that the event survives a kill and a power cut (L1). The same idempotency key
    /// within 24 hours gives the same answer and no second fan-out; with a different event it is
    /// refused as [`crate::Refusal::KeyReused`] (L4). Endpoints that were deleted meanwhile get
    /// nothing. Each event has its own result.
    pub async fn accept(&self, events: Vec<NewEvent>) -> Vec<Result<Accepted>> {
        let Self::Embedded(store) = self;
        store.accept(events).await
    }

    /// What an endpoint is owed after `after` and due by `until`, ordered by (due, id) (L9).
    pub async fn page(
        &self,
        endpoint: EndpointId,
        after: Option<DuePosition>,
        until: Timestamp,
        limit: usize,
    ) -> Result<DuePage> {
        let Self::Embedded(store) = self;
        store.page(endpoint, after, until, limit).await
    }

    /// All endpoints with pending deliveries: what a restart begins with.
    pub async fn pending_endpoints(&self) -> Result<Vec<PendingEndpoint>> {
        let Self::Embedded(store) = self;
        store.pending_endpoints().await
    }

    /// Records ended attempts with the states that follow, in one commit.
    ///
    /// Recording an attempt again changes nothing (L8). A delivery that is no longer pending gets
    /// its attempt and keeps its state. With the failure of a delivery of which somebody wants to
    /// hear, a mail comes to be owed in the same commit.
    pub async fn record(&self, attempts: Vec<AttemptRecord>) -> Result<()> {
        let Self::Embedded(store) = self;
        store.record(attempts).await
    }

    /// Fails deliveries whose event can no longer be read.
    pub async fn quarantine(&self, deliveries: Vec<DeliveryId>, now: Timestamp) -> Result<()> {
        let Self::Embedded(store) = self;
        store.quarantine(deliveries, now).await
    }

    /// Makes a delivery due at once, with a new round of its schedule; also one that has ended.
    /// Refused when its endpoint was deleted. `notify` holds for this round alone.
    pub async fn retry_delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
        notify: Notify,
        now: Timestamp,
    ) -> Result<Delivery> {
        let Self::Embedded(store) = self;
        store.retry_delivery(of, id, notify, now).await
    }

    /// Calls off a pending delivery; refused when it has ended.
    pub async fn cancel_delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Delivery> {
        let Self::Embedded(store) = self;
        store.cancel_delivery(of, id, now).await
    }

    /// One event of an organization.
    pub async fn event(&self, of: &OrganizationId, id: &EventId) -> Result<Option<Event>> {
        let Self::Embedded(store) = self;
        store.event(of, id).await
    }

    /// The events of an organization, newest first.
    pub async fn list_events(
        &self,
        of: &OrganizationId,
        filter: &EventFilter,
        page: PageRequest,
    ) -> Result<ListPage<Event>> {
        let Self::Embedded(store) = self;
        store.list_events(of, filter, page).await
    }

    /// Whether an event of this type was owed to an endpoint of any organization, ever: looks
    /// through everything that is kept.
    pub async fn has_deliveries_of(&self, event_type: &EventType) -> Result<bool> {
        let Self::Embedded(store) = self;
        store.has_deliveries_of(event_type).await
    }

    /// One delivery of an organization, with its attempts, oldest first.
    pub async fn delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>> {
        let Self::Embedded(store) = self;
        store.delivery(of, id).await
    }

    /// The deliveries of an organization, newest first.
    pub async fn list_deliveries(
        &self,
        of: &OrganizationId,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<ListPage<Delivery>> {
        let Self::Embedded(store) = self;
        store.list_deliveries(of, filter, page).await
    }

    /// Waits for news of commits. There is one listener: the engine.
    pub async fn next_hints(&self) -> HintBatch {
        let Self::Embedded(store) = self;
        store.next_hints().await
    }
}

/// Mails about failed deliveries: owed from the commit of the failure until they are ended.
impl Store {
    /// Mails that are due by `until`, the first due first.
    pub async fn due_mails(&self, until: Timestamp, limit: usize) -> Result<MailPage> {
        let Self::Embedded(store) = self;
        store.due_mails(until, limit).await
    }

    /// Forgets a mail: it was sent, or it is given up. Without such a mail nothing happens.
    pub async fn end_mail(&self, about: AttemptId) -> Result<()> {
        let Self::Embedded(store) = self;
        store.end_mail(about).await
    }

    /// Makes a mail due at `until`, and counts that.
    pub async fn delay_mail(&self, about: AttemptId, until: Timestamp) -> Result<()> {
        let Self::Embedded(store) = self;
        store.delay_mail(about, until).await
    }
}

/// Idempotency of requests other than publishes.
impl Store {
    /// Starts a request; refused as [`crate::Refusal::KeyReused`] when the key belongs to another.
    ///
    /// `fingerprint` stands for method, path and body.
    pub async fn start_request(
        &self,
        key: RequestKey,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<RequestStart> {
        let Self::Embedded(store) = self;
        store.start_request(key, fingerprint, now).await
    }

    /// Keeps the answer of a started request for 24 hours.
    pub async fn finish_request(&self, key: RequestKey, answer: StoredAnswer) -> Result<()> {
        let Self::Embedded(store) = self;
        store.finish_request(key, answer).await
    }

    /// Forgets a started request, so that it can be sent again.
    pub async fn abandon_request(&self, key: RequestKey) -> Result<()> {
        let Self::Embedded(store) = self;
        store.abandon_request(key).await
    }
}
