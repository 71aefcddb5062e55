//! The receivers of the demo: each a small HTTP server that verifies what it gets.

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use bytes::Bytes;
use carehook_core::{Clock, Dialect, Limits, Secret, Verifier};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A request that came to a receiver, and its verdict.
pub(super) struct Arrival {
    pub(super) dialect: Dialect,
    pub(super) event_id: String,
    pub(super) verdict: Result<(), String>,
    pub(super) at: Instant,
}

/// A receiver that listens, and gets its secret when its endpoint is made.
pub(super) struct Receiver {
    pub(super) dialect: Dialect,
    pub(super) url: String,
    verifier: Arc<OnceLock<Verifier>>,
}

#[derive(Clone)]
struct Shared {
    dialect: Dialect,
    verifier: Arc<OnceLock<Verifier>>,
    clock: Clock,
    arrivals: mpsc::Sender<Arrival>,
}

impl Receiver {
    /// Listens on a free port of the loopback until the process ends.
    pub(super) async fn start(
        dialect: Dialect,
        arrivals: mpsc::Sender<Arrival>,
        tasks: &tokio_util::task::TaskTracker,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("start a receiver")?;
        let address = listener.local_addr().context("start a receiver")?;
        let path = format!("/{}", dialect.as_str());
        let verifier = Arc::new(OnceLock::new());
        let shared = Shared {
            dialect,
            verifier: Arc::clone(&verifier),
            clock: Clock::system(),
            arrivals,
        };
        let router = Router::new()
            .route(&path, axum::routing::post(receive))
            .layer(DefaultBodyLimit::max(2 * Limits::BODY_BYTES))
            .with_state(shared);
        tasks.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            dialect,
            url: format!("http://{address}{path}"),
            verifier,
        })
    }

    /// From now on requests are verified with this secret.
    pub(super) fn trust(&self, secret: &Secret) -> anyhow::Result<()> {
        let verifier = Verifier::parse(secret).context("read the endpoint's secret")?;
        // Set once, when the endpoint is made.
        let _ = self.verifier.set(verifier);
        Ok(())
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let verdict = shared.verdict(&headers, &body);
    let status = match verdict {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    let arrival = Arrival {
        dialect: shared.dialect,
        event_id: text(&headers, "webhook-id").unwrap_or_default().to_owned(),
        verdict,
        at: Instant::now(),
    };
    match shared.arrivals.send(arrival).await {
        Ok(()) => status,
        // The demo has ended.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl Shared {
    fn verdict(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let verifier = self.verifier.get().ok_or("there is no endpoint yet")?;
        match self.dialect {
            Dialect::Native => {
                let id = text(headers, "webhook-id")?;
                let timestamp = text(headers, "webhook-timestamp")?;
                let signatures = text(headers, "webhook-signature")?;
                verifier
                    .verify((id, timestamp, signatures), body, self.clock.wall())
                    .map_err(|error| error.to_string())
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, String> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or_else(|| format!("the request has no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_was_changed_on_its_way_is_not_verified() {
        let clock = Clock::system();
        let secret = Secret::symmetric(&[7; 32]);
        let secrets = carehook_core::Secrets::first(secret.clone(), clock.now());
        let signer = carehook_core::Signer::new(&secrets).unwrap();
        let body = br#"{"type":"patient.created"}"#;
        let headers =
            carehook_core::signed_headers(&HeaderMap::new(), "evt_1", body, &signer, clock.wall());
        let (arrivals, _) = mpsc::channel(1);
        let shared = Shared {
            dialect: Dialect::Native,
            verifier: Arc::new(OnceLock::from(Verifier::parse(&secret).unwrap())),
            clock,
            arrivals,
        };
        assert_eq!(shared.verdict(&headers, body), Ok(()));
        assert!(
            shared
                .verdict(&headers, br#"{"type":"patient.deleted"}"#)
                .is_err()
        );
        let error = shared.verdict(&HeaderMap::new(), body).unwrap_err();
        assert_eq!(error, "the request has no webhook-id");
    }
}
