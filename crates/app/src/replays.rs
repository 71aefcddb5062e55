//! Replays: an endpoint gets again, or for the first time, what was published earlier, by a job.

use carehook_core::{
    AuditAction, EndpointId, Limits, Pattern, Reason, Replay, ReplayFilter, ReplayId, ReplayOf,
    Scope, Timestamp,
};
use carehook_store::{Bounded, Refusal, StoreError};

use crate::audit;
use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, EndpointChange, Faults, OrganizationAccess};

const UNKNOWN: AppError = AppError::NotFound { kind: "replay" };

/// Deliveries that are looked at to say how many failed by a 410, at most.
const LOOKED_AT: usize = 10_000;

/// A replay as somebody asked for it.
#[derive(Clone, Debug, Default)]
pub struct NewReplay {
    /// How the deliveries stand that are meant: `failed`, `missing` or `all`.
    pub state: Option<String>,
    /// Event types and patterns; everything without any.
    pub types: Vec<String>,
    /// Of events accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Of events accepted before this time.
    pub until: Option<Timestamp>,
    /// Whether they are only counted.
    pub dry_run: bool,
}

impl App {
    /// Starts a replay.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while another replay of the endpoint is running.
    pub async fn start_replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        new: NewReplay,
    ) -> Result<Replay, AppError> {
        access.require(Scope::Manage)?;
        self.known_endpoint(access, endpoint)?;
        let (filter, dry_run) = checked(new)?;
        self.make_replay(access, endpoint, filter, dry_run).await
    }

    /// Activates an endpoint that was switched off when its receiver answered 410, and starts a
    /// replay of the deliveries that failed by such an answer.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while another replay of the endpoint is running; it is active then.
    pub async fn activate_and_replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
    ) -> Result<Replay, AppError> {
        access.require(Scope::Manage)?;
        let change = EndpointChange {
            active: Some(true),
            ..EndpointChange::default()
        };
        self.change_endpoint(access, endpoint, change).await?;
        let filter = ReplayFilter {
            of: ReplayOf::Failed,
            types: Vec::new(),
            since: None,
            until: None,
            reason: Some(Reason::EndpointGone),
        };
        self.make_replay(access, endpoint, filter, false).await
    }

    /// How many deliveries of an endpoint failed because its receiver answered 410, as far as that
    /// is quickly told.
    pub async fn failed_by_410(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
    ) -> Result<Bounded, AppError> {
        access.require(Scope::Read)?;
        self.known_endpoint(access, endpoint)?;
        let (organization, reason) = (access.organization(), Reason::EndpointGone);
        let counted = self
            .store()
            .count_ended(organization, endpoint, reason, LOOKED_AT);
        Ok(counted.await?)
    }

    async fn make_replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        filter: ReplayFilter,
        dry_run: bool,
    ) -> Result<Replay, AppError> {
        let id = ReplayId(self.inner().random.record_id(self.now()));
        let entry = access.entry(self, AuditAction::ReplayStarted, object(id));
        let entry = entry
            .with("endpoint", endpoint)
            .with("state", filter.of.as_str())
            .with("dry_run", dry_run);
        let organization = access.organization();
        let store = self.noting_entry(organization, entry);
        let new = carehook_store::NewReplay {
            id,
            endpoint,
            filter,
            dry_run,
        };
        let made = store.create_replay(organization, new).await?;
        tracing::info!(%organization, replay = %id, "replay started");
        Ok(made)
    }

    /// One replay of an endpoint.
    pub async fn replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ReplayId,
    ) -> Result<Replay, AppError> {
        access.require(Scope::Read)?;
        self.known_replay(access, endpoint, id).await
    }

    /// The replays of an endpoint, newest first.
    pub async fn list_replays(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        page: &Page,
    ) -> Result<PageOf<Replay>, AppError> {
        access.require(Scope::Read)?;
        self.known_endpoint(access, endpoint)?;
        let owner = audit::endpoint(endpoint);
        let list = List {
            kind: "replays",
            owner: &owner,
        };
        let request = list.request(page)?;
        let organization = access.organization();
        let found = self.store().list_replays(organization, endpoint, request);
        let found = found.await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// Stops a replay; what it made due already is still sent.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when it has ended.
    pub async fn stop_replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ReplayId,
    ) -> Result<Replay, AppError> {
        access.require(Scope::Manage)?;
        self.known_replay(access, endpoint, id).await?;
        let organization = access.organization();
        let store = self.noting(access, AuditAction::ReplayStopped, object(id));
        let stopped = store.stop_replay(organization, id).await?;
        tracing::info!(%organization, replay = %id, "replay stopped");
        Ok(stopped)
    }

    /// Calls off what a stopped replay had made due and that has not ended; how many there were.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while it is running.
    pub async fn cancel_replayed(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ReplayId,
    ) -> Result<usize, AppError> {
        access.require(Scope::Manage)?;
        self.known_replay(access, endpoint, id).await?;
        let organization = access.organization();
        let mut cancelled = 0;
        // Each step is a commit with an entry of its own.
        loop {
            let store = self.noting(access, AuditAction::DeliveryCancelled, object(id));
            match store.cancel_replayed(organization, id).await {
                Ok(step) => cancelled += step,
                Err(StoreError::Refused(Refusal::State)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        tracing::info!(%organization, replay = %id, cancelled, "called off what a replay made due");
        Ok(cancelled)
    }

    async fn known_replay(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ReplayId,
    ) -> Result<Replay, AppError> {
        self.known_endpoint(access, endpoint)?;
        let found = self.store().replay(access.organization(), id).await?;
        found
            .filter(|replay| replay.endpoint == endpoint)
            .ok_or(UNKNOWN)
    }
}

fn object(id: ReplayId) -> String {
    format!("replay/{id}")
}

/// Checks what somebody asked for: which deliveries, and whether they are only counted.
fn checked(new: NewReplay) -> Result<(ReplayFilter, bool), AppError> {
    let NewReplay {
        state,
        types,
        since,
        until,
        dry_run,
    } = new;
    let mut faults = Faults::default();
    let state = faults.require("/state", state);
    let of = state.map(|text| text.parse::<ReplayOf>());
    let of = faults.take_optional("/state", of);
    if types.len() > Limits::SUBSCRIPTIONS {
        faults.add("/types", format!("at most {}", Limits::SUBSCRIPTIONS));
    }
    let mut patterns = Vec::new();
    for (index, text) in types.iter().enumerate().take(Limits::SUBSCRIPTIONS) {
        patterns.extend(faults.take(&format!("/types/{index}"), text.parse::<Pattern>()));
    }
    if since
        .zip(until)
        .is_some_and(|(since, until)| since >= until)
    {
        faults.add("/until", "must be after since");
    }
    let of = faults.finish(of)?;
    let filter = ReplayFilter {
        of,
        types: patterns,
        since,
        until,
        reason: None,
    };
    Ok((filter, dry_run))
}
