//! The embedded backend: `SQLite` files in one directory, written by one thread.
//!
//! `control.db` holds organizations, keys, endpoints and the catalogue; one log file a UTC day
//! holds events, deliveries, attempts and idempotency keys, so that an accept is one transaction
//! in one file. The writer thread takes everything that waits, commits and syncs once, then wakes
//! all callers. Readers have connections of their own and never wait for it.
//!
//! After a failed sync nothing more is written: what the disk holds is no longer known, and only a
//! restart, which reads it, can tell.

mod activities;
mod added;
mod api_key_writes;
mod api_keys;
mod audit;
mod backlog_reads;
mod checkpoints;
mod codec;
mod codec_credentials;
mod commit;
mod control;
mod control_writes;
mod data_keys;
mod days;
mod deletions;
mod delivery_log;
mod delivery_reads;
mod delivery_writes;
mod due_reads;
mod emptying;
mod erase_events;
mod erasures;
mod event_reads;
mod failure;
mod files;
mod fuzzing;
mod hint_board;
mod inspect;
mod key_uses;
mod lifetime;
mod log_accept;
mod log_deliveries;
mod open;
mod open_logs;
mod operator_keys;
mod outbox;
mod outbox_reads;
mod pace;
mod payload_links;
mod prepare;
mod queue;
mod readers;
mod replays;
mod requests;
mod retention;
mod rotation;
mod sessions;
mod shared;
mod standing_reads;
mod statistics;
mod watching;
mod work;
mod writer;

use std::sync::Arc;
use std::thread::JoinHandle;

use carehook_core::{
    Attempt, Catalogue, Delivery, DeliveryId, DeliveryState, DisabledReason, Endpoint, EndpointId,
    Event, EventId, EventType, Organization, OrganizationId, Reason, RecordId, Timestamp,
};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    Accepted, AttemptRecord, AuditNote, DeliveryFilter, DuePage, DuePosition, EventFilter,
    HintBatch, ListPage, NewEvent, Notify, PageRequest, PendingEndpoint, Refusal, StoreError,
};
use shared::{Shared, lost};
use work::{AcceptWork, RecordWork, Work};
use writer::Writer;

pub use audit::{DirectoryAudit, OwnedBook};
pub use fuzzing::read_as_every_record;
pub use inspect::{DirectoryState, FileState, inspect_directory};
pub use shared::EmbeddedOptions;

type Result<T> = std::result::Result<T, StoreError>;

/// An open data directory. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    /// What the next change through this handle leaves in the audit trail.
    note: Option<Arc<AuditNote>>,
    thread: Arc<WriterThread>,
}

/// Closes the queue when the last handle goes, so that the writer thread ends.
struct WriterThread {
    shared: Arc<Shared>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

/// The idempotency key that an id given by the publisher stands for.
fn given_key(id: &str) -> String {
    format!("id:{id}")
}

fn is_given_key(key: &str) -> bool {
    key.starts_with("id:")
}

/// Organizations, endpoints and the catalogue.
impl EmbeddedStore {
    pub(crate) fn organization(&self, id: &OrganizationId) -> Option<Arc<Organization>> {
        let control = self.shared.control.read();
        control
            .entry(id)
            .map(|entry| Arc::clone(&entry.organization))
    }

    pub(crate) fn list_organizations(
        &self,
        page: &PageRequest<OrganizationId>,
    ) -> ListPage<Arc<Organization>, OrganizationId> {
        use std::ops::Bound;
        let control = self.shared.control.read();
        let start = page
            .after
            .as_ref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        let mut items: Vec<_> = control
            .organizations
            .range::<OrganizationId, _>((start, Bound::Unbounded))
            .take(page.limit.saturating_add(1))
            .map(|(_, entry)| Arc::clone(&entry.organization))
            .collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| last.id.clone());
        ListPage { items, next }
    }

    pub(crate) async fn create_organization(&self, new: Organization) -> Result<Arc<Organization>> {
        let create = |writer: &mut Writer| writer.create_organization(new);
        self.change("create an organization", create).await
    }

    pub(crate) async fn update_organization(&self, new: Organization) -> Result<Arc<Organization>> {
        let update = |writer: &mut Writer| writer.update_organization(new);
        self.change("change an organization", update).await
    }

    pub(crate) async fn delete_organization(
        &self,
        id: &OrganizationId,
        now: Timestamp,
    ) -> Result<()> {
        let id = id.clone();
        let delete = move |writer: &mut Writer| writer.delete_organization(&id, now);
        self.change("delete an organization", delete).await
    }

    pub(crate) fn endpoint(&self, id: EndpointId) -> Option<Arc<Endpoint>> {
        self.shared.control.read().endpoint(id).cloned()
    }

    pub(crate) fn endpoints(&self, of: &OrganizationId) -> Arc<[Arc<Endpoint>]> {
        let control = self.shared.control.read();
        let entry = control.entry(of);
        entry.map_or_else(|| Arc::from([]), |entry| Arc::clone(&entry.endpoints))
    }

    pub(crate) async fn create_endpoint(
        &self,
        new: Endpoint,
        at_most: usize,
    ) -> Result<Arc<Endpoint>> {
        let create = move |writer: &mut Writer| writer.create_endpoint(new, at_most);
        self.change("create an endpoint", create).await
    }

    pub(crate) async fn replace_endpoint(&self, new: Endpoint) -> Result<Arc<Endpoint>> {
        let replace = move |writer: &mut Writer| writer.replace_endpoint(new);
        self.change("change an endpoint", replace).await
    }

    pub(crate) async fn delete_endpoint(
        &self,
        of: &OrganizationId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<()> {
        let of = of.clone();
        let delete = move |writer: &mut Writer| writer.delete_endpoint(&of, id, now);
        self.change("delete an endpoint", delete).await
    }

    pub(crate) async fn disable_endpoint(
        &self,
        id: EndpointId,
        reason: DisabledReason,
        now: Timestamp,
    ) -> Result<()> {
        let disable = move |writer: &mut Writer| writer.disable_endpoint(id, reason, now);
        let op = "disable an endpoint";
        self.shared.change_always(op, disable).await
    }

    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.shared.control.read().catalogue)
    }

    pub(crate) async fn replace_catalogue(
        &self,
        old: &Arc<Catalogue>,
        new: Catalogue,
    ) -> Result<()> {
        let old = Arc::clone(old);
        let replace = move |writer: &mut Writer| writer.replace_catalogue(&old, new);
        self.change("change the catalogue", replace).await
    }
}

/// Events and deliveries.
impl EmbeddedStore {
    pub(crate) fn new_event_id(&self, now: Timestamp) -> EventId {
        let number = self.shared.next_event_number();
        let millis = now.max(self.shared.floor()).0;
        EventId::Made(RecordId::new(millis, number, prepare::salt()))
    }

    pub(crate) async fn accept(&self, events: Vec<NewEvent>) -> Vec<Result<Accepted>> {
        let count = events.len();
        let mut prepared = Vec::with_capacity(count);
        for event in events {
            prepared.push(prepare::event(&self.shared, event).await);
        }
        let (reply, results) = oneshot::channel();
        let work = Work::Accept(AcceptWork {
            events: prepared,
            reply,
        });
        if let Err(error) = self.shared.submit("accept", work) {
            return vec![Err(error); count];
        }
        let results = results.await;
        results.unwrap_or_else(|_| vec![Err(lost("accept")); count])
    }

    pub(crate) async fn page(
        &self,
        endpoint: EndpointId,
        after: Option<DuePosition>,
        until: Timestamp,
        limit: usize,
    ) -> Result<DuePage> {
        let place = self.shared.control.read().place(endpoint);
        // A deleted endpoint is owed nothing, even while its deletion is being finished.
        let Some(place) = place.filter(|place| !place.deleted) else {
            return Ok(DuePage {
                deliveries: Vec::new(),
                unreadable: Vec::new(),
                next_due: None,
            });
        };
        self.read_at_once("page", move |shared| {
            due_reads::page(shared, (endpoint, place.number), after, until, limit)
        })
        .await
    }

    pub(crate) async fn pending_endpoints(&self) -> Result<Vec<PendingEndpoint>> {
        self.read_at_once("find pending deliveries", due_reads::pending_endpoints)
            .await
    }

    pub(crate) async fn record(&self, attempts: Vec<AttemptRecord>) -> Result<()> {
        let mut prepared = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            prepared.push(prepare::attempt(&self.shared, attempt).await?);
        }
        let (reply, result) = oneshot::channel();
        let work = Work::Record(RecordWork {
            attempts: prepared,
            reply,
        });
        self.shared.submit("record", work)?;
        result.await.unwrap_or_else(|_| Err(lost("record")))
    }

    pub(crate) async fn quarantine(
        &self,
        deliveries: Vec<DeliveryId>,
        now: Timestamp,
    ) -> Result<()> {
        const OP: &str = "quarantine";
        self.shared
            .change_always(OP, move |writer| {
                let ending = (DeliveryState::Failed, Reason::Unreadable);
                writer.end_deliveries(OP, &deliveries, ending, now)?;
                Ok(())
            })
            .await
    }

    pub(crate) async fn retry_delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
        notify: Notify,
        now: Timestamp,
    ) -> Result<Delivery> {
        self.existing(of, id).await?;
        let retry = move |writer: &mut Writer| writer.retry_delivery(id, notify, now);
        self.change("retry a delivery", retry).await?;
        self.existing(of, id).await
    }

    pub(crate) async fn cancel_delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Delivery> {
        const OP: &str = "cancel a delivery";
        self.existing(of, id).await?;
        let ending = (DeliveryState::Cancelled, Reason::Cancelled);
        let cancel = move |writer: &mut Writer| writer.end_deliveries(OP, &[id], ending, now);
        match self.change(OP, cancel).await? {
            0 => Err(Refusal::State.into()),
            _ => self.existing(of, id).await,
        }
    }

    pub(crate) async fn event(&self, of: &OrganizationId, id: &EventId) -> Result<Option<Event>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(None);
        };
        let id = id.clone();
        self.read("read an event", move |shared| {
            let found = event_reads::find(shared, organization, &id)?;
            Ok(found.and_then(|(_, row)| event_reads::show(shared, &row)))
        })
        .await
    }

    pub(crate) async fn has_deliveries_of(&self, event_type: &EventType) -> Result<bool> {
        let event_type = event_type.clone();
        self.read("look for an event type", move |shared| {
            event_reads::has_deliveries_of(shared, event_type.as_str())
        })
        .await
    }

    pub(crate) async fn list_events(
        &self,
        of: &OrganizationId,
        filter: &EventFilter,
        page: PageRequest,
    ) -> Result<ListPage<Event>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(no_page());
        };
        let filter = filter.clone();
        self.read("list events", move |shared| {
            event_reads::list(shared, organization, &filter, page)
        })
        .await
    }

    pub(crate) async fn delivery(
        &self,
        of: &OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(None);
        };
        self.read("read a delivery", move |shared| {
            let Some(delivery) = delivery_reads::one(shared, organization, id)? else {
                return Ok(None);
            };
            let attempts = delivery_reads::attempts(shared, organization, id, 1..=u32::MAX)?;
            Ok(Some((delivery, attempts)))
        })
        .await
    }

    pub(crate) async fn list_deliveries(
        &self,
        of: &OrganizationId,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<ListPage<Delivery>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(no_page());
        };
        let filter = filter.clone();
        self.read("list deliveries", move |shared| {
            delivery_reads::list(shared, organization, &filter, page)
        })
        .await
    }

    pub(crate) async fn next_hints(&self) -> HintBatch {
        self.shared.hints.next().await
    }

    async fn existing(&self, of: &OrganizationId, id: DeliveryId) -> Result<Delivery> {
        let organization = self.organization_number(of);
        let found = match organization {
            None => None,
            Some(number) => {
                self.read("read a delivery", move |shared| {
                    delivery_reads::one(shared, number, id)
                })
                .await?
            }
        };
        found.ok_or_else(|| Refusal::NotFound("delivery").into())
    }

    fn organization_number(&self, id: &OrganizationId) -> Option<i64> {
        self.shared
            .control
            .read()
            .entry(id)
            .map(|entry| entry.number)
    }

    /// Reads for people, a few at a time.
    async fn read<T: Send + 'static>(
        &self,
        op: &'static str,
        read: impl FnOnce(&Shared) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.shared.read_places.acquire().await;
        let _place = place.map_err(|_| StoreError::Busy { op })?;
        self.read_at_once(op, read).await
    }

    /// Reads on a thread that may block. The engine bounds its own reads and must not wait for
    /// those of people.
    async fn read_at_once<T: Send + 'static>(
        &self,
        op: &'static str,
        read: impl FnOnce(&Shared) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.shared);
        let result = tokio::task::spawn_blocking(move || read(&shared)).await;
        result
            .map_err(|error| failure::unfinished(op, &error))?
            .map_err(|error| failure::of_read(op, &error))
    }
}

fn no_page<T>() -> ListPage<T> {
    ListPage {
        items: Vec::new(),
        next: None,
    }
}

#[cfg(test)]
mod tests;
