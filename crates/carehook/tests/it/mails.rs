//! Mails about failures, from the running server through a mail server of others.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use carehook_testkit::{
    Answer, Authority, Identity, MailServer, MailSetup, MailTls, Receiver, TakenMail,
};
use serde_json::json;
use tokio::time::timeout;

use crate::command::carehook;
use crate::server::{Folder, Server};

const FROM: (&str, &str) = ("CAREHOOK_MAIL_FROM", "Carehook <hooks@clinic.example>");
const ONE_RETRY: (&str, &str) = ("CAREHOOK_RETRY_SCHEDULE", "1");
const PATIENCE: Duration = Duration::from_secs(20);

/// Goes on in the folder of an earlier server.
fn start_in(folder: &std::path::Path, smtp: &str, more: &[(&str, &str)]) -> Server {
    let given = [("CAREHOOK_SMTP_URL", smtp), FROM, ONE_RETRY];
    let variables = [&given[..], more].concat();
    Server::start_in(Folder::Given(folder.to_owned()), &["--dev"], &variables)
}

/// Lets a delivery fail for good.
async fn fail_one(server: &Server) -> Receiver {
    let receiver = Receiver::start().await.always(Answer::status(503));
    let api = server.api();
    api.post("", &json!({"id": "north", "name": "Northside"}))
        .await;
    let endpoint = json!({
        "url": format!("{}?token=canary-query", receiver.url()),
        "events": ["*"],
        "notification_email": "it@clinic.example",
        "headers": {"x-token": "canary-header"},
    });
    api.post("/north/endpoints", &endpoint).await;
    let event = json!({
        "id": "evt-77",
        "type": "patient.created",
        "data": {"name": "canary-payload"},
    });
    api.post("/north/events", &event).await;
    receiver.wait_for(2).await;
    receiver
}

/// Waits until the server has tried to send a mail: then the failure is on its disk.
async fn until_delayed(server: &Server) {
    let api = server.api();
    let delayed = timeout(PATIENCE, async {
        let figure = "carehook_mails_total{outcome=\"delayed\"} 1";
        while !api.get("/metrics").await.1.contains(figure) {
            tokio::task::yield_now().await;
        }
    });
    assert!(delayed.await.is_ok(), "{}", server.log());
}

#[track_caller]
fn check(mail: &TakenMail, receiver: &Receiver) {
    assert_eq!(mail.to, ["it@clinic.example"]);
    let subject = "Webhook delivery failed: patient.created";
    assert_eq!(mail.header("Subject"), subject);
    for part in [&mail.text, &mail.html] {
        for expected in ["evt-77", "503", &receiver.url()] {
            assert!(part.contains(expected), "{expected}: {part}");
        }
    }
    assert!(!mail.raw.contains("canary"), "{}", mail.raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_outlives_a_kill_while_the_mail_server_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let smtp = format!("smtp://127.0.0.1:{port}");
    let mut server = start_in(folder.path(), &smtp, &[]);
    let receiver = fail_one(&server).await;
    until_delayed(&server).await;
    server.kill();
    let log = server.log();
    assert!(log.contains("the mail server cannot be used"), "{log}");
    assert!(!log.contains("it@clinic.example"), "{log}");

    let mails = MailServer::start_with(&MailSetup {
        port,
        ..MailSetup::default()
    });
    let mut server = start_in(folder.path(), &smtp, &[]);
    check(&mails.wait_for(1).await[0], &receiver);
    server.stop();
    let server = start_in(folder.path(), &smtp, &[]);
    server.api().get("/readyz").await;
    assert_eq!(mails.mails().len(), 1, "it was sent once");
}

/// A mail server with a certificate, and the file that makes a server trust it.
fn encrypting(kind: MailTls, folder: &std::path::Path) -> (MailServer, String) {
    let authority = Authority::new();
    let identity: Identity = authority.issue(&["localhost"]);
    let server = MailServer::start_with(&MailSetup {
        tls: Some((kind, &identity)),
        credentials: Some(("hooks", "canary-password")),
        ..MailSetup::default()
    });
    let file = folder.join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    (server, file.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_out_encrypted_and_signed_in() {
    for (kind, scheme, more) in [
        (MailTls::Implicit, "smtps", ""),
        (MailTls::StartTls, "smtp", "?tls=required"),
        (MailTls::StartTls, "smtp", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (mails, trusted) = encrypting(kind, folder.path());
        let port = mails.port();
        let smtp = format!("{scheme}://hooks:canary-password@localhost:{port}{more}");
        let server = start_in(folder.path(), &smtp, &[("SSL_CERT_FILE", &trusted)]);
        let receiver = fail_one(&server).await;
        let mail = mails.wait_for(1).await.remove(0);
        assert!(mail.encrypted && mail.signed_in, "{scheme}{more}");
        check(&mail, &receiver);
        assert!(!server.log().contains("canary"), "{}", server.log());
    }
}

#[test]
fn doctor_tries_the_mail_server_out() {
    let folder = tempfile::tempdir().unwrap();
    let (mails, trusted) = encrypting(MailTls::Implicit, folder.path());
    let doctor = |url: &str, trusted: &str| {
        let words = ["doctor", "--dev", "--resolve", "localhost"];
        carehook(&words)
            .dir(folder.path())
            .env("CAREHOOK_SMTP_URL", url)
            .env(FROM.0, FROM.1)
            .env("SSL_CERT_FILE", trusted)
            .run()
    };
    let url = |password: &str| format!("smtps://hooks:{password}@localhost:{}", mails.port());
    let fine = doctor(&url("canary-password"), &trusted);
    let expected = format!(
        "ok    mail server     smtps://***@localhost:{}",
        mails.port()
    );
    assert!(fine.stdout.contains(&expected), "{fine}");
    let wrong = doctor(&url("canary"), &trusted);
    assert!(wrong.stdout.contains("WARN  mail server"), "{wrong}");
    assert!(wrong.stdout.contains("it answered 535"), "{wrong}");
    let other = Authority::new();
    let file = folder.path().join("other.pem");
    fs::write(&file, other.pem()).unwrap();
    let strange = doctor(&url("canary-password"), file.to_str().unwrap());
    assert!(strange.stdout.contains("WARN  mail server"), "{strange}");
    for outcome in [fine, wrong, strange] {
        assert!(!outcome.stdout.contains("canary"), "{outcome}");
    }
}
