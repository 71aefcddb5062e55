//! The OpenAPI document of Jump's API: complete, and true to the router.

use carehook_core::Dialect;
use http::Method;
use serde_json::Value;

use super::Client;
use crate::world::World;

/// The table of the source.
const OPERATIONS: [(&str, &str); 6] = [
    ("delete", "/api-v1/webhooks/{id}"),
    ("get", "/api-v1/webhooks"),
    ("get", "/api-v1/webhooks/{id}"),
    ("patch", "/api-v1/webhooks/{id}"),
    ("post", "/api-v1/webhooks"),
    ("post", "/api-v1/webhooks/{id}/test"),
];

fn description() -> Value {
    serde_json::from_str(&carehook_api::openapi_json(Dialect::Jump)).unwrap()
}

#[test]
fn the_document_has_the_operations_of_the_source_and_no_others() {
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
async fn the_router_serves_every_operation_of_the_source() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (method, path) in OPERATIONS {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = client.send(client.call(method, path)).await;
        let message = answer.body["error"]["message"].as_str().unwrap_or_default();
        assert!(
            answer.status != 405 && message != "there is no such path",
            "{path}"
        );
    }
}

#[test]
fn every_answer_is_described_with_its_headers_and_every_error_with_the_error_body() {
    let description = description();
    for (method, path) in OPERATIONS {
        let operation = &description["paths"][path][method];
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            for header in ["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining"] {
                assert!(response["headers"].get(header).is_some(), "{path} {status}");
            }
            let schema = &response["content"]["application/json"]["schema"]["$ref"];
            let is_error = schema == "#/components/schemas/Error";
            assert_eq!(
                is_error,
                !status.starts_with('2'),
                "{path} {status} {schema}"
            );
        }
        for status in ["401", "403", "500", "503"] {
            assert!(responses.contains_key(status), "{path} {status}");
        }
        assert!(operation["security"][0].get("key").is_some(), "{path}");
    }
}
