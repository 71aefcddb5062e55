//! Keys: nothing is told to anybody without one.

use carehook_core::Dialect;
use http::Method;

use crate::described::description;
use crate::world::{Call, OPERATOR_KEY, World};

#[tokio::test]
async fn every_operation_that_needs_a_key_refuses_a_missing_and_a_wrong_one() {
    let world = World::with_northside().await;
    let description = description(Dialect::Native);
    let mut checked = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needs_key = operation["security"][0].get("key").is_some();
            if !needs_key {
                continue;
            }
            let path = path.replace("{org}", "northside").replace("{id}", "1");
            let method: Method = method.to_uppercase().parse().unwrap();
            for header in ["", "Bearer", "Bearer wrong", "Basic b3A6eA==", OPERATOR_KEY] {
                let call = Call::new(method.clone(), &path).header("authorization", header);
                let answer = call.send(&world).await.problem(401, "unauthenticated");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
            let call = Call::new(method, &path).without("authorization");
            call.send(&world).await.problem(401, "unauthenticated");
            checked += 1;
        }
    }
    assert_eq!(checked, 56);
}

#[tokio::test]
async fn without_a_key_an_unknown_organization_looks_like_a_known_one() {
    let world = World::with_northside().await;
    for organization in ["northside", "nobody", "%2e%2e"] {
        let path = format!("/v1/organizations/{organization}/events");
        let call = Call::new(Method::GET, &path).without("authorization");
        call.send(&world).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_key_is_compared_as_a_whole_and_the_scheme_without_case() {
    let world = World::start();
    let with = |header: String| {
        Call::new(Method::GET, "/v1/organizations").header("authorization", &header)
    };
    with(format!("bearer {OPERATOR_KEY}"))
        .send(&world)
        .await
        .is(200);
    with(format!("Bearer {OPERATOR_KEY}x"))
        .send(&world)
        .await
        .is(401);
    let shorter = &OPERATOR_KEY[1..];
    with(format!("Bearer {shorter}")).send(&world).await.is(401);
}
