//! Receivers that hang, flood or break off: a deadline or a bound ends each attempt.

use std::time::Duration;

use carehook_deliver::{DeliverConfig, Deliverer, Exchange, ExchangeResult, Outbound, Phase};
use carehook_testkit::{Behaviour, HostileReceiver, Receiver};

use crate::actors::{deliverer, loopback, outbound, post, post_within};

/// The deadline of these attempts.
const SHORT: Duration = Duration::from_millis(400);
/// How late a busy machine may be.
const SLACK: Duration = Duration::from_secs(3);

async fn attempt(behaviour: Behaviour) -> (HostileReceiver, Exchange) {
    let receiver = HostileReceiver::start(behaviour);
    let exchange = post_within(&deliverer(), &receiver.url(), SHORT).await;
    (receiver, exchange)
}

#[track_caller]
fn assert_timed_out(exchange: &Exchange, expected: Phase) {
    let ExchangeResult::TimedOut { phase } = exchange.result else {
        panic!("{exchange:?}")
    };
    assert_eq!(phase, expected);
    assert!(
        exchange.duration >= SHORT && exchange.duration < SHORT + SLACK,
        "{exchange:?}"
    );
}

#[track_caller]
fn assert_unreachable(exchange: &Exchange, words: &str) {
    let ExchangeResult::Unreachable { reason } = &exchange.result else {
        panic!("{exchange:?}")
    };
    assert!(reason.contains(words), "{reason:?} has no {words:?}");
}

#[track_caller]
fn answered_body(exchange: &Exchange) -> &[u8] {
    let ExchangeResult::Answered {
        status: 200, body, ..
    } = &exchange.result
    else {
        panic!("{exchange:?}")
    };
    body
}

#[tokio::test]
async fn hanging_in_connect_ends_at_the_deadline() {
    let receiver = HostileReceiver::hanging_in_connect().await;
    let exchange = post_within(&deliverer(), &receiver.url(), SHORT).await;
    assert_timed_out(&exchange, Phase::Connect);
    assert!(!exchange.bytes_left);
}

#[tokio::test]
async fn a_connect_has_its_own_shorter_limit() {
    let receiver = HostileReceiver::hanging_in_connect().await;
    let deliverer = Deliverer::new(DeliverConfig {
        connect_timeout: SHORT,
        ..loopback()
    })
    .unwrap();
    let exchange = post_within(&deliverer, &receiver.url(), Duration::from_secs(30)).await;
    assert_timed_out(&exchange, Phase::Connect);
}

#[tokio::test]
async fn hanging_in_the_tls_handshake_ends_at_the_deadline() {
    let receiver = HostileReceiver::start(Behaviour::Silent);
    let exchange = post_within(&deliverer(), &receiver.https_url(), SHORT).await;
    assert_timed_out(&exchange, Phase::Tls);
    assert!(!exchange.bytes_left);
}

#[tokio::test]
async fn hanging_before_the_head_ends_at_the_deadline_and_lets_go_of_the_connection() {
    let (receiver, exchange) = attempt(Behaviour::Silent).await;
    assert_timed_out(&exchange, Phase::Answer);
    assert!(exchange.bytes_left);
    drop(receiver);
}

#[tokio::test]
async fn a_dripping_head_ends_at_the_deadline() {
    let (_receiver, exchange) = attempt(Behaviour::DripsHead).await;
    assert_timed_out(&exchange, Phase::Answer);
}

#[tokio::test]
async fn an_endless_row_of_continues_ends_at_the_deadline() {
    let (receiver, exchange) = attempt(Behaviour::EndlessContinue).await;
    assert_timed_out(&exchange, Phase::Answer);
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn stopping_in_the_body_does_not_undo_the_status() {
    let (receiver, exchange) = attempt(Behaviour::StopsInBody).await;
    assert_eq!(answered_body(&exchange), b"half of it");
    assert!(exchange.duration < SHORT + SLACK);
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn a_dripping_body_is_read_for_two_seconds_at_most() {
    let receiver = HostileReceiver::start(Behaviour::DripsBody);
    let exchange = post_within(&deliverer(), &receiver.url(), Duration::from_secs(30)).await;
    let body = answered_body(&exchange);
    assert!((1..=4).contains(&body.len()), "{exchange:?}");
    assert!(exchange.duration >= Duration::from_secs(2));
    assert!(
        exchange.duration < Duration::from_secs(2) + SLACK,
        "{exchange:?}"
    );
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let (receiver, exchange) = attempt(Behaviour::EndlessBody).await;
    assert_eq!(answered_body(&exchange), [b'x'; 4096]);
    assert!(
        exchange.duration < SHORT,
        "cut off by length, not by time: {exchange:?}"
    );
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn a_huge_header_is_refused() {
    let (receiver, exchange) = attempt(Behaviour::HugeHeader).await;
    assert_unreachable(&exchange, "too large");
    assert!(exchange.bytes_left);
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn more_than_64_headers_are_refused() {
    let (_receiver, exchange) = attempt(Behaviour::ManyHeaders).await;
    assert_unreachable(&exchange, "too large");
}

#[tokio::test]
async fn a_gzip_bomb_is_kept_as_it_was_sent() {
    let (_receiver, exchange) = attempt(Behaviour::GzipBomb).await;
    let body = answered_body(&exchange);
    assert_eq!(body.len(), 4096);
    assert_eq!(body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn a_reset_is_reported_as_one() {
    let (_receiver, exchange) = attempt(Behaviour::Resets).await;
    assert_unreachable(&exchange, "reset the connection");
    assert!(exchange.bytes_left);
}

#[tokio::test]
async fn closing_without_an_answer_is_reported() {
    let (receiver, exchange) = attempt(Behaviour::ClosesWithoutAnswer).await;
    assert_unreachable(&exchange, "closed the connection");
    assert!(exchange.bytes_left);
    assert_eq!(
        receiver.connections(),
        1,
        "a request that was written is not sent again"
    );
}

#[tokio::test]
async fn what_is_not_http_is_reported() {
    let (_receiver, exchange) = attempt(Behaviour::Garbage).await;
    assert_unreachable(&exchange, "not valid HTTP");
}

#[tokio::test]
async fn plain_text_on_a_tls_port_is_reported() {
    let receiver = Receiver::start().await;
    let url = receiver.url().replace("http:", "https:");
    assert_unreachable(&post(&deliverer(), &url).await, "does not speak TLS");
}

#[tokio::test]
async fn an_answer_before_the_request_was_read_does_not_hang() {
    let receiver = HostileReceiver::start(Behaviour::AnswersUnread);
    let deliverer = deliverer();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let body = vec![b'x'; 16 * 1024 * 1024].into();
    let request = Outbound {
        body,
        timeout: SHORT,
        ..outbound(&target)
    };
    let exchange = deliverer.send(request, || true).await.unwrap();
    assert!(exchange.duration < SHORT + SLACK, "{exchange:?}");
    // The unfinished connection must not hold up the next attempt.
    let next = deliverer.send(outbound(&target), || true).await.unwrap();
    assert!(next.duration < SLACK, "{next:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_reported() {
    let receiver = Receiver::start().await;
    let url = receiver.url();
    receiver.stop().await;
    let exchange = post(&deliverer(), &url).await;
    assert_unreachable(&exchange, "refused the connection");
    assert!(!exchange.bytes_left);
}
