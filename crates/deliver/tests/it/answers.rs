//! What is sent, and what is reported of the answer.

use std::time::Duration;

use bytes::Bytes;
use carehook_deliver::{ExchangeResult, Outbound, RetryAfter};
use carehook_testkit::{Answer, Receiver};
use http::{HeaderValue, header};

use crate::actors::{BODY, deliverer, outbound, post};

fn status(result: &ExchangeResult) -> u16 {
    let ExchangeResult::Answered { status, .. } = result else {
        panic!("{result:?}")
    };
    *status
}

#[tokio::test]
async fn a_request_arrives_as_it_was_given_with_our_headers() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let url = receiver.url().replace("/hook", "/hook/%7Bx%7D?a=1&b=%20");
    let target = deliverer.parse_target(&url).unwrap();
    let mut request = outbound(&target);
    request
        .headers
        .insert("webhook-id", HeaderValue::from_static("evt_1"));
    let exchange = deliverer.send(request, || true).await.unwrap();
    assert!(exchange.bytes_left);

    let received = &receiver.requests()[0];
    assert_eq!(received.path, "/hook/%7Bx%7D?a=1&b=%20");
    assert_eq!(received.body, BODY);
    let header = |name: &str| received.headers[name].to_str().unwrap();
    assert_eq!(header("host"), receiver.address().to_string());
    assert_eq!(header("content-length"), BODY.len().to_string());
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("webhook-id"), "evt_1");
    assert_eq!(
        header("user-agent"),
        concat!("Carehook/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(received.headers.len(), 5, "{:?}", received.headers);
}

#[tokio::test]
async fn headers_that_frame_a_message_cannot_be_smuggled_in() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let mut request = outbound(&target);
    for (name, value) in [
        ("host", "evil.example"),
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("te", "trailers"),
        ("trailer", "x"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("user-agent", "evil"),
    ] {
        request
            .headers
            .insert(name, HeaderValue::from_static(value));
    }
    let exchange = deliverer.send(request, || true).await.unwrap();
    assert_eq!(status(&exchange.result), 200);
    let received = &receiver.requests()[0];
    assert_eq!(received.body, BODY);
    assert_eq!(received.headers["host"], receiver.address().to_string());
    for name in [
        "transfer-encoding",
        "connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
    ] {
        assert!(!received.headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn userinfo_is_sent_as_basic_authorization_unless_the_caller_has_one() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let url = receiver.url().replace("http://", "http://clinic:word@");
    let target = deliverer.parse_target(&url).unwrap();
    deliverer.send(outbound(&target), || true).await.unwrap();
    let mut request = outbound(&target);
    request.headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_static("Bearer own"),
    );
    deliverer.send(request, || true).await.unwrap();

    let received = receiver.requests();
    assert_eq!(
        received[0].headers["authorization"],
        "Basic Y2xpbmljOndvcmQ="
    );
    assert_eq!(received[1].headers["authorization"], "Bearer own");
}

#[tokio::test]
async fn statuses_are_reported_and_redirects_not_followed() {
    let elsewhere = Receiver::start().await;
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    for code in [200, 204, 301, 302, 307, 308, 404, 410, 429, 500, 504] {
        receiver.then(Answer::status(code).header("location", &elsewhere.url()));
        let exchange = post(&deliverer, &receiver.url()).await;
        assert_eq!(status(&exchange.result), code);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn retry_after_is_reported() {
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(503).header("retry-after", "90"));
    receiver.then(Answer::status(429).header("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"));
    receiver.then(Answer::status(500).header("retry-after", "whenever"));
    let deliverer = deliverer();
    for expected in [
        Some(RetryAfter::After(Duration::from_secs(90))),
        Some(RetryAfter::At(1_445_412_480)),
        None,
    ] {
        let exchange = post(&deliverer, &receiver.url()).await;
        let ExchangeResult::Answered { retry_after, .. } = exchange.result else {
            panic!()
        };
        assert_eq!(retry_after, expected);
    }
}

#[tokio::test]
async fn four_kibibytes_of_the_body_are_kept() {
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(400).body("no such patient"));
    receiver.then(Answer::status(400).body(vec![b'a'; 10_000]));
    let deliverer = deliverer();
    for expected in [Bytes::from("no such patient"), vec![b'a'; 4096].into()] {
        let exchange = post(&deliverer, &receiver.url()).await;
        let ExchangeResult::Answered { body, .. } = exchange.result else {
            panic!()
        };
        assert_eq!(body, expected);
    }
    assert_eq!(
        receiver.connections(),
        1,
        "both answers were read to their ends"
    );
}

#[tokio::test]
async fn a_request_that_is_withdrawn_sends_nothing_and_keeps_the_connection() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let target = deliverer.parse_target(&receiver.url()).unwrap();

    let exchange = deliverer.send(outbound(&target), || false).await.unwrap();
    assert_eq!(exchange.result, ExchangeResult::Withdrawn);
    assert!(!exchange.bytes_left);
    assert_eq!(receiver.attempts(), 0);

    let request = Outbound {
        body: Bytes::new(),
        ..outbound(&target)
    };
    assert_eq!(
        status(&deliverer.send(request, || true).await.unwrap().result),
        200
    );
    assert_eq!((receiver.attempts(), receiver.connections()), (1, 1));
}

#[tokio::test]
async fn the_go_ahead_is_asked_only_when_the_connection_is_ready() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let seen = std::sync::Mutex::new(Vec::new());
    let ask = || {
        seen.lock().unwrap().push(receiver.attempts());
        true
    };
    deliverer.send(outbound(&target), ask).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [0], "asked once, before the request");
}
