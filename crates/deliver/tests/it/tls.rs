//! TLS: who is trusted, which versions are spoken, and plain words when it fails.

use std::net::Ipv4Addr;

use carehook_deliver::{ClientCertificate, DeliverConfig, Deliverer, Exchange, ExchangeResult};
use carehook_testkit::{Authority, Identity, NameServer, Receiver, Reply, TlsSetup};

use crate::actors::{loopback, outbound, post};

const NAME: &str = "hooks.clinic.example";

fn trusting(authority: &Authority) -> DeliverConfig {
    DeliverConfig {
        extra_roots: vec![authority.certificate()],
        ..loopback()
    }
}

#[track_caller]
fn assert_answered(exchange: &Exchange) {
    assert!(
        matches!(
            exchange.result,
            ExchangeResult::Answered { status: 200, .. }
        ),
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

/// Posts to a receiver with this identity, under a name or an address.
async fn post_to(identity: Identity, config: DeliverConfig, host: &str) -> Exchange {
    let receiver = Receiver::start_tls(TlsSetup::new(identity)).await;
    let server = NameServer::start()
        .await
        .answers(NAME, [Reply::address(Ipv4Addr::LOCALHOST)]);
    let config = DeliverConfig {
        dns_servers: Some(vec![server.address()]),
        ..config
    };
    let exchange = post(&Deliverer::new(config).unwrap(), &receiver.url_for(host)).await;
    let answered = matches!(exchange.result, ExchangeResult::Answered { .. });
    assert_eq!(
        receiver.attempts(),
        usize::from(answered),
        "nothing is sent to a stranger"
    );
    exchange
}

#[tokio::test]
async fn the_certificate_must_be_for_the_hosts_name() {
    let authority = Authority::new();
    let right = authority.issue(&[NAME]);
    assert_answered(&post_to(right.clone(), trusting(&authority), NAME).await);

    let by_address = post_to(right, trusting(&authority), "127.0.0.1").await;
    assert_unreachable(&by_address, "another host name");
    let wrong = authority.issue(&["other.example"]);
    let exchange = post_to(wrong, trusting(&authority), NAME).await;
    assert_unreachable(&exchange, "another host name");
    assert!(!exchange.bytes_left);
}

#[tokio::test]
async fn an_expired_certificate_is_named_as_such() {
    let authority = Authority::new();
    let expired = authority.issue_expired(&[NAME]);
    assert_unreachable(
        &post_to(expired, trusting(&authority), NAME).await,
        "has expired: it was valid until 01 Jan 2021",
    );
}

#[tokio::test]
async fn an_unknown_authority_is_named_as_such() {
    let (known, unknown) = (Authority::new(), Authority::new());
    let exchange = post_to(unknown.issue(&[NAME]), trusting(&known), NAME).await;
    assert_unreachable(&exchange, "not signed by a trusted authority");
}

#[tokio::test]
async fn tls_12_and_13_are_spoken() {
    let authority = Authority::new();
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let setup = || TlsSetup::new(authority.issue(&["127.0.0.1"]));
    for setup in [
        setup().only_tls12(),
        setup().only_tls13(),
        setup().only_http1(),
    ] {
        let receiver = Receiver::start_tls(setup).await;
        assert_answered(&post(&deliverer, &receiver.url()).await);
        assert_answered(&post(&deliverer, &receiver.url()).await);
        assert_eq!(receiver.connections(), 1);
    }
}

#[tokio::test]
async fn a_profile_brings_its_own_authority_and_shares_no_connection() {
    let authority = Authority::new();
    let receiver = Receiver::start_tls(TlsSetup::new(authority.issue(&["127.0.0.1"]))).await;
    let deliverer = Deliverer::new(trusting(&Authority::new())).unwrap();
    let plain = deliverer.parse_target(&receiver.url()).unwrap();
    let profile = deliverer
        .tls_profile(&[authority.certificate()], None)
        .unwrap();
    let trusted = plain.with_tls(&profile);

    assert_answered(&deliverer.send(outbound(&trusted), || true).await.unwrap());
    let exchange = deliverer.send(outbound(&plain), || true).await.unwrap();
    assert_unreachable(&exchange, "not signed by a trusted authority");
    assert_eq!(receiver.attempts(), 1);
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_receivers_that_demand_one() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let setup =
        || TlsSetup::new(authority.issue(&["127.0.0.1"])).demands_client_of(clients.certificate());
    let deliverer = Deliverer::new(trusting(&authority)).unwrap();
    let Identity { chain, key } = clients.issue(&["carehook.example"]);
    let profile = deliverer
        .tls_profile(&[], Some(ClientCertificate { chain, key }))
        .unwrap();

    for (setup, refusal) in [
        (setup(), "broke off the TLS connection"),
        (setup().only_http1(), "refused the TLS handshake"),
        (setup().only_tls12(), "refused the TLS handshake"),
    ] {
        let receiver = Receiver::start_tls(setup).await;
        let target = deliverer.parse_target(&receiver.url()).unwrap();
        let anonymous = deliverer.send(outbound(&target), || true).await.unwrap();
        assert_unreachable(&anonymous, refusal);
        assert_eq!(receiver.attempts(), 0);

        let known = deliverer
            .send(outbound(&target.with_tls(&profile)), || true)
            .await
            .unwrap();
        assert_answered(&known);
    }
}
