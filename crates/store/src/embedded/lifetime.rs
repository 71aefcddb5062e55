//! What a store says of itself, and how it ends.

use carehook_core::Timestamp;

use super::EmbeddedStore;

impl EmbeddedStore {
    pub(crate) fn newest_time(&self) -> Timestamp {
        self.shared.newest_time
    }

    pub(crate) fn health(&self) -> Result<(), String> {
        self.shared.health()
    }

    pub(crate) async fn failed(&self) -> String {
        let mut failure = self.shared.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        failed.map_or_else(
            |_| String::new(),
            |reason| reason.clone().unwrap_or_default(),
        )
    }

    pub(crate) async fn close(&self) {
        if let Err(error) = self.keep_key_uses().await {
            tracing::debug!(%error, "the last uses of keys were not kept");
        }
        self.shared.queue.close();
        let handle = self.thread.handle.lock().take();
        if let Some(handle) = handle {
            let joined = tokio::task::spawn_blocking(move || handle.join().is_ok()).await;
            if !joined.unwrap_or(false) {
                self.shared.poison("the writer thread panicked".to_owned());
            }
        }
        if let Err(error) = self.keep_statistics().await {
            tracing::debug!(%error, "the last statistics were not kept");
        }
        self.shared.statistics.close();
        self.shared.readers.close();
    }
}
