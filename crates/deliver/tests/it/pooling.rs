//! Connections are used again, within their limits, and a stale one never costs a delivery.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use carehook_deliver::{DeliverConfig, DeliverError, Deliverer, ExchangeResult, Outbound};
use carehook_testkit::{Answer, Behaviour, HostileReceiver, Receiver};
use tokio::join;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::actors::{deliverer, loopback, outbound, post, post_within};

#[tokio::test]
async fn one_connection_serves_attempts_in_turn() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    for _ in 0..20 {
        post(&deliverer, &receiver.url()).await;
    }
    assert_eq!((receiver.attempts(), receiver.connections()), (20, 1));
}

#[tokio::test]
async fn attempts_at_the_same_time_use_connections_of_their_own() {
    let receiver = Receiver::start().await;
    receiver.hold();
    let deliverer = deliverer();
    let url = receiver.url();
    let release = async {
        receiver.wait_for(2).await;
        receiver.release();
    };
    join!(post(&deliverer, &url), post(&deliverer, &url), release);
    assert_eq!(receiver.connections(), 2);
    join!(post(&deliverer, &url), post(&deliverer, &url));
    assert_eq!(receiver.connections(), 2, "both are kept");
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let receiver = Receiver::start().await;
    let deliverer = Deliverer::new(DeliverConfig {
        pool_idle_timeout: Duration::from_millis(100),
        ..loopback()
    })
    .unwrap();
    post(&deliverer, &receiver.url()).await;
    receiver.wait_for_closed(1).await;
    post(&deliverer, &receiver.url()).await;
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn connections_are_not_used_beyond_their_lifetime() {
    let receiver = Receiver::start().await;
    let deliverer = Deliverer::new(DeliverConfig {
        connection_lifetime: Duration::ZERO,
        ..loopback()
    })
    .unwrap();
    post(&deliverer, &receiver.url()).await;
    post(&deliverer, &receiver.url()).await;
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn no_more_idle_connections_are_kept_than_configured() {
    let receiver = Receiver::start().await;
    let deliverer = Deliverer::new(DeliverConfig {
        pool_idle_total: 0,
        ..loopback()
    })
    .unwrap();
    post(&deliverer, &receiver.url()).await;
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn a_receiver_can_shorten_the_idle_time() {
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(200).header("keep-alive", "timeout=1"));
    let deliverer = deliverer();
    post(&deliverer, &receiver.url()).await;
    post(&deliverer, &receiver.url()).await;
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_the_receiver_closed_is_replaced() {
    let receiver = HostileReceiver::start(Behaviour::ClosesAfterAnswer);
    let deliverer = deliverer();
    for turn in 1..=5 {
        let exchange = post(&deliverer, &receiver.url()).await;
        assert!(
            matches!(
                exchange.result,
                ExchangeResult::Answered { status: 200, .. }
            ),
            "{exchange:?}"
        );
        receiver.wait_for_closed(turn).await;
        // Lets the connection's task see the close, which has arrived by now.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_was_never_written_is_sent_on_a_new_connection() {
    let receiver = HostileReceiver::start(Behaviour::ClosesOnCommand);
    let deliverer = deliverer();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    deliverer.send(outbound(&target), || true).await.unwrap();

    // The connection closes between the moment it is found ready and the moment of writing.
    let asked = AtomicUsize::new(0);
    let close_once = || {
        if asked.fetch_add(1, Ordering::Relaxed) == 0 {
            receiver.close_connections();
            let closed = receiver.wait_for_closed(1);
            block_in_place(|| Handle::current().block_on(closed));
        }
        true
    };
    let exchange = deliverer.send(outbound(&target), close_once).await.unwrap();

    assert!(
        matches!(
            exchange.result,
            ExchangeResult::Answered { status: 200, .. }
        ),
        "{exchange:?}"
    );
    assert_eq!(receiver.connections(), 2);
    assert_eq!(
        asked.into_inner(),
        2,
        "asked again before the first byte on the new connection"
    );
}

#[tokio::test]
async fn a_receiver_that_restarts_is_reached_again() {
    let receiver = Receiver::start().await;
    let (address, url) = (receiver.address(), receiver.url());
    let deliverer = deliverer();
    post(&deliverer, &url).await;
    receiver.stop().await;
    let again = Receiver::start_at(address).await;
    let exchange = post(&deliverer, &url).await;
    assert!(
        matches!(exchange.result, ExchangeResult::Answered { .. }),
        "{exchange:?}"
    );
    assert_eq!(again.attempts(), 1);
}

#[tokio::test]
async fn an_attempt_that_timed_out_leaves_no_connection_behind() {
    let receiver = Receiver::start().await;
    receiver.hold();
    let deliverer = deliverer();
    let exchange = post_within(&deliverer, &receiver.url(), Duration::from_millis(200)).await;
    assert!(
        matches!(exchange.result, ExchangeResult::TimedOut { .. }),
        "{exchange:?}"
    );
    receiver.release();
    receiver.wait_for_closed(1).await;
}

#[tokio::test]
async fn shutdown_closes_connections_and_refuses_new_attempts() {
    let receiver = Receiver::start().await;
    let deliverer = deliverer();
    let url = receiver.url();
    receiver.hold();
    let shutdown = async {
        receiver.wait_for(1).await;
        let stopped = deliverer.shutdown();
        receiver.release();
        stopped.await;
    };
    let (exchange, ()) = join!(post(&deliverer, &url), shutdown);
    assert!(
        matches!(
            exchange.result,
            ExchangeResult::Answered { status: 200, .. }
        ),
        "in flight"
    );
    receiver.wait_for_closed(1).await;

    let target = deliverer.parse_target(&url).unwrap();
    let request = Outbound {
        ..outbound(&target)
    };
    let refused = deliverer.send(request, || true).await;
    assert!(matches!(refused, Err(DeliverError::Stopped)), "{refused:?}");
}
