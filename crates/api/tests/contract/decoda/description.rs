//! The OpenAPI document of Decoda's API: the operations of the source, and the router's.

use carehook_core::Dialect;
use http::Method;
use serde_json::json;

use super::client::ask;
use crate::described::{description, has_operations, operations};
use crate::world::World;

/// The paths of the source, and the deletion that it leaves out.
const OPERATIONS: [(&str, &str); 8] = [
    ("delete", "/v1/webhook/{id}"),
    ("get", "/v1/webhook/events/{id}"),
    ("get", "/v1/webhook/events/{id}/send"),
    ("get", "/v1/webhook/list"),
    ("get", "/v1/webhook/{id}"),
    ("get", "/v1/webhook/{id}/delivery-attempts/list"),
    ("patch", "/v1/webhook/{id}"),
    ("post", "/v1/webhook/create"),
];

#[test]
fn the_document_has_the_operations_of_the_source_and_no_others() {
    has_operations(&description(Dialect::Decoda), &OPERATIONS);
}

#[tokio::test]
async fn the_router_serves_every_operation_of_the_source() {
    let world = World::with_northside().await;
    for (method, path) in OPERATIONS {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = ask(method, path).send(&world).await;
        let no_such_path = answer.body == json!({"detail": "Not Found"});
        assert!(
            answer.status != 405 && !no_such_path,
            "{path}: {}",
            answer.body
        );
    }
}

#[test]
fn every_operation_needs_both_headers_and_tells_the_errors_of_its_fields() {
    let description = description(Dialect::Decoda);
    for (method, path, operation) in operations(&description) {
        let both = json!([{"API-KEY": [], "TENANT": []}]);
        assert_eq!(operation["security"], both, "{method} {path}");
        let schema = &operation["responses"]["422"]["content"]["application/json"]["schema"];
        let fields = json!({"$ref": "#/components/schemas/HTTPValidationError"});
        assert_eq!(*schema, fields, "{method} {path}");
    }
}
