//! Writes down what was counted of attempts: every few seconds, and never on their way.

use std::time::Duration;

use carehook_store::Store;
use tokio_util::sync::CancellationToken;

use crate::attempt::chain;

/// How often; after a crash what was counted since is counted again, which takes a second for some
/// hundred thousand attempts. What is counted at the end, the store keeps when it is closed.
const PAUSE: Duration = Duration::from_secs(10);

/// Keeps the figures until it is told to stop.
pub(crate) async fn keep_statistics(store: Store, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        if let Err(error) = store.keep_statistics().await {
            tracing::debug!(error = %chain(&error), "the statistics are kept later");
        }
    }
}
