//! The requests of one connection: whether one has begun, and whether one is running.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// For the first request to begin. hyper's own timeout for heads starts only when it knows the
/// protocol, which takes the first bytes.
const FIRST_REQUEST: Duration = Duration::from_secs(30);
/// What a finished answer may need to be written, when the server stops.
const LINGER: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Requests {
    began: AtomicBool,
    running: AtomicUsize,
}

/// A request that is being answered.
pub(super) struct Running(Arc<Requests>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Requests {
    pub(super) fn begin(this: &Arc<Self>) -> Running {
        this.began.store(true, Ordering::Relaxed);
        this.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(this))
    }

    /// Ends when no request has begun in time.
    pub(super) async fn silence(&self) {
        sleep(FIRST_REQUEST).await;
        if self.began.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    /// Ends when nothing is running, and what was finished has had time to be written.
    ///
    /// A head that never ends would otherwise hold up the end of the server.
    pub(super) async fn idle(&self) {
        loop {
            sleep(LINGER).await;
            if self.running.load(Ordering::Relaxed) == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_silent_connection_ends_and_one_with_a_request_does_not() {
        let requests = Arc::new(Requests::default());
        let beyond = FIRST_REQUEST * 2;
        assert!(
            tokio::time::timeout(beyond, requests.silence())
                .await
                .is_ok()
        );
        drop(Requests::begin(&requests));
        assert!(
            tokio::time::timeout(beyond, requests.silence())
                .await
                .is_err()
        );
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_connection_is_idle_when_its_last_request_has_ended() {
        let requests = Arc::new(Requests::default());
        let running = Requests::begin(&requests);
        let beyond = LINGER * 3;
        assert!(tokio::time::timeout(beyond, requests.idle()).await.is_err());
        drop(running);
        assert!(tokio::time::timeout(beyond, requests.idle()).await.is_ok());
    }
}
