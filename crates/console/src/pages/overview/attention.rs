//! Which webhooks need somebody: what is wrong, and the next step.

use carehook_app::{Bounded, Counts, EndpointHealth, Meaning};

use super::lost::Lost;
use crate::figures::{bounded, grouped};

/// The steps of the day that are looked at to say that a webhook fails: the hour that is running
/// and the one before.
const RECENT: usize = 2;
/// So much that is due at once says that the receiver takes less than it gets.
const MUCH: u64 = 1_000;

/// Why a webhook needs somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The receiver answered 410, so it was switched off.
    Gone,
    /// It has not answered its ownership challenge.
    Challenge,
    /// It is paused, and something waits for it.
    Paused(Bounded),
    /// Less than half of its last attempts were delivered.
    Failing { delivered: u64, attempts: u64 },
    /// More is due than it takes.
    Behind(u64),
    /// Deliveries ended without success within a day, and were not sent with success since.
    FailedForGood(u64),
}

impl Need {
    /// What is the matter with a webhook, the gravest first; `None` when nothing is.
    pub(super) fn of(health: &EndpointHealth, lost: &Lost) -> Option<Self> {
        let EndpointHealth {
            endpoint,
            day,
            last,
            backlog,
        } = health;
        if endpoint.archived {
            return None;
        }
        if endpoint.disabled_reason.is_some() {
            return Some(Self::Gone);
        }
        if endpoint.awaits_challenge() {
            return Some(Self::Challenge);
        }
        if !endpoint.active {
            let waits = backlog.pending.number > 0;
            return waits.then_some(Self::Paused(backlog.pending));
        }
        let mut recent = Counts::default();
        for step in day.counts.iter().rev().take(RECENT) {
            recent.add(step);
        }
        let (delivered, attempts) = (recent.delivered, recent.attempts());
        let works = last.is_none_or(|last| last.meaning == Meaning::Delivered);
        if !works && delivered * 2 < attempts {
            return Some(Self::Failing {
                delivered,
                attempts,
            });
        }
        if backlog.due >= MUCH {
            return Some(Self::Behind(backlog.due));
        }
        let failed = lost.of_webhook(endpoint.id, day.total.failed);
        (failed > 0).then_some(Self::FailedForGood(failed))
    }

    /// Class and word.
    pub(super) fn state(&self) -> (&'static str, &'static str) {
        match self {
            Self::Gone => ("failed", "switched off"),
            Self::Challenge => ("pending", "unconfirmed"),
            Self::Paused(_) => ("paused", "paused"),
            Self::Failing { .. } => ("failed", "failing"),
            Self::Behind(_) => ("pending", "behind"),
            Self::FailedForGood(_) => ("pending", "lost deliveries"),
        }
    }

    /// What is wrong, in a sentence.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Gone => "The receiver answered 410 Gone, so nothing is sent any more.".to_owned(),
            Self::Challenge => {
                "The receiver has not answered its ownership challenge yet, so nothing is sent."
                    .to_owned()
            }
            Self::Paused(waiting) => {
                format!("{} waiting until it is activated.", bounded(*waiting))
            }
            Self::Failing {
                delivered: 0,
                attempts: 1,
            } => "The only attempt of the last hour or two did not arrive.".to_owned(),
            Self::Failing {
                delivered: 0,
                attempts,
            } => format!("None of the last {} attempts arrived.", grouped(*attempts)),
            Self::Failing {
                delivered,
                attempts,
            } => format!(
                "Only {} of the last {} attempts arrived.",
                grouped(*delivered),
                grouped(*attempts)
            ),
            Self::Behind(due) => {
                format!("{} are due now: it gets more than it takes.", grouped(*due))
            }
            Self::FailedForGood(1) => "1 delivery failed for good in the last 24 hours.".to_owned(),
            Self::FailedForGood(number) => format!(
                "{} deliveries failed for good in the last 24 hours.",
                grouped(*number)
            ),
        }
    }

    /// What to do, in a sentence.
    pub(super) fn next(&self) -> &'static str {
        match self {
            Self::Gone => {
                "If that was a mistake there, correct the receiver and activate it again."
            }
            Self::Challenge => "Let the receiver answer the challenge, then ask it again.",
            Self::Paused(_) => "Activate it when the receiver is ready; what waits is sent then.",
            Self::Failing { .. } => {
                "Read why the newest one failed; what waits is retried without your doing."
            }
            Self::Behind(_) => {
                "The receiver should answer first and work afterwards; nothing is lost meanwhile."
            }
            Self::FailedForGood(_) => "Read why; when the receiver works, send them again.",
        }
    }

    /// Word and place of the next step; a place is `log` or a page of the webhook.
    pub(super) fn link(&self, may_manage: bool) -> (&'static str, &'static str) {
        match self {
            Self::Gone | Self::Challenge | Self::Paused(_) | Self::Behind(_) => {
                ("Open the webhook", "")
            }
            Self::Failing { .. } => ("See its deliveries", ""),
            Self::FailedForGood(_) if may_manage => ("Send them again", "/replay"),
            Self::FailedForGood(_) => ("See what failed", "log"),
        }
    }
}
