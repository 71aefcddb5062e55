//! Watching deliveries as they go: news of one organization, for as long as somebody listens.

use carehook_core::{Dialect, Mode, OrganizationId, Scope};
use carehook_store::{DeliveryNews, DeliveryWatch, Watched};

use crate::{App, AppError, OrganizationAccess};

/// What somebody who watches is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedItem {
    /// What happened, in its order.
    News(Vec<DeliveryNews>),
    /// More happened than was taken: the watcher has to look for itself.
    Missed,
}

/// News of an organization's deliveries, until it is dropped.
pub struct DeliveryFeed {
    watch: DeliveryWatch,
    organization: OrganizationId,
    mode: Option<Mode>,
}

impl DeliveryFeed {
    /// Waits for the next news; `None` when the server stops.
    pub async fn next(&mut self) -> Option<FeedItem> {
        loop {
            let news = match self.watch.next().await? {
                Watched::Missed => return Some(FeedItem::Missed),
                Watched::News(news) => news,
            };
            let ours: Vec<_> = (news.iter())
                .filter(|news| news.organization == self.organization)
                .filter(|news| self.mode.is_none_or(|mode| mode == news.mode))
                .cloned()
                .collect();
            if !ours.is_empty() {
                return Some(FeedItem::News(ours));
            }
        }
    }
}

impl App {
    /// Hears of the deliveries of an organization from now on: ids and what happened, never what
    /// events hold. The right to it is looked at once; whoever shows it ends it with the session.
    pub fn watch_deliveries(
        &self,
        access: &OrganizationAccess,
        mode: Option<Mode>,
    ) -> Result<DeliveryFeed, AppError> {
        access.require(Scope::Read)?;
        if access.face() != Dialect::Native {
            let reason = "deliveries are watched through the native API".to_owned();
            return Err(access.refusal(reason));
        }
        Ok(DeliveryFeed {
            watch: self.store().watch_deliveries(),
            organization: access.organization().clone(),
            mode: access.only_mode(mode)?,
        })
    }
}
