//! Activities in the embedded store: who may see them, and where they are read and written.

pub(super) mod chain;
mod listing;
pub(super) mod reads;
pub(super) mod reports;

use carehook_core::{Delivery, EndpointId, OrganizationId, Timestamp};

use rusqlite::Connection;

use super::control::EndpointPlace;
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::{
    Activity, ActivityId, ActivityPage, ActivityQuery, Notify, Refusal, Report, ReportedOutcome,
};

const NOT_FOUND: Refusal = Refusal::NotFound("activity");

impl EmbeddedStore {
    pub(crate) async fn report(&self, of: &OrganizationId, report: Report) -> Result<ActivityId> {
        let place = self.living_place(of, report.endpoint);
        let place = place.ok_or(Refusal::NotFound("endpoint"))?;
        let write = move |writer: &mut Writer| writer.report(place, &report);
        self.change("report an activity", write).await
    }

    pub(crate) async fn complete_report(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
        outcome: ReportedOutcome,
    ) -> Result<()> {
        if self.activity(of, endpoint, id).await?.is_none() {
            return Err(NOT_FOUND.into());
        }
        if id.attempt().is_some() {
            let reason = "the outcome of an attempt of this server is recorded by itself";
            return Err(Refusal::Conflict(reason.to_owned()).into());
        }
        let place = self.living_place(of, endpoint).ok_or(NOT_FOUND)?;
        let write = move |writer: &mut Writer| writer.complete_report(place, id, &outcome);
        self.change("complete an activity", write).await
    }

    pub(crate) async fn retry_attempt(
        &self,
        of: &OrganizationId,
        id: ActivityId,
        now: Timestamp,
    ) -> Result<Delivery> {
        let (delivery, _) = id.attempt().ok_or(NOT_FOUND)?;
        self.existing(of, delivery).await?;
        let retry = move |writer: &mut Writer| {
            let note = |log: &Connection| chain::note_next(log, delivery, id);
            writer.retry_noting(delivery, Notify::OnFailure, now, note)
        };
        self.change("retry an attempt", retry).await?;
        self.existing(of, delivery).await
    }

    pub(crate) async fn activity(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<Option<Activity>> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(None);
        };
        self.read("read an activity", move |shared| {
            reads::one(shared, place, id)
        })
        .await
    }

    pub(crate) async fn list_activities(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        query: &ActivityQuery,
    ) -> Result<ActivityPage> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(ActivityPage {
                items: Vec::new(),
                total: 0,
            });
        };
        let query = query.clone();
        self.read("list activities", move |shared| {
            listing::list(shared, place, &query)
        })
        .await
    }

    pub(crate) async fn retries_of(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        id: ActivityId,
        limit: usize,
    ) -> Result<Vec<Activity>> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(Vec::new());
        };
        self.read("read a chain of retries", move |shared| {
            chain::descendants(shared, place, id, limit)
        })
        .await
    }

    /// Where an endpoint of this organization is, unless it was deleted.
    pub(super) fn living_place(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
    ) -> Option<EndpointPlace> {
        let control = self.shared.control.read();
        let number = control.entry(of)?.number;
        let place = control.place(endpoint)?;
        (place.organization == number && !place.deleted).then_some(place)
    }
}
