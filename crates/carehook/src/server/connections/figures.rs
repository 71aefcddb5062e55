//! Figures about inbound requests.

use std::time::Duration;

use http::StatusCode;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

const REQUESTS: &str = "carehook_http_requests_total";
const DURATION: &str = "carehook_http_request_duration_seconds";
const CONNECTIONS: &str = "carehook_http_connections";
const TURNED_AWAY: &str = "carehook_http_connections_turned_away_total";

pub(super) struct Figures {
    succeeded: Counter,
    refused: Counter,
    failed: Counter,
    duration: Histogram,
    connections: Gauge,
    turned_away: Counter,
}

/// Counts a connection as long as it lives.
pub(super) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

impl Figures {
    pub(super) fn register() -> Self {
        metrics::describe_counter!(REQUESTS, "Answered requests by class of status");
        metrics::describe_histogram!(
            DURATION,
            metrics::Unit::Seconds,
            "Time from the head of a request to the head of its answer"
        );
        metrics::describe_gauge!(CONNECTIONS, "Open inbound connections");
        metrics::describe_counter!(TURNED_AWAY, "Connections above the limit");
        let requests = |class: &'static str| counter!(REQUESTS, "status" => class);
        Self {
            succeeded: requests("2xx"),
            refused: requests("4xx"),
            failed: requests("5xx"),
            duration: histogram!(DURATION),
            connections: gauge!(CONNECTIONS),
            turned_away: counter!(TURNED_AWAY),
        }
    }

    pub(super) fn connection(&self) -> OpenConnection {
        self.connections.increment(1.0);
        OpenConnection(self.connections.clone())
    }

    pub(super) fn turned_away(&self) {
        self.turned_away.increment(1);
    }

    pub(super) fn answered(&self, status: StatusCode, after: Duration) {
        let counter = match status.as_u16() {
            ..400 => &self.succeeded,
            400..500 => &self.refused,
            500.. => &self.failed,
        };
        counter.increment(1);
        self.duration.record(after);
    }
}
