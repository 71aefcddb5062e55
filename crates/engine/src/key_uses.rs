//! Writes down when API keys were last used: now and then, and never on a request's path.

use std::time::Duration;

use carehook_store::Store;
use tokio_util::sync::CancellationToken;

use crate::attempt::chain;

/// How often; a crash forgets the uses since. What is noted at the end, the store keeps when it is
/// closed.
const PAUSE: Duration = Duration::from_mins(1);

/// Keeps the uses until it is told to stop.
pub(crate) async fn keep_key_uses(store: Store, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        if let Err(error) = store.keep_key_uses().await {
            tracing::debug!(error = %chain(&error), "the uses of keys are kept later");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use carehook_core::{
        ApiKey, ApiKeyId, ApiKeyText, Clock, LastUse, ManualClock, Mode, Organization,
        OrganizationSettings, RecordId, Timestamp,
    };
    use carehook_store::{EmbeddedOptions, MasterKey};

    use super::*;

    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    async fn used_key(store: &Store) -> LastUse {
        let organization = Organization {
            id: "northside".parse().unwrap(),
            name: "Northside Clinic".to_owned(),
            settings: OrganizationSettings::default(),
            created_at: NOW,
            updated_at: NOW,
        };
        let made = store.create_organization(organization).await.unwrap();
        let text = ApiKeyText::new(Mode::Live, &[7; 32]);
        let key = ApiKey {
            id: ApiKeyId(RecordId::new(NOW.0, 1, 2)),
            organization: made.id.clone(),
            name: "Key".to_owned(),
            mode: Mode::Live,
            permissions: BTreeSet::new(),
            scopes: BTreeSet::new(),
            prefix: text.prefix().into(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            rate_limit: None,
            last_use: LastUse::default(),
        };
        let key = store.create_api_key(key, text.secret(), 10).await.unwrap();
        key.last_use.note(NOW);
        key.last_use.clone()
    }

    #[tokio::test(start_paused = true)]
    async fn a_use_is_written_down_within_a_minute() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::Manual(ManualClock::at(NOW));
        let (master, options) = (MasterKey::new([7; 32]), EmbeddedOptions::default());
        let store = Store::open_embedded(directory.path(), master, &clock, options).unwrap();
        let last_use = used_key(&store).await;
        assert_eq!(last_use.unkept(), Some(NOW));
        let stop = CancellationToken::new();
        let after_a_minute = async {
            tokio::time::advance(PAUSE).await;
            while last_use.unkept().is_some() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(keep_key_uses(store.clone(), stop.clone()), after_a_minute);
    }
}
