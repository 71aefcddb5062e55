//! The receivers of the demo: each a small HTTP server that verifies what it gets.

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use bytes::Bytes;
use carehook_core::{Clock, Dialect, Limits, Secret, verify_received};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A request that came to a receiver, and its verdict.
pub(super) struct Arrival {
    pub(super) dialect: Dialect,
    pub(super) event_id: String,
    /// What the body calls the kind of event.
    pub(super) name: String,
    pub(super) verdict: Result<(), String>,
    pub(super) at: Instant,
}

/// A receiver that listens, and gets its secret when its endpoint is made.
pub(super) struct Receiver {
    pub(super) dialect: Dialect,
    pub(super) url: String,
    secret: Arc<OnceLock<Secret>>,
}

#[derive(Clone)]
struct Shared {
    dialect: Dialect,
    secret: Arc<OnceLock<Secret>>,
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
        let secret = Arc::new(OnceLock::new());
        let shared = Shared {
            dialect,
            secret: Arc::clone(&secret),
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
            secret,
        })
    }

    /// From now on requests are verified with this secret.
    pub(super) fn trust(&self, secret: Secret) {
        // Set once, when the endpoint is made.
        let _ = self.secret.set(secret);
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let verdict = shared.verdict(&headers, &body);
    let status = match verdict {
        // Decoda and MYCURE take nothing else for success.
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    let arrival = Arrival {
        dialect: shared.dialect,
        event_id: text(&headers, "webhook-id").unwrap_or_default().to_owned(),
        name: name_of(&body),
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
    /// As the vendor's documents tell receivers to do it.
    fn verdict(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let secret = self.secret.get().ok_or("there is no endpoint yet")?;
        verify_received(self.dialect, secret, headers, body, self.clock.wall())
            .map_err(|error| error.to_string())
    }
}

/// What the body calls the kind of event, by the field of each dialect.
fn name_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut named = ["type", "event", "eventType"].into_iter();
    let name = named.find_map(|field| body[field].as_str());
    name.unwrap_or_default().to_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_was_changed_on_its_way_is_not_verified() {
        let clock = Clock::system();
        let secret = Secret::symmetric(&[7; 32]);
        let secrets = carehook_core::Secrets::first(secret.clone(), clock.now());
        let signers = carehook_core::Signers::new(&secrets, Dialect::Native).unwrap();
        let body = br#"{"type":"patient.created"}"#;
        let envelope = carehook_core::Envelope {
            event_id: "evt_1",
            body,
            sent_at: clock.now(),
            wall: clock.wall(),
        };
        let headers = carehook_core::signed_headers(&HeaderMap::new(), &envelope, &signers);
        let (arrivals, _) = mpsc::channel(1);
        let shared = Shared {
            dialect: Dialect::Native,
            secret: Arc::new(OnceLock::from(secret)),
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
