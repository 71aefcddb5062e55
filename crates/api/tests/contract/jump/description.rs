//! The OpenAPI document of Jump's API: complete, and true to the router.

use carehook_core::Dialect;
use http::Method;

use super::Client;
use crate::described::{description, has_errors, has_operations, operations};
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

#[test]
fn the_document_has_the_operations_of_the_source_and_no_others() {
    has_operations(&description(Dialect::Jump), &OPERATIONS);
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
    let description = description(Dialect::Jump);
    for (_, path, operation) in operations(&description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            for header in ["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining"] {
                assert!(response["headers"].get(header).is_some(), "{path} {status}");
            }
        }
    }
    has_errors(&description, &["401", "403", "429", "500", "503"]);
}
