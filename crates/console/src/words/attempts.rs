//! Which attempt of a delivery was the last one, and when the next one is.

use carehook_app::Hold;
use carehook_core::{Delivery, DeliveryState, RetryPolicy, Timestamp};

use crate::moment::Moment;

/// When the next attempt for a delivery is.
pub(crate) enum Next {
    /// It has ended.
    None,
    Now,
    At(Moment),
    /// Not before its webhook is active.
    WhenActive,
    /// Its webhook is left alone after failures until then.
    LeftAlone(Moment),
}

impl Next {
    /// With what holds its webhook up.
    pub(crate) fn of(delivery: &Delivery, hold: Option<Hold>, now: Timestamp) -> Self {
        if delivery.state != DeliveryState::Pending {
            return Self::None;
        }
        let due = delivery.next_attempt_at.filter(|at| *at > now);
        match (hold, due) {
            (Some(Hold::Inactive), _) => Self::WhenActive,
            (Some(Hold::LeftAlone(until)), due) if due.is_none_or(|at| at < until) => {
                Self::LeftAlone(Moment(until))
            }
            (_, Some(at)) => Self::At(Moment(at)),
            (_, None) => Self::Now,
        }
    }
}

/// Which attempt was the last one, of how many that the schedule has room for.
///
/// A schedule may have been changed since the delivery was begun, so a number beyond it stands
/// alone.
pub(crate) fn attempt_of(delivery: &Delivery, schedule: Option<&RetryPolicy>) -> String {
    let count = delivery.attempt_count;
    let in_round = count.saturating_sub(delivery.round_start);
    let allowed = schedule.map_or(0, |schedule| schedule.seconds().len().saturating_add(1));
    let allowed = u32::try_from(allowed).unwrap_or(u32::MAX);
    if delivery.state != DeliveryState::Pending || in_round == 0 || in_round > allowed {
        format!("attempt {count}")
    } else if delivery.round_start == 0 {
        format!("attempt {count} of {allowed}")
    } else {
        format!("attempt {count}, {in_round} of {allowed} since it was sent again")
    }
}
