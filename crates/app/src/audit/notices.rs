//! Notices in the audit trail: noted by whoever refuses, written beside the request, and bounded,
//! so that nobody fills the disk with what he may not do.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use carehook_core::{AuditAction, AuditOutcome, Clock, OrganizationId, Timestamp};
use carehook_store::{AuditNote, Store};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::access::Actor;

/// The same is written once in so long; those in between are counted.
const ONCE_IN: Duration = Duration::from_mins(1);
/// Programs go on for days with a key that is no good any more.
const SIGN_IN_ONCE_IN: Duration = Duration::from_hours(1);
/// Different ones that are remembered; while there are more, new ones are not written.
const REMEMBERED: usize = 1_000;

/// Something that happens often, or that anybody can make happen.
#[derive(Clone, Debug)]
pub(crate) struct Notice<'a> {
    /// In whose trail it belongs, a refusal in that of the caller; `None` is the installation's.
    pub(crate) organization: Option<&'a OrganizationId>,
    pub(crate) actor: &'a Actor,
    /// From where; of those that are counted, the first one's.
    pub(crate) source: Option<IpAddr>,
    pub(crate) action: AuditAction,
    pub(crate) object: &'a str,
    /// Why it was refused, if it was, in words of ours.
    pub(crate) reason: Option<&'a str>,
}

#[derive(PartialEq, Eq, Hash)]
struct Kind {
    organization: Option<OrganizationId>,
    actor: Actor,
    about: String,
}

struct Seen {
    /// From when on the same is written again.
    until: Timestamp,
    since_then: u64,
}

/// Writes notices.
pub(crate) struct Notices {
    store: Store,
    clock: Clock,
    tasks: TaskTracker,
    seen: Mutex<HashMap<Kind, Seen>>,
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}

impl Notices {
    pub(crate) fn new(store: Store, clock: Clock, tasks: TaskTracker) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            tasks,
            seen: Mutex::default(),
        })
    }

    /// Notes it; the answer to it does not wait for the disk.
    pub(crate) fn note(&self, notice: &Notice<'_>) {
        let now = self.clock.now();
        let Some(left_out) = self.due(notice, now) else {
            return;
        };
        let object = notice.object.to_owned();
        let entry = notice.actor.entry(now, notice.action, object);
        let mut entry = entry.from_source(notice.source);
        if let Some(reason) = notice.reason {
            entry = entry.with("reason", reason);
            entry.outcome = AuditOutcome::Refused;
        }
        if left_out > 0 {
            entry = entry.with("repeated", left_out);
        }
        let note = AuditNote {
            organization: notice.organization.cloned(),
            entry,
            subject: None,
        };
        let store = self.store.clone();
        let write = async move {
            if let Err(error) = store.audit(note).await {
                tracing::warn!(%error, "a notice is missing in the audit trail");
            }
        };
        // Outside of a runtime there is no request that was refused.
        if let Ok(runtime) = Handle::try_current() {
            self.tasks.spawn_on(write, &runtime);
        }
    }

    /// How many of the same were left out since the last one that was written, when one is due.
    fn due(&self, notice: &Notice<'_>, now: Timestamp) -> Option<u64> {
        let kind = Kind {
            organization: notice.organization.cloned(),
            actor: notice.actor.clone(),
            about: [notice.object, notice.reason.unwrap_or_default()].concat(),
        };
        let until = now.plus(match notice.action {
            AuditAction::SignInRefused => SIGN_IN_ONCE_IN,
            _ => ONCE_IN,
        });
        let mut seen = self.seen.lock();
        if let Some(known) = seen.get_mut(&kind) {
            if now < known.until {
                known.since_then += 1;
                return None;
            }
            known.until = until;
            return Some(std::mem::take(&mut known.since_then));
        }
        if seen.len() >= REMEMBERED {
            seen.retain(|_, known| now < known.until);
        }
        if seen.len() >= REMEMBERED {
            return None;
        }
        let first = Seen {
            until,
            since_then: 0,
        };
        seen.insert(kind, first);
        Some(0)
    }
}
