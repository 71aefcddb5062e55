//! HTTP/2 by ALPN: one connection for many requests.

use std::time::Duration;

use carehook_deliver::{DeliverConfig, Deliverer, Exchange, ExchangeResult};
use carehook_testkit::{Answer, Authority, Receiver, TlsSetup};
use http::Version;
use tokio_util::task::TaskTracker;

use crate::actors::{BODY, loopback, outbound, post, post_within};

async fn receiver(authority: &Authority) -> Receiver {
    Receiver::start_tls(TlsSetup::new(authority.issue(&["127.0.0.1"]))).await
}

fn trusting(authority: &Authority) -> DeliverConfig {
    DeliverConfig {
        extra_roots: vec![authority.certificate()],
        ..loopback()
    }
}

/// Starts attempts at the same time, lets all of them arrive, and has them answered.
async fn at_once(deliverer: &Deliverer, receiver: &Receiver, count: usize) -> Vec<Exchange> {
    receiver.hold();
    let tasks = TaskTracker::new();
    let attempts: Vec<_> = (0..count)
        .map(|_| {
            let (deliverer, url) = (deliverer.clone(), receiver.url());
            tasks.spawn(async move { post(&deliverer, &url).await })
        })
        .collect();
    receiver.wait_for(count).await;
    receiver.release();
    let mut exchanges = Vec::new();
    for attempt in attempts {
        exchanges.push(attempt.await.unwrap());
    }
    exchanges
}

#[tokio::test]
async fn http2_is_spoken_where_the_receiver_offers_it() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let exchange = post(&deliverer, &receiver.url()).await;
    assert!(
        matches!(
            exchange.result,
            ExchangeResult::Answered { status: 200, .. }
        ),
        "{exchange:?}"
    );
    let received = &receiver.requests()[0];
    assert_eq!(received.version, Version::HTTP_2);
    assert_eq!(received.path, "/hook");
    assert_eq!(received.body, BODY);
}

#[tokio::test]
async fn attempts_at_the_same_time_share_one_connection() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let exchanges = at_once(&deliverer, &receiver, 40).await;
    assert!(
        exchanges
            .iter()
            .all(|e| matches!(e.result, ExchangeResult::Answered { .. }))
    );
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_connection_takes_no_more_streams_than_configured() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let config = DeliverConfig {
        streams_per_connection: 2,
        ..trusting(&authority)
    };
    let deliverer = Deliverer::new(config).unwrap();
    at_once(&deliverer, &receiver, 6).await;
    assert_eq!(receiver.connections(), 3);
}

#[tokio::test]
async fn a_connection_that_let_a_request_down_is_not_used_again() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    receiver.hold();
    let late = post_within(&deliverer, &receiver.url(), Duration::from_millis(300)).await;
    assert!(
        matches!(late.result, ExchangeResult::TimedOut { .. }),
        "{late:?}"
    );
    receiver.release();
    post(&deliverer, &receiver.url()).await;
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn the_head_of_an_http2_answer_is_bounded_too() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let many = (0..80).fold(Answer::status(200), |answer, _| {
        answer.header("x-more", "y")
    });
    receiver.then(many);
    receiver.then(Answer::status(200).header("x-huge", &"v".repeat(40 * 1024)));
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    for _ in 0..2 {
        let exchange = post(&deliverer, &receiver.url()).await;
        assert!(
            matches!(exchange.result, ExchangeResult::Unreachable { .. }),
            "{exchange:?}"
        );
    }
}

#[tokio::test]
async fn a_long_body_ends_its_stream_and_not_the_connection() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    receiver.then(Answer::status(200).body(vec![b'x'; 1024 * 1024]));
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let exchange = post(&deliverer, &receiver.url()).await;
    let ExchangeResult::Answered {
        status: 200, body, ..
    } = exchange.result
    else {
        panic!()
    };
    assert_eq!(body, vec![b'x'; 4096]);
    post(&deliverer, &receiver.url()).await;
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_withdrawn_request_leaves_the_shared_connection_in_use() {
    let authority = Authority::new();
    let receiver = receiver(&authority).await;
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let withdrawn = deliverer.send(outbound(&target), || false).await.unwrap();
    assert_eq!(withdrawn.result, ExchangeResult::Withdrawn);
    post(&deliverer, &receiver.url()).await;
    assert_eq!((receiver.attempts(), receiver.connections()), (1, 1));
}
