//! Documents of the operator's choice: fetched from anywhere, but bounded in time and size.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use carehook_core::Secret;
use carehook_deliver::{
    DeliverConfig, Deliverer, FetchError, FetchLimits, FetchRequest, Fetched, Url,
};
use carehook_testkit::{Answer, Authority, Behaviour, HostileReceiver, Receiver, TlsSetup};
use http::header;
use tokio::net::TcpListener;

const DOCUMENT: &str = r#"{"keys":[]}"#;
/// The deadline of fetches that run into it.
const SHORT: Duration = Duration::from_millis(400);
const ENOUGH: FetchLimits = FetchLimits {
    timeout: Duration::from_secs(10),
    max_bytes: 64,
};

async fn fetch(config: DeliverConfig, url: &str) -> Result<Bytes, FetchError> {
    let url: Url = url.parse().unwrap();
    let deliverer = Deliverer::new(config).unwrap();
    deliverer.fetch(&url, ENOUGH).await
}

/// The policy for receivers stays as strict as in production.
async fn fetch_strictly(url: &str) -> Result<Bytes, FetchError> {
    fetch(DeliverConfig::default(), url).await
}

#[tokio::test]
async fn a_document_is_fetched_from_an_internal_address() {
    let host = Receiver::start()
        .await
        .always(Answer::status(200).body(DOCUMENT));
    let url = format!("{}?tenant=1", host.url());
    assert_eq!(fetch_strictly(&url).await.unwrap(), DOCUMENT);
    let request = host.wait_for(1).await.remove(0);
    assert!(request.body.is_empty());
    let sent = |name| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(sent(header::HOST), host.address().to_string());
    assert!(sent(header::USER_AGENT).starts_with("Carehook/"));
    host.wait_for_closed(1).await;
}

#[tokio::test]
async fn names_of_the_machine_are_resolved() {
    let host = Receiver::start()
        .await
        .always(Answer::status(200).body(DOCUMENT));
    let fetched = fetch_strictly(&host.url_for("localhost")).await;
    assert_eq!(fetched.unwrap(), DOCUMENT);
}

#[tokio::test]
async fn over_tls_the_host_must_have_a_trusted_certificate_of_its_name() {
    let authority = Authority::new();
    let trusting = || DeliverConfig {
        extra_roots: vec![authority.certificate()],
        ..DeliverConfig::default()
    };
    let setup = TlsSetup::new(authority.issue(&["localhost"]));
    let host = Receiver::start_tls(setup)
        .await
        .always(Answer::status(200).body(DOCUMENT));
    let url = host.url_for("localhost");
    assert_eq!(fetch(trusting(), &url).await.unwrap(), DOCUMENT);
    let untrusted = fetch_strictly(&url).await;
    assert!(
        matches!(untrusted, Err(FetchError::Tls(_))),
        "{untrusted:?}"
    );
    let misnamed = fetch(trusting(), &host.url()).await;
    assert!(matches!(misnamed, Err(FetchError::Tls(_))), "{misnamed:?}");
    assert_eq!(host.attempts(), 1, "nothing is asked of a stranger");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_other_statuses_do_not_count() {
    let elsewhere = Receiver::start().await;
    for status in [204, 301, 302, 307, 404, 500] {
        let answer = Answer::status(status).header("location", &elsewhere.url());
        let host = Receiver::start().await.always(answer);
        let fetched = fetch_strictly(&host.url()).await;
        assert!(
            matches!(fetched, Err(FetchError::Status(found)) if found == status),
            "{status}: {fetched:?}"
        );
    }
    assert_eq!(elsewhere.attempts(), 0);
}

#[tokio::test]
async fn a_document_may_be_as_large_as_the_limit_and_no_larger() {
    let host = Receiver::start().await;
    host.then(Answer::status(200).body(vec![b'x'; 64]));
    host.then(Answer::status(200).body(vec![b'x'; 65]));
    assert_eq!(fetch_strictly(&host.url()).await.unwrap().len(), 64);
    let larger = fetch_strictly(&host.url()).await;
    assert!(
        matches!(larger, Err(FetchError::TooLarge(64))),
        "{larger:?}"
    );
}

#[tokio::test]
async fn an_endless_document_is_cut_off() {
    let host = HostileReceiver::start(Behaviour::EndlessBody);
    let fetched = fetch_strictly(&host.url()).await;
    assert!(
        matches!(fetched, Err(FetchError::TooLarge(64))),
        "{fetched:?}"
    );
    host.wait_for_closed(1).await;
}

#[tokio::test]
async fn one_deadline_covers_every_way_to_be_slow() {
    let limits = FetchLimits {
        timeout: SHORT,
        ..ENOUGH
    };
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    for behaviour in [
        Behaviour::Silent,
        Behaviour::StopsInBody,
        Behaviour::DripsBody,
        Behaviour::DripsHead,
        Behaviour::EndlessContinue,
    ] {
        let host = HostileReceiver::start(behaviour);
        let started = Instant::now();
        let fetched = deliverer.fetch(&host.url().parse().unwrap(), limits).await;
        assert!(
            matches!(fetched, Err(FetchError::TimedOut(SHORT))),
            "{behaviour:?}: {fetched:?}"
        );
        assert!(started.elapsed() >= SHORT, "{behaviour:?}");
    }
    let host = HostileReceiver::start(Behaviour::Silent);
    let fetched = deliverer
        .fetch(&host.https_url().parse().unwrap(), limits)
        .await;
    assert!(
        matches!(fetched, Err(FetchError::TimedOut(_))),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn a_host_that_breaks_off_or_talks_nonsense_is_an_error() {
    for behaviour in [
        Behaviour::Resets,
        Behaviour::ClosesWithoutAnswer,
        Behaviour::Garbage,
        Behaviour::HugeHeader,
        Behaviour::ManyHeaders,
    ] {
        let host = HostileReceiver::start(behaviour);
        let fetched = fetch_strictly(&host.url()).await;
        assert!(
            matches!(fetched, Err(FetchError::Exchange(_))),
            "{behaviour:?}: {fetched:?}"
        );
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_an_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fetched = fetch_strictly(&format!("http://{address}/keys")).await;
    assert!(
        matches!(fetched, Err(FetchError::Connect(_))),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn only_http_and_https_are_fetched_from() {
    for url in ["ftp://127.0.0.1/keys", "file:///etc/hostname", "data:,x"] {
        let fetched = fetch_strictly(url).await;
        assert!(
            matches!(fetched, Err(FetchError::Url)),
            "{url}: {fetched:?}"
        );
    }
}

async fn post(host: &Receiver, form: &str, proof: &str) -> Result<Fetched, FetchError> {
    let url: Url = host.url().parse().unwrap();
    let request = FetchRequest {
        form: Some(Secret::new(form)),
        authorization: Some(Secret::new(proof)),
    };
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    deliverer.fetch_with(&url, request, ENOUGH).await
}

#[tokio::test]
async fn a_form_is_posted_with_the_proof_of_who_asks() {
    let host = Receiver::start()
        .await
        .always(Answer::status(200).body(DOCUMENT));
    let fetched = post(&host, "grant_type=x&code=a%20b", "Basic YTpi").await;
    assert_eq!(fetched.unwrap().body, DOCUMENT);
    let request = host.wait_for(1).await.remove(0);
    assert_eq!(request.body, "grant_type=x&code=a%20b");
    let sent = |name| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        sent(header::CONTENT_TYPE),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(sent(header::AUTHORIZATION), "Basic YTpi");
    let refused = post(&host, "a=b", "Basic a\r\nb").await;
    assert!(
        matches!(refused, Err(FetchError::Authorization)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_refused_form_says_why_and_no_other_status_counts() {
    let host = Receiver::start().await;
    for status in [400, 401] {
        host.then(Answer::status(status).body("{\"error\":\"x\"}"));
        let fetched = post(&host, "a=b", "Basic YTpi").await.unwrap();
        assert_eq!(fetched.status, status);
        assert_eq!(fetched.body, "{\"error\":\"x\"}");
    }
    for status in [201, 302, 403, 500] {
        host.then(Answer::status(status).body(DOCUMENT));
        let refused = post(&host, "a=b", "Basic YTpi").await;
        assert!(
            matches!(refused, Err(FetchError::Status(found)) if found == status),
            "{refused:?}"
        );
    }
    // A document that is only read has no other answer than 200.
    host.then(Answer::status(400).body(DOCUMENT));
    let refused = fetch_strictly(&host.url()).await;
    assert!(
        matches!(refused, Err(FetchError::Status(400))),
        "{refused:?}"
    );
}
