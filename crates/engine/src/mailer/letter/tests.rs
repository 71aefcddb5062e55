//! What a mail says, and what it must not say.

use std::sync::Arc;

use bytes::Bytes;
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, Delivery, DeliveryId, DeliveryState, Dialect, Endpoint,
    EndpointId, EventId, MailAddress, Mode, Ownership, PayloadMode, Reason, RecordId, Secret,
    Secrets, Subscription, Trigger,
};
use proptest::prelude::*;

use super::*;

/// 2026-03-10T12:00:00Z, a Tuesday.
const NOON: Timestamp = Timestamp(1_773_144_000_000);

fn failure(change: impl FnOnce(&mut Endpoint, &mut Attempt)) -> Failure {
    let record = |number| RecordId::new(NOON.0, number, 0);
    let delivery = DeliveryId(record(7));
    let mut endpoint = Endpoint {
        id: EndpointId(record(1)),
        organization: "northside".parse().unwrap(),
        name: Some("canary-name".to_owned()),
        url: "https://user:canary@receiver.example/hook/a?token=canary#canary".to_owned(),
        subscriptions: vec![Subscription {
            name: "APPOINTMENT_CANCELLED".into(),
            pattern: "appointment.cancelled".parse().unwrap(),
        }],
        dialect: Dialect::Decoda,
        mode: Mode::Live,
        account: None,
        active: true,
        active_changed_at: None,
        archived: false,
        archived_changed_at: None,
        ownership: Ownership::NotAsked,
        disabled_reason: None,
        payload: PayloadMode::Full,
        version: None,
        headers: Vec::new(),
        authentication: None,
        tls: None,
        timeout: None,
        retry_policy: None,
        notification_email: Some("it@clinic.example".to_owned()),
        secrets: Secrets::first(Secret::new("canary-secret"), NOON),
        created_at: NOON,
        created_by: None,
        updated_at: NOON,
        updated_by: None,
        revision: 1,
    };
    let mut attempt = Attempt {
        id: AttemptId::of(delivery, 10),
        number: 10,
        started_at: NOON,
        duration: Duration::from_millis(250),
        outcome: AttemptOutcome::Rejected,
        status: Some(503),
        error: Some("the receiver answered 503".to_owned()),
        answer: Bytes::from_static(b"canary-answer"),
        trigger: Trigger::Schedule,
    };
    change(&mut endpoint, &mut attempt);
    Failure {
        endpoint: Arc::new(endpoint),
        delivery: Delivery {
            id: delivery,
            event_id: EventId::Given("order-77".into()),
            event_type: "appointment.cancelled".parse().unwrap(),
            endpoint_id: EndpointId(record(1)),
            mode: Mode::Live,
            state: DeliveryState::Failed,
            reason: Some(Reason::Exhausted),
            attempt_count: 10,
            round_start: 0,
            sequence: 3,
            next_attempt_at: None,
            created_at: NOON,
            completed_at: Some(NOON),
            arrived_at: None,
        },
        attempt,
    }
}

fn formatted(failure: &Failure) -> String {
    let from: MailSender = "Carehook <hooks@clinic.example>".parse().unwrap();
    let to = "it@clinic.example".parse().unwrap();
    let message = letter(failure, (&from, to), NOON).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

#[test]
fn both_parts_say_which_event_failed_where_when_and_why() {
    let facts = Facts::of(&failure(|_, _| {}));
    assert_eq!(
        facts.subject(),
        "Webhook delivery failed: APPOINTMENT_CANCELLED"
    );
    let expected = [
        ("Event type", "APPOINTMENT_CANCELLED"),
        ("Event", "order-77"),
        ("Endpoint", "https://receiver.example/hook/a"),
        ("Attempts", "10"),
        ("Last status", "503"),
        ("Last error", "the receiver answered 503"),
        (
            "Time",
            "2026-03-10T12:00:00.250Z (Tuesday, 10 March 2026, 12:00:00 UTC)",
        ),
    ];
    let (text, html) = (facts.text(), facts.html());
    for (name, value) in expected {
        let name = format!("{name}:");
        assert!(text.contains(&format!("{name:<13}{value}\n")), "{text}");
        assert!(html.contains(&format!("<td>{value}</td>")), "{html}");
    }
    assert!(html.contains("<title>Webhook delivery failed: APPOINTMENT_CANCELLED</title>"));
}

#[test]
fn a_mail_holds_no_secret_no_query_and_no_answer() {
    let shown = formatted(&failure(|_, _| {}));
    assert!(!shown.contains("canary"), "{shown}");
    let unreadable = failure(|endpoint, _| endpoint.url = "canary".to_owned());
    assert!(!formatted(&unreadable).contains("canary"));
}

#[test]
fn an_attempt_without_an_answer_says_so() {
    let facts = Facts::of(&failure(|_, attempt| {
        attempt.status = None;
        attempt.error = Some("no connection".to_owned());
    }));
    let text = facts.text();
    assert!(text.contains("Last status: none: the receiver did not answer\n"));
    assert!(text.contains("Last error:  no connection\n"), "{text}");
}

#[test]
fn a_mail_is_recognised_when_it_comes_twice_and_asks_for_no_answer() {
    let failure = failure(|_, _| {});
    let id = format!("Message-ID: <{}@clinic.example>\r\n", failure.attempt.id);
    for _ in 0..2 {
        let shown = formatted(&failure);
        assert!(shown.contains(&id), "{shown}");
        assert!(shown.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(shown.contains("Date: Tue, 10 Mar 2026 12:00:00 +0000\r\n"));
    }
}

#[test]
fn hostile_names_break_neither_headers_nor_html() {
    let shown = formatted(&failure(|endpoint, attempt| {
        endpoint.subscriptions[0].name = "X\r\nBcc: spy@evil.example\r\n\r\n<b>".into();
        endpoint.url = "https://receiver.example/<script>&'\"".to_owned();
        attempt.error = Some("<img src=x onerror=alert(1)>\nTime: never".to_owned());
    }));
    let (head, _) = shown.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("\nBcc"), "{head}");
    let facts = Facts::of(&failure(|_, attempt| {
        attempt.error = Some("<img src=x onerror=alert(1)>\nTime: never".to_owned());
    }));
    assert!(!facts.html().contains("<img"));
    assert!(!facts.text().contains("\nTime: never"));
    assert_eq!(
        escaped("<a b='c' d=\"e\">&"),
        "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;"
    );
}

proptest! {
    /// Whoever may be told can be told: what is an address for the domain is one for the mail.
    #[test]
    fn every_address_that_an_endpoint_may_have_can_be_written_to(
        local in "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,20}",
        domain in "[a-z0-9-]{1,8}(\\.[a-z0-9-]{1,8}){0,2}",
    ) {
        let text = format!("{local}@{domain}");
        if text.parse::<MailAddress>().is_ok() {
            let address = text.parse::<lettre::Address>();
            prop_assert!(address.is_ok_and(|address| address.to_string() == text));
        }
    }

    #[test]
    fn no_text_adds_a_header(name in "\\PC{0,30}|[\\r\\n:a-z ]{0,40}") {
        let plain = formatted(&failure(|_, _| {}));
        let shown = formatted(&failure(|endpoint, _| endpoint.subscriptions[0].name = name.into()));
        let names = |text: &str| {
            let (head, _) = text.split_once("\r\n\r\n").unwrap();
            let starts = head.lines().filter(|line| !line.starts_with(' '));
            starts.filter_map(|line| line.split(':').next().map(str::to_owned)).collect::<Vec<_>>()
        };
        prop_assert_eq!(names(&plain), names(&shown));
    }
}
