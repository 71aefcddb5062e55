//! The OpenAPI document of MYCURE's API: complete, and true to the router.

use carehook_core::Dialect;
use http::Method;
use serde_json::{Value, json};

use super::Client;
use crate::described::{description, has_errors, has_operations};
use crate::world::World;

/// The path of the source, and what its clients expect beside it.
const OPERATIONS: [(&str, &str); 5] = [
    ("delete", "/webhook-events/{id}"),
    ("get", "/webhook-events"),
    ("get", "/webhook-events/{id}"),
    ("patch", "/webhook-events/{id}"),
    ("post", "/webhook-events"),
];

#[test]
fn the_document_has_the_operations_of_the_contract_and_no_others() {
    has_operations(&description(Dialect::Mycure), &OPERATIONS);
}

#[tokio::test]
async fn the_router_serves_every_operation_of_the_contract() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (method, path) in OPERATIONS {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = client.send(client.call(method, path)).await;
        let is_served = answer.status != 405 && answer.body["message"] != "there is no such path";
        assert!(is_served, "{path}: {}", answer.body);
    }
}

#[test]
fn every_error_is_described_with_the_error_body() {
    has_errors(
        &description(Dialect::Mycure),
        &["401", "403", "404", "429", "500", "503"],
    );
}

#[test]
fn events_are_described_as_one_text_or_a_list() {
    let description = description(Dialect::Mycure);
    for schema in ["Creation", "WebhookChange"] {
        let events = &description["components"]["schemas"][schema]["properties"]["events"];
        let choices = events["oneOf"]
            .as_array()
            .unwrap_or_else(|| panic!("{events}"));
        let types: Vec<&Value> = choices.iter().map(|choice| &choice["type"]).collect();
        assert_eq!(types, [&json!("string"), &json!("array")], "{events}");
    }
}
