//! Certificates and keys as texts: what is read of them, what is refused, who shares a connection.

use carehook_deliver::{DeliverConfig, Deliverer, PemFault, PemField, PemTexts};
use carehook_testkit::{Authority, Receiver, TlsSetup};

use crate::actors::{loopback, outbound};

/// 2026-01-01.
const NEW_YEAR: i64 = 1_767_225_600;

fn deliverer() -> Deliverer {
    Deliverer::new(DeliverConfig::default()).unwrap()
}

fn read(client: Option<(&str, &str)>, authorities: Option<&str>) -> Result<(), PemFault> {
    let texts = PemTexts {
        client,
        authorities,
    };
    deliverer().read_pem(texts)?.check_time(NEW_YEAR)
}

#[test]
fn the_subject_and_the_end_of_certificates_are_told() {
    let authority = Authority::new();
    let identity = authority.issue(&["carehook.example"]).pem();
    let authorities = format!("{}{}", authority.pem(), Authority::new().pem());
    let texts = PemTexts {
        client: Some((&identity, &identity)),
        authorities: Some(&authorities),
    };
    let contents = deliverer().read_pem(texts).unwrap();
    let (client, info) = contents.client.unwrap();
    assert_eq!(client.chain.len(), 1);
    assert!(info.not_after > NEW_YEAR);
    let subjects = contents.authorities.iter().map(|(_, info)| &info.subject);
    for subject in subjects {
        assert!(
            subject.starts_with("CN=Carehook test authority"),
            "{subject}"
        );
    }
    assert_eq!(contents.authorities.len(), 2);
}

#[test]
fn what_cannot_be_used_is_refused_by_field() {
    let authority = Authority::new();
    let good = authority.issue(&["carehook.example"]).pem();
    let other = authority.issue(&["carehook.example"]).pem();
    let expired = authority.issue_expired(&["carehook.example"]).pem();
    let ca = authority.pem();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let many = ca.repeat(21);
    let check = |client, authorities, field, words: &str| {
        let fault = read(client, authorities).unwrap_err();
        assert_eq!(fault.field, field, "{fault}");
        assert!(fault.reason.contains(words), "{fault}");
    };
    assert_eq!(read(Some((&good, &good)), Some(&ca)), Ok(()));
    check(
        Some(("", &good)),
        None,
        PemField::Certificate,
        "no certificate",
    );
    check(
        Some((broken, &good)),
        None,
        PemField::Certificate,
        "not a certificate",
    );
    check(
        Some((&expired, &expired)),
        None,
        PemField::Certificate,
        "expired",
    );
    check(Some((&good, "")), None, PemField::Key, "not a private key");
    check(Some((&good, &ca)), None, PemField::Key, "not a private key");
    check(Some((&good, &other)), None, PemField::Key, "not the key of");
    check(None, Some("hello"), PemField::Authorities, "no certificate");
    check(
        None,
        Some(broken),
        PemField::Authorities,
        "not a certificate",
    );
    check(None, Some(&many), PemField::Authorities, "more than 20");
    let torn = ca.replace("-----END CERTIFICATE-----", "");
    check(None, Some(&torn), PemField::Authorities, "");
}

#[tokio::test]
async fn equal_settings_share_connections_and_others_do_not() {
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    let receiver = Receiver::start_tls(TlsSetup::new(identity).only_http1()).await;
    let deliverer = Deliverer::new(loopback()).unwrap();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let ca = authority.pem();
    let post = async |ca: &str| {
        let texts = PemTexts {
            client: None,
            authorities: Some(ca),
        };
        let profile = deliverer.shared_tls_profile(texts).unwrap();
        let target = target.with_tls(&profile);
        deliverer.send(outbound(&target), || true).await.unwrap();
        profile
    };
    let (_first, _second) = (post(&ca).await, post(&ca.clone()).await);
    assert_eq!((receiver.attempts(), receiver.connections()), (2, 1));
    let _other = post(&format!("{ca}{}", Authority::new().pem())).await;
    assert_eq!((receiver.attempts(), receiver.connections()), (3, 2));
}

#[tokio::test]
async fn settings_that_nobody_has_any_more_are_made_anew() {
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    let receiver = Receiver::start_tls(TlsSetup::new(identity).only_http1()).await;
    let deliverer = Deliverer::new(loopback()).unwrap();
    let target = deliverer.parse_target(&receiver.url()).unwrap();
    let ca = authority.pem();
    for connections in 1..=2 {
        let texts = PemTexts {
            client: None,
            authorities: Some(&ca),
        };
        let profile = deliverer.shared_tls_profile(texts).unwrap();
        let target = target.with_tls(&profile);
        deliverer.send(outbound(&target), || true).await.unwrap();
        assert_eq!(receiver.connections(), connections);
    }
}
