//! What the tests share: a deliverer that may reach the loopback, and attempts to make with it.

use std::time::Duration;

use bytes::Bytes;
use carehook_deliver::{DeliverConfig, Deliverer, Exchange, Outbound, PlainHttp, Target};
use http::{HeaderMap, HeaderValue, header};

pub(crate) const BODY: &str = r#"{"type":"appointment.created"}"#;

/// The loopback, http, and short waits.
pub(crate) fn loopback() -> DeliverConfig {
    DeliverConfig {
        allow_targets: vec!["127.0.0.0/8".parse().unwrap()],
        plain_http: PlainHttp::Everything,
        dns_budget: Duration::from_millis(400),
        ..DeliverConfig::default()
    }
}

pub(crate) fn deliverer() -> Deliverer {
    Deliverer::new(loopback()).unwrap()
}

pub(crate) fn outbound(target: &Target) -> Outbound<'_> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Outbound {
        target,
        headers,
        body: Bytes::from_static(BODY.as_bytes()),
        timeout: Duration::from_secs(10),
    }
}

pub(crate) async fn post(deliverer: &Deliverer, url: &str) -> Exchange {
    post_within(deliverer, url, Duration::from_secs(10)).await
}

pub(crate) async fn post_within(deliverer: &Deliverer, url: &str, timeout: Duration) -> Exchange {
    let target = deliverer.parse_target(url).unwrap();
    let request = Outbound {
        timeout,
        ..outbound(&target)
    };
    deliverer.send(request, || true).await.unwrap()
}
