//! What was delivered of an event type within the last day, as far as that is quickly counted.

use carehook_app::{App, AppError, Bounded, LogFilter};
use carehook_core::{DeliveryState, EventType, Timestamp};

use crate::figures::bounded;
use crate::visitor::Place;

/// In milliseconds.
const DAY: i64 = 24 * 3_600 * 1_000;

/// Numbers of a day, for people.
pub(super) struct LastDay {
    pub(super) deliveries: String,
    /// Those that ended without success; `None` when there are none.
    pub(super) failed: Option<String>,
}

impl LastDay {
    /// Counts; `None` where so much happened besides that nothing was found in what was looked at.
    pub(super) async fn of(
        app: &App,
        place: &Place,
        code: &EventType,
    ) -> Result<Option<Self>, AppError> {
        let all = LogFilter {
            event_type: Some(code.clone()),
            since: Some(Timestamp(app.now().0 - DAY)),
            ..LogFilter::default()
        };
        let failed = LogFilter {
            state: Some(DeliveryState::Failed),
            ..all.clone()
        };
        let all = app.count_deliveries(&place.access, &all).await?;
        let failed = app.count_deliveries(&place.access, &failed).await?;
        Ok(Self::told(all, failed))
    }

    fn told(all: Bounded, failed: Bounded) -> Option<Self> {
        let found = all.number > 0 || !all.more;
        found.then(|| Self {
            deliveries: bounded(all),
            failed: (failed.number > 0).then(|| bounded(failed)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_is_not_told() {
        let count = |number, more| Bounded { number, more };
        assert!(LastDay::told(count(0, true), count(0, true)).is_none());
        let none = LastDay::told(count(0, false), count(0, false)).unwrap();
        assert_eq!((none.deliveries.as_str(), none.failed), ("0", None));
        let many = LastDay::told(count(1_000, true), count(3, false)).unwrap();
        assert_eq!(many.deliveries, "more than 1,000");
        assert_eq!(many.failed.as_deref(), Some("3"));
    }
}
