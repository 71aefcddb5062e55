//! Secrets: shown, rotated, public halves published.

use std::time::Duration;

use carehook_core::{Secret, SigningKey};
use http::Method;
use serde_json::json;

use crate::world::{Call, START, World};

async fn with_endpoint() -> (World, String) {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("/v1/organizations/northside/endpoints/{id}");
    (world, path)
}

#[tokio::test]
async fn a_rotated_secret_signs_on_for_the_time_of_grace() {
    let (world, path) = with_endpoint().await;
    let secret = format!("{path}/secret");
    let first = world.get(&secret).await.is(200);
    assert_eq!(first.body["previous"], json!([]));
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.text("created_at"), START.to_string());

    let rotate = format!("{path}/secret/rotate");
    let second = world
        .post(&rotate, &json!({"grace_seconds": 60}))
        .await
        .is(200);
    assert_ne!(second.text("secret"), first.text("secret"));
    let expires_at = START.plus(Duration::from_mins(1)).to_string();
    let previous = json!([{"secret": first.text("secret"), "expires_at": expires_at}]);
    assert_eq!(second.body["previous"], previous);
    assert_eq!(world.get(&secret).await.is(200).body, second.body);

    world.advance(Duration::from_mins(1));
    assert_eq!(world.get(&secret).await.is(200).body["previous"], json!([]));
}

#[tokio::test]
async fn a_body_can_be_left_out() {
    let (world, path) = with_endpoint().await;
    let rotate = format!("{path}/secret/rotate");
    let rotated = Call::new(Method::POST, &rotate).send(&world).await.is(200);
    let day = START.plus(Duration::from_hours(24)).to_string();
    assert_eq!(rotated.body["previous"][0]["expires_at"], day);
}

#[tokio::test]
async fn a_private_key_is_never_shown() {
    let (world, path) = with_endpoint().await;
    let keys = format!("{path}/public-keys");
    let nobody = || Call::new(Method::GET, &keys).without("authorization");
    nobody().send(&world).await.problem(404, "not-found");

    let rotate = format!("{path}/secret/rotate");
    let body = json!({"algorithm": "ed25519", "grace_seconds": 0});
    let rotated = world.post(&rotate, &body).await.is(200);
    let public = rotated.text("public_key");
    assert!(public.starts_with("whpk_"));
    assert_eq!(rotated.body.get("secret"), None);
    let answers = [
        rotated,
        world.get(&format!("{path}/secret")).await.is(200),
        world.get(&path).await.is(200),
    ];
    for answer in answers {
        assert!(
            !answer.body.to_string().contains("whsk_"),
            "{}",
            answer.body
        );
    }
    assert_eq!(
        nobody().send(&world).await.is(200).body,
        json!({ "keys": [public] })
    );

    // Without another word the algorithm stays as it is.
    let again = world.post(&rotate, &json!({})).await.is(200);
    assert_ne!(again.text("public_key"), public);
    assert_eq!(again.body["previous"][0]["public_key"], json!(public));
}

#[tokio::test]
async fn a_secret_can_be_given() {
    let (world, path) = with_endpoint().await;
    let rotate = format!("{path}/secret/rotate");
    let shared = Secret::symmetric(&[3; 32]);
    let rotated = world
        .post(&rotate, &json!({"secret": shared.expose()}))
        .await
        .is(200);
    assert_eq!(rotated.text("secret"), shared.expose());
    let pair = SigningKey::new_ed25519(&[4; 32]);
    let body = json!({"secret": pair.expose(), "algorithm": "ed25519"});
    let rotated = world.post(&rotate, &body).await.is(200);
    let public = SigningKey::parse(&pair).unwrap().public_key();
    assert_eq!(Some(rotated.text("public_key")), public);
}

#[tokio::test]
async fn bad_rotations_are_refused_and_change_nothing() {
    let (world, path) = with_endpoint().await;
    let before = world.get(&format!("{path}/secret")).await.is(200).body;
    let shared = Secret::symmetric(&[3; 32]);
    for (body, pointer) in [
        (json!({"algorithm": "rsa"}), "/algorithm"),
        (json!({"grace_seconds": -1}), "/grace_seconds"),
        (json!({"grace_seconds": 2_592_001}), "/grace_seconds"),
        (json!({"secret": "plain"}), "/secret"),
        (json!({"secret": "whsec_AAAA"}), "/secret"),
        (json!({"secret": "whsec_%"}), "/secret"),
        (json!({"secret": "whsk_AAAA"}), "/secret"),
        (
            json!({"secret": shared.expose(), "algorithm": "ed25519"}),
            "/secret",
        ),
        (json!({"grace": 1}), "/grace"),
    ] {
        let answer = world.post(&format!("{path}/secret/rotate"), &body).await;
        answer.refuses(&[pointer]);
    }
    assert_eq!(
        world.get(&format!("{path}/secret")).await.is(200).body,
        before
    );
}

#[tokio::test]
async fn public_keys_of_nobody_look_like_those_of_an_endpoint_without_any() {
    let (world, path) = with_endpoint().await;
    let known = world.get(&format!("{path}/public-keys")).await.is(404).body;
    for unknown in [
        "/v1/organizations/nobody/endpoints/1/public-keys",
        "/v1/organizations/northside/endpoints/1/public-keys",
        "/v1/organizations/%ff/endpoints/%ff/public-keys",
    ] {
        assert_eq!(world.get(unknown).await.is(404).body, known);
    }
}
