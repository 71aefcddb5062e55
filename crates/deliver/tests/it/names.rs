//! Host names: resolved by our own questions, with every answer vetted, at every connect.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use carehook_deliver::{
    DeliverConfig, DeliverError, Deliverer, ExchangeResult, Outbound, TargetError,
};
use carehook_testkit::{NameServer, Receiver, Reply};

use crate::actors::{loopback, outbound, post, post_within};

const PUBLIC: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);
const NAME: &str = "hooks.clinic.example";

fn asking(server: &NameServer) -> DeliverConfig {
    DeliverConfig {
        dns_servers: Some(vec![server.address()]),
        ..loopback()
    }
}

/// As in production: the loopback is refused.
fn strict(server: &NameServer) -> Deliverer {
    Deliverer::new(DeliverConfig {
        allow_targets: Vec::new(),
        ..asking(server)
    })
    .unwrap()
}

#[tokio::test]
async fn a_name_is_resolved_and_delivered_to() {
    let receiver = Receiver::start().await;
    let server = NameServer::start()
        .await
        .answers(NAME, [Reply::address(Ipv4Addr::LOCALHOST)]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();

    let exchange = post(&deliverer, &receiver.url_for(NAME)).await;

    assert!(matches!(
        exchange.result,
        ExchangeResult::Answered { status: 200, .. }
    ));
    let host = receiver.requests()[0].headers["host"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(host, format!("{NAME}:{}", receiver.address().port()));
}

#[tokio::test]
async fn a_name_that_turns_to_the_loopback_after_it_was_vetted_is_blocked() {
    let receiver = Receiver::start().await;
    let server = NameServer::start().await.answers(
        NAME,
        [Reply::address(PUBLIC), Reply::address(Ipv4Addr::LOCALHOST)],
    );
    let deliverer = strict(&server);
    let target = deliverer.parse_target(&receiver.url_for(NAME)).unwrap();
    deliverer.vet(&target).await.unwrap();

    let exchange = deliverer.send(outbound(&target), || true).await.unwrap();

    assert_eq!(exchange.result, ExchangeResult::Blocked);
    assert!(!exchange.bytes_left);
    assert_eq!(receiver.connections(), 0);
    assert_eq!(server.lookups(NAME), 2);
}

#[tokio::test]
async fn one_bad_address_among_good_ones_refuses_the_name() {
    let bad: [std::net::IpAddr; 3] = [
        Ipv4Addr::new(10, 0, 0, 7).into(),
        Ipv6Addr::LOCALHOST.into(),
        "::ffff:1.1.1.1".parse().unwrap(),
    ];
    for bad in bad {
        let reply = Reply::Addresses(vec![PUBLIC.into(), bad]);
        let server = NameServer::start().await.answers(NAME, [reply]);
        let deliverer = strict(&server);
        let target = deliverer.parse_target(&format!("https://{NAME}/")).unwrap();
        let vetted = deliverer.vet(&target).await;
        assert!(
            matches!(vetted, Err(TargetError::Refused { .. })),
            "{bad}: {vetted:?}"
        );
    }
}

#[tokio::test]
async fn a_name_without_addresses_is_the_receivers_matter() {
    let server = NameServer::start()
        .await
        .answers("empty.example", [Reply::Addresses(Vec::new())]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    for name in ["missing.example", "empty.example"] {
        let url = format!("http://{name}/");
        let target = deliverer.parse_target(&url).unwrap();
        let vetted = deliverer.vet(&target).await;
        assert!(
            matches!(vetted, Err(TargetError::Unresolvable)),
            "{vetted:?}"
        );
        let exchange = post(&deliverer, &url).await;
        let ExchangeResult::Unreachable { reason } = &exchange.result else {
            panic!("{exchange:?}")
        };
        assert!(reason.contains("does not resolve"), "{reason}");
        assert!(!exchange.bytes_left);
    }
}

#[tokio::test]
async fn a_failing_name_server_is_our_fault() {
    let server = NameServer::start()
        .await
        .answers("failing.example", [Reply::ServerFailure])
        .answers("silent.example", [Reply::Silence]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    for name in ["failing.example", "silent.example"] {
        let target = deliverer.parse_target(&format!("http://{name}/")).unwrap();
        let vetted = deliverer.vet(&target).await;
        assert!(
            matches!(vetted, Err(TargetError::Fault(_))),
            "{name}: {vetted:?}"
        );
        let sent = deliverer.send(outbound(&target), || true).await;
        let is_ours = matches!(
            sent,
            Err(DeliverError::NameServer(_) | DeliverError::NameServerTimeout)
        );
        assert!(is_ours, "{name}: {sent:?}");
    }
}

#[tokio::test]
async fn a_dead_name_server_is_our_fault() {
    let server = NameServer::start().await;
    let config = asking(&server);
    drop(server);
    let deliverer = Deliverer::new(config).unwrap();
    let target = deliverer.parse_target("http://hooks.example/").unwrap();
    let sent = deliverer.send(outbound(&target), || true).await;
    assert!(sent.is_err(), "{sent:?}");
}

#[tokio::test]
async fn a_deadline_that_passes_while_resolving_is_our_fault_too() {
    let server = NameServer::start().await.answers(NAME, [Reply::Silence]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    let target = deliverer.parse_target(&format!("http://{NAME}/")).unwrap();
    let request = Outbound {
        timeout: Duration::from_millis(50),
        ..outbound(&target)
    };
    let sent = deliverer.send(request, || true).await;
    assert!(
        matches!(sent, Err(DeliverError::NameServerTimeout)),
        "{sent:?}"
    );
}

#[tokio::test]
async fn answers_are_kept_as_long_as_the_name_server_says() {
    let server = NameServer::start()
        .await
        .answers("kept.example", [Reply::address(Ipv4Addr::LOCALHOST)])
        .with_ttl(60);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    let target = deliverer.parse_target("http://kept.example/").unwrap();
    deliverer.vet(&target).await.unwrap();
    deliverer.vet(&target).await.unwrap();
    assert_eq!(server.lookups("kept.example"), 1);
}

#[tokio::test]
async fn a_pooled_connection_asks_no_name_server() {
    let receiver = Receiver::start().await;
    let server = NameServer::start()
        .await
        .answers(NAME, [Reply::address(Ipv4Addr::LOCALHOST)]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    for _ in 0..5 {
        post(&deliverer, &receiver.url_for(NAME)).await;
    }
    assert_eq!(server.lookups(NAME), 1);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn the_next_address_is_tried_when_the_first_refuses() {
    let receiver = Receiver::start().await;
    // Nothing listens on the receiver's port at the other loopback address.
    let addresses = vec![
        Ipv4Addr::new(127, 0, 0, 2).into(),
        Ipv4Addr::LOCALHOST.into(),
    ];
    let server = NameServer::start()
        .await
        .answers(NAME, [Reply::Addresses(addresses)]);
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    let exchange = post_within(&deliverer, &receiver.url_for(NAME), Duration::from_secs(5)).await;
    assert!(
        matches!(exchange.result, ExchangeResult::Answered { .. }),
        "{exchange:?}"
    );
}

#[tokio::test]
async fn search_domains_and_the_hosts_file_are_not_used() {
    let server = NameServer::start().await;
    let deliverer = Deliverer::new(asking(&server)).unwrap();
    let hosts_name = "ip6-loopback.example";
    let target = deliverer
        .parse_target(&format!("http://{hosts_name}/"))
        .unwrap();
    assert!(deliverer.vet(&target).await.is_err());
    assert_eq!(server.names(), [hosts_name]);
}
