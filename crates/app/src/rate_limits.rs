//! Rate limits: how many requests a key may make in an hour, and how many events an organization
//! may publish in a second.
//!
//! Counts are this process's own and are forgotten when it ends. Publishing has its own limit and
//! is no request in this sense, and deliveries never count.

mod buckets;
mod hours;
mod quota;
mod shards;

use carehook_core::{Dialect, Limits, OrganizationId};

use crate::{App, AppError, Caller, OrganizationAccess};
use buckets::Buckets;
use hours::Hours;

pub(crate) use hours::Counted;
pub(crate) use quota::seconds_until;
pub use quota::{Counting, Quota};

/// All counts of a process.
#[derive(Default)]
pub(crate) struct RateLimiter {
    requests: Hours,
    events: Buckets,
}

/// A credential whose requests are counted.
pub(crate) struct CountedCredential<'a> {
    /// Under whose name.
    pub(crate) who: Counted,
    /// The limit that it has of its own.
    pub(crate) own_limit: Option<u32>,
    /// Whose limit it has otherwise.
    pub(crate) organization: &'a OrganizationId,
}

impl App {
    /// Counts a request that came through the API of a dialect; what is left, if it is limited.
    ///
    /// To be called once for each request whose caller is known, except for publishing. A key has
    /// one count, whatever API it comes through. Who reaches all organizations is not limited.
    ///
    /// # Errors
    /// [`AppError::RateLimited`] when the hour's requests are used up.
    pub fn count_request(&self, caller: &Caller, face: Dialect) -> Result<Option<Quota>, AppError> {
        let Some(counted) = caller.counted() else {
            return Ok(None);
        };
        let CountedCredential {
            who,
            own_limit,
            organization,
        } = counted;
        let limit = own_limit.or_else(|| self.hourly_limit(organization, face));
        // The hour is that of the clock on the wall, wherever it goes.
        let now = self.inner().clock.wall();
        let counted = self.inner().rate_limiter.requests.count(who, limit, now);
        counted.map_err(AppError::RateLimited)
    }

    /// What an organization may still publish in this second, if that is limited.
    pub fn publishing_quota(&self, access: &OrganizationAccess) -> Option<Quota> {
        let limit = access.settings().rate_limits.events_per_second?;
        let buckets = &self.inner().rate_limiter.events;
        Some(buckets.quota(access.organization(), limit, self.now()))
    }

    /// Counts events that are about to be published.
    pub(crate) fn count_events(
        &self,
        access: &OrganizationAccess,
        events: usize,
    ) -> Result<(), AppError> {
        let Some(limit) = access.settings().rate_limits.events_per_second else {
            return Ok(());
        };
        let buckets = &self.inner().rate_limiter.events;
        let taken = buckets.take(access.organization(), events, limit, self.now());
        taken.map(drop).map_err(AppError::RateLimited)
    }

    /// The limit of keys that have none of their own.
    pub(crate) fn hourly_limit(&self, of: &OrganizationId, face: Dialect) -> Option<u32> {
        let organization = self.store().organization(of);
        let limit = organization.and_then(|one| one.settings.rate_limits.requests_per_hour);
        match face {
            Dialect::Jump => limit.or(Some(Limits::JUMP_REQUESTS_PER_HOUR)),
            Dialect::Native | Dialect::Decoda | Dialect::Mycure | Dialect::Ecg => limit,
        }
    }
}
