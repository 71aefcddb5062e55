//! Tests: which of the two bodies a body is, and what is missing in one that is neither.

use serde_json::{Value, json};

use super::*;
use crate::extract::parse;

fn wish(body: &Value) -> Result<Wish, AppError> {
    let text = body.to_string();
    parse::<CreationIn>(text.as_bytes()).unwrap().try_into()
}

/// The fields that are at fault.
fn refused(body: &Value) -> Vec<String> {
    match wish(body) {
        Err(AppError::Invalid(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{body} was understood"),
    }
}

#[test]
fn a_webhook_is_understood_with_one_event_or_a_list() {
    for (events, expected) in [
        (json!("ping"), vec!["ping"]),
        (json!(["appointments", "*"]), vec!["appointments", "*"]),
    ] {
        let body = json!({"organization": "north", "url": "https://a.example/", "events": events});
        let Ok(Wish::Webhook(organization, new)) = wish(&body) else {
            panic!("{body} is a webhook");
        };
        assert_eq!((organization.as_str(), new.active), ("north", true));
        assert_eq!(new.events, expected);
    }
}

#[test]
fn a_ping_is_understood() {
    let id = "01991f1e-8e00-7000-8000-000000000001";
    let Ok(Wish::Ping(webhook)) = wish(&json!({"webhook": id, "event": "ping"})) else {
        panic!("it is a ping");
    };
    assert_eq!(webhook.to_string(), id);
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    let id = "01991f1e-8e00-7000-8000-000000000001";
    for (body, pointers) in [
        (json!({}), vec!["/organization", "/url", "/events"]),
        (json!({"organization": "north"}), vec!["/url", "/events"]),
        (json!({"webhook": id}), vec!["/event"]),
        (json!({"event": "ping"}), vec!["/webhook"]),
        (
            json!({"webhook": id, "event": "appointments"}),
            vec!["/event"],
        ),
        (
            json!({"webhook": id, "event": "ping", "url": "https://a.example/", "active": true}),
            vec!["/active", "/url"],
        ),
        (
            json!({"organization": "n", "url": "u", "events": "*", "account": "a b"}),
            vec!["/account"],
        ),
    ] {
        assert_eq!(refused(&body), pointers, "{body}");
    }
}
