//! Checking received requests offline.

mod dialects;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use carehook_testkit::Receiver;

use crate::command::{Outcome, carehook};
use crate::server::Server;

/// From the Standard Webhooks libraries' own tests.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const HEADERS: &str = "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\n\
    webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n";
const BODY: &str = r#"{"test": 2432232314}"#;
const SIGNED_AT: &str = "2021-02-25T15:02:10Z";

fn verify(folder: &Path, headers: &str, body: &str, flags: &[&str]) -> Outcome {
    fs::write(folder.join("headers"), headers).unwrap();
    fs::write(folder.join("body"), body).unwrap();
    let words = ["verify", "--headers", "headers", "--body", "body"];
    carehook(&[&words[..], flags].concat()).dir(folder).run()
}

#[test]
fn the_vector_of_standard_webhooks_is_verified_at_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--secret", SECRET, "--at", SIGNED_AT];
    let outcome = verify(folder.path(), HEADERS, BODY, &flags);
    insta::assert_snapshot!(outcome, @r"
    exit 0
    Verified: msg_p5jXN8AQM9LWM0D4loKWxJek is genuine (Standard Webhooks).
    ");
}

#[test]
fn a_changed_body_and_another_secret_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--secret", SECRET, "--at", SIGNED_AT];
    let outcome = verify(folder.path(), HEADERS, &BODY.replace("24", "25"), &flags);
    insta::assert_snapshot!(outcome, @r"
    exit 7
    NOT verified: no signature in webhook-signature fits the id, the timestamp, the body and the secret
    ");
    let flags = [
        "--secret",
        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        "--at",
        SIGNED_AT,
    ];
    verify(folder.path(), HEADERS, BODY, &flags).ends_with(7);
}

#[test]
fn an_old_request_is_refused_unless_the_tolerance_covers_it() {
    let folder = tempfile::tempdir().unwrap();
    let check = |at: &str, tolerance: &str, code: i32| {
        let flags = ["--secret", SECRET, "--at", at, "--tolerance", tolerance];
        verify(folder.path(), HEADERS, BODY, &flags).ends_with(code)
    };
    check("2021-02-25T15:07:10Z", "300", 0);
    let outcome = check("2021-02-25T15:07:11Z", "300", 7);
    assert!(
        outcome
            .stderr
            .contains("webhook-signature fits, but the request was signed at")
    );
    check("2021-02-25T15:07:11Z", "301", 0);
    check("2021-02-25T14:57:09Z", "300", 7);
    let now = ["--secret", SECRET];
    verify(folder.path(), HEADERS, BODY, &now).ends_with(7);
    let any_age = ["--secret", SECRET, "--ignore-age"];
    verify(folder.path(), HEADERS, BODY, &any_age).ends_with(0);
    let forged = BODY.replace("24", "25");
    verify(folder.path(), HEADERS, &forged, &any_age).ends_with(7);
    let both = ["--secret", SECRET, "--ignore-age", "--at", SIGNED_AT];
    verify(folder.path(), HEADERS, BODY, &both).ends_with(2);
}

#[test]
fn what_cannot_be_judged_is_an_error_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = verify(folder.path(), HEADERS, BODY, &["--secret", "whsec_!"]);
    insta::assert_snapshot!(outcome, @r"
    exit 1
    error: the secret cannot be used: must be base64 after its prefix
    ");
    let outcome = verify(
        folder.path(),
        "webhook-id: a\n",
        BODY,
        &["--secret", SECRET],
    );
    insta::assert_snapshot!(outcome, @r"
    exit 1
    error: the headers have no `webhook-timestamp`
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_the_server_is_verified_from_what_its_receiver_kept() {
    let server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    let endpoint = api.endpoint(&receiver.url()).await;
    api.publish("evt-1").await;
    let request = receiver.wait_for(1).await.remove(0);
    let mut headers = String::from("POST /hook HTTP/1.1\r\n");
    for (name, value) in &request.headers {
        write!(headers, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    let body = std::str::from_utf8(&request.body).unwrap();
    let flags = ["--secret", endpoint["secret"].as_str().unwrap()];
    let outcome = verify(server.folder(), &headers, body, &flags);
    let verified = "Verified: evt-1 is genuine (Standard Webhooks).\n";
    assert_eq!(outcome.good(), verified);
}
