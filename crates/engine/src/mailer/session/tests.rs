//! Conversations with a mail server of others, and with one that says nothing.

use carehook_testkit::{MailServer as RealServer, MailSetup};
use tokio::net::TcpListener;

use super::*;

fn message(to: &str) -> Message {
    Message::builder()
        .from("hooks@clinic.example".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Test")
        .body("Hello".to_owned())
        .unwrap()
}

async fn open(url: &str) -> Result<Session, Problem> {
    Session::open(&url.parse().unwrap(), "clinic.example").await
}

fn reason<T>(result: Result<T, Problem>) -> String {
    match result {
        Err(Problem::Server(reason)) => reason,
        Err(Problem::Broken(reason)) => format!("broken: {reason}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("the server was used"),
    }
}

#[tokio::test]
async fn refused_mails_are_told_apart_and_leave_the_conversation_open() {
    let server = RealServer::start();
    let mut session = open(&server.url()).await.unwrap();
    for (to, expected) in [
        ("it@clinic.example", Ok(())),
        ("refused@clinic.example", Err(Problem::Never(550))),
        ("later@clinic.example", Err(Problem::Later(451))),
        ("it@clinic.example", Ok(())),
        ("junk@clinic.example", Err(Problem::Never(554))),
        ("it@clinic.example", Ok(())),
    ] {
        assert_eq!(session.send(&message(to)).await, expected, "{to}");
    }
    session.close().await;
    assert_eq!(server.wait_for(3).await.len(), 3);
}

#[tokio::test]
async fn a_server_that_closes_down_refuses_no_mail() {
    let server = RealServer::start();
    let mut session = open(&server.url()).await.unwrap();
    let sent = session.send(&message("closing@clinic.example")).await;
    assert_eq!(reason(sent), "broken: it answered 421");
}

#[tokio::test]
async fn a_wrong_password_is_a_problem_of_the_server_and_is_not_repeated() {
    let setup = MailSetup {
        credentials: Some(("hooks", "right horse")),
        ..MailSetup::default()
    };
    let server = RealServer::start_with(&setup);
    let url = |credentials: &str| format!("smtp://{credentials}@127.0.0.1:{}", server.port());
    assert_eq!(reason(open(&url("hooks:canary")).await), "it answered 535");
    let mut session = open(&url("hooks:right%20horse")).await.unwrap();
    session.send(&message("it@clinic.example")).await.unwrap();
    assert!(server.wait_for(1).await[0].signed_in);
    // Without a sign-in the server refuses the sender, not the mail.
    let mut session = open(&server.url()).await.unwrap();
    let sent = session.send(&message("it@clinic.example")).await;
    assert_eq!(reason(sent), "it answered 530");
}

#[tokio::test]
async fn a_server_without_encryption_is_not_used_when_that_is_required() {
    let server = RealServer::start();
    let refused = open(&format!("{}?tls=required", server.url())).await;
    assert!(reason(refused).contains("STARTTLS"));
}

#[tokio::test]
async fn a_server_that_is_down_is_a_problem_of_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = open(&format!("smtp://{address}")).await;
    assert!(!reason(refused).is_empty());
}

// The paused clock jumps to the next deadline as soon as nothing else can happen.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_waited_for_no_longer_than_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let before = tokio::time::Instant::now();
    let refused = open(&format!("smtp://{address}")).await;
    assert_eq!(reason(refused), "it did not answer in time");
    assert_eq!(before.elapsed().as_secs(), OPENING.as_secs());
}

#[tokio::test]
async fn a_server_that_stops_answering_is_left_at_the_deadline() {
    let server = RealServer::start();
    let mut session = open(&server.url()).await.unwrap();
    let hanging = message("slow@clinic.example");
    let sent = session.send(&hanging);
    tokio::pin!(sent);
    tokio::select! {
        _ = &mut sent => panic!("there is no answer"),
        _ = server.wait_for_refusals(1) => {}
    }
    tokio::time::pause();
    tokio::time::advance(SENDING).await;
    assert_eq!(reason(sent.await), "broken: it did not answer in time");
}
