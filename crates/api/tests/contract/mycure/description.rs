//! The OpenAPI document of MYCURE's API: complete, and true to the router.

use carehook_core::Dialect;
use http::Method;
use serde_json::{Value, json};

use super::Client;
use crate::world::World;

/// The path of the source, and what its clients expect beside it.
const OPERATIONS: [(&str, &str); 5] = [
    ("delete", "/webhook-events/{id}"),
    ("get", "/webhook-events"),
    ("get", "/webhook-events/{id}"),
    ("patch", "/webhook-events/{id}"),
    ("post", "/webhook-events"),
];

fn description() -> Value {
    serde_json::from_str(&carehook_api::openapi_json(Dialect::Mycure)).unwrap()
}

#[test]
fn the_document_has_the_operations_of_the_contract_and_no_others() {
    let description = description();
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        found.extend(
            item.as_object()
                .unwrap()
                .keys()
                .map(|method| (method.as_str(), path.as_str())),
        );
    }
    found.sort_unstable();
    assert_eq!(found, OPERATIONS);
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
    let description = description();
    for (method, path) in OPERATIONS {
        let operation = &description["paths"][path][method];
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            let schema = &response["content"]["application/json"]["schema"]["$ref"];
            let is_error = schema == "#/components/schemas/Error";
            assert_eq!(
                is_error,
                !status.starts_with('2'),
                "{path} {status} {schema}"
            );
        }
        for status in ["401", "403", "404", "500", "503"] {
            assert!(responses.contains_key(status), "{path} {status}");
        }
        assert!(operation["security"][0].get("key").is_some(), "{path}");
    }
}

#[test]
fn events_are_described_as_one_text_or_a_list() {
    let description = description();
    for schema in ["Creation", "WebhookChange"] {
        let events = &description["components"]["schemas"][schema]["properties"]["events"];
        let choices = events["oneOf"]
            .as_array()
            .unwrap_or_else(|| panic!("{events}"));
        let types: Vec<&Value> = choices.iter().map(|choice| &choice["type"]).collect();
        assert_eq!(types, [&json!("string"), &json!("array")], "{events}");
    }
}
