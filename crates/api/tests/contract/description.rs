//! The OpenAPI document: complete, true to the router, and the one that is committed.

use std::collections::BTreeSet;

use carehook_core::Dialect;
use http::Method;

use crate::described::{description, operations};
use crate::world::{Call, World};

const SURFACE: &str = "
POST GET /v1/organizations
GET PATCH DELETE /v1/organizations/{org}
POST GET /v1/organizations/{org}/api-keys
GET DELETE /v1/organizations/{org}/api-keys/{id}
POST /v1/organizations/{org}/portal-sessions
POST GET /v1/operator-keys
DELETE /v1/operator-keys/{id}
POST /v1/sign-in-links
POST GET /v1/organizations/{org}/endpoints
GET PATCH DELETE /v1/organizations/{org}/endpoints/{id}
POST /v1/organizations/{org}/endpoints/{id}/test
POST /v1/organizations/{org}/endpoints/{id}/challenge
GET /v1/organizations/{org}/endpoints/{id}/secret
POST /v1/organizations/{org}/endpoints/{id}/secret/rotate
GET /v1/organizations/{org}/endpoints/{id}/public-keys
POST /v1/organizations/{org}/endpoints/{id}/replay
GET /v1/organizations/{org}/endpoints/{id}/replays
GET /v1/organizations/{org}/endpoints/{id}/replays/{job}
POST /v1/organizations/{org}/endpoints/{id}/replays/{job}/stop
POST GET /v1/organizations/{org}/events
POST /v1/organizations/{org}/events/batch
GET /v1/organizations/{org}/events/{id}
GET /v1/payloads/{token}
GET /v1/organizations/{org}/deliveries
GET /v1/organizations/{org}/deliveries/{id}
POST /v1/organizations/{org}/deliveries/{id}/retry
POST /v1/organizations/{org}/deliveries/{id}/cancel
POST GET /v1/organizations/{org}/erasures
GET /v1/organizations/{org}/audit
GET /v1/organizations/{org}/audit/key
GET /v1/organizations/{org}/erasures/{id}
POST /v1/master-key/rotate
POST GET /v1/event-categories
GET PATCH DELETE /v1/event-categories/{category}
POST GET /v1/event-types
GET PATCH DELETE /v1/event-types/{type}
GET /v1/event-types/{type}/schema
GET /v1/event-types/{type}/samples
GET /v1/event-types/{type}/versions
POST /v1/introspect
GET /livez
GET /readyz
GET /metrics
GET /openapi.json
GET /openapi/{file}
GET /docs
";

#[test]
fn the_document_has_exactly_the_surface_that_others_rely_on() {
    let mut expected = BTreeSet::new();
    for line in SURFACE.lines().filter(|line| !line.is_empty()) {
        let (methods, path) = line.rsplit_once(' ').unwrap();
        expected.extend(methods.split(' ').map(|method| format!("{method} {path}")));
    }
    let description = description(Dialect::Native);
    let described = operations(&description);
    let found: BTreeSet<String> = described
        .iter()
        .map(|(method, path, _)| format!("{} {path}", method.to_uppercase()))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_router_serves_what_is_described_and_no_other_method() {
    let world = World::start();
    let description = description(Dialect::Native);
    let paths = description["paths"].as_object().unwrap();
    for (path, item) in paths {
        let concrete = path.replace("{file}", "ecg.json");
        let concrete = concrete.replace(['{', '}'], "");
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let described = item.get(method.as_str().to_lowercase()).is_some();
            let answer = Call::new(method.clone(), &concrete).send(&world).await;
            let served = answer.status != 405 && answer.body["detail"] != "there is no such path";
            assert_eq!(served, described, "{method} {path}: {}", answer.body);
        }
    }
}

#[test]
fn every_operation_tells_its_answers_errors_and_key() {
    let description = description(Dialect::Native);
    for (method, path, operation) in operations(&description) {
        let name = format!("{method} {path}");
        assert!(operation["summary"].is_string(), "{name}");
        assert!(operation["operationId"].is_string(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name}"
        );
        let is_open = !path.starts_with("/v1/") || path.ends_with("/public-keys");
        assert_eq!(
            operation["security"][0].get("key").is_none(),
            is_open,
            "{name}"
        );
        if path.starts_with("/v1/") {
            assert_eq!(responses.contains_key("401"), !is_open, "{name}");
            assert_eq!(responses.contains_key("404"), path.contains('{'), "{name}");
            assert!(responses.contains_key("503"), "{name}");
        }
        let has_body = operation.get("requestBody").is_some();
        assert_eq!(responses.contains_key("413"), has_body, "{name}");
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, path.matches('{').count(), "{name}");
    }
}

#[test]
fn the_document_is_3_1_and_every_reference_leads_somewhere() {
    let description = description(Dialect::Native);
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(
        description["components"]["securitySchemes"]["key"]["scheme"],
        "bearer"
    );
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for (place, prefix) in text.match_indices("#/components/schemas/") {
        let rest = &text[place + prefix.len()..];
        let name = &rest[..rest.find('"').unwrap()];
        assert!(schemas.contains_key(name), "{name}");
    }
    for (name, schema) in schemas {
        let described = schema["description"].is_string() || schema.get("allOf").is_some();
        assert!(described || name.contains('_'), "{name} has no description");
    }
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = include_str!("../../../../docs/openapi/native.json");
    let fresh = committed == carehook_api::openapi_json(Dialect::Native);
    assert!(
        fresh,
        "docs/openapi/native.json is stale: run `cargo xtask codegen`"
    );
}
