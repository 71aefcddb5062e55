//! Deliveries that failed for good within a day and still stand so: what was sent again since, with
//! success or with an attempt to come, is not lost any more.

use std::collections::HashMap;
use std::time::Duration;

use carehook_app::{App, AppError, EndpointHealth, LogFilter, Page};
use carehook_core::{DeliveryState, EndpointId};

use crate::visitor::Place;

/// A day, as the counts of a webhook have it.
const DAY: Duration = Duration::from_hours(24);
/// Webhooks that are looked at, at most, and the newest failed deliveries of each.
const WEBHOOKS: usize = 25;
const LOOKED_AT: usize = 100;

/// How many deliveries of webhooks are lost, as far as that was looked at.
pub(super) struct Lost(HashMap<EndpointId, u64>);

impl Lost {
    /// Looks where attempts have failed for good; elsewhere nothing is lost.
    pub(super) async fn of(
        app: &App,
        place: &Place,
        health: &[EndpointHealth],
    ) -> Result<Self, AppError> {
        let mut found = HashMap::new();
        let failing = health.iter().filter(|one| one.day.total.failed > 0);
        for one in failing.take(WEBHOOKS) {
            let lost = still_lost(app, place, one).await?;
            found.insert(one.endpoint.id, lost);
        }
        Ok(Self(found))
    }

    /// Those of a webhook for which so many attempts of the day were the last ones.
    pub(super) fn of_webhook(&self, endpoint: EndpointId, failed: u64) -> u64 {
        self.0.get(&endpoint).copied().unwrap_or(failed)
    }
}

async fn still_lost(app: &App, place: &Place, health: &EndpointHealth) -> Result<u64, AppError> {
    let filter = LogFilter {
        endpoint: Some(health.endpoint.id),
        state: Some(DeliveryState::Failed),
        ..LogFilter::default()
    };
    let part = Page {
        limit: Some(LOOKED_AT),
        cursor: None,
    };
    let newest = app.find_deliveries(&place.access, &filter, &part).await?;
    let a_day_ago = app.now().0 - i64::try_from(DAY.as_millis()).unwrap_or_default();
    let ended = newest.items.iter().map(|one| one.delivery.completed_at);
    let recent = ended.filter(|at| at.is_some_and(|at| at.0 >= a_day_ago));
    Ok(match recent.count() {
        // More than were looked at: as many as were counted.
        LOOKED_AT => health.day.total.failed,
        number => number.try_into().unwrap_or(u64::MAX),
    })
}
