//! When keys are fetched, how long they are used, and what comes of bad ones.

use std::time::Duration;

use carehook_core::Timestamp;
use carehook_testkit::{
    Answer, Behaviour, HostileReceiver, KeyKind as Kind, Receiver, TokenIssuer as Issuer, base64url,
};
use serde_json::{Value, json};

use super::world::{NOW, World, after, claims, hs256, keys, signed_with_text};
use crate::AppError;
use crate::tokens::{TokenConfig, TokenError};

const TEN_SECONDS: Duration = Duration::from_secs(10);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);

/// A token that lives for longer than any key set.
fn lasting(issuer: &Issuer, kind: Kind) -> String {
    let mut claims = claims();
    claims["exp"] = json!(NOW.seconds() + 100_000);
    issuer.token(kind, &claims)
}

/// The last moment before this time is over.
fn before(time: Duration) -> Timestamp {
    Timestamp(after(time).0 - 1)
}

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(verified: Result<T, TokenError>) {
    let Err(error @ TokenError::Unavailable(_)) = verified else {
        panic!("{verified:?}")
    };
    // That is 503 for the caller, not 401.
    let error = AppError::from(error);
    assert!(matches!(error, AppError::Unavailable { .. }), "{error:?}");
}

#[track_caller]
fn assert_invalid<T: std::fmt::Debug>(verified: Result<T, TokenError>) {
    let Err(error @ TokenError::Invalid) = verified else {
        panic!("{verified:?}")
    };
    let error = AppError::from(error);
    assert!(matches!(error, AppError::Unauthenticated), "{error:?}");
}

#[tokio::test]
async fn keys_are_fetched_when_first_needed_and_again_after_ten_minutes() {
    let world = World::start().await;
    let token = lasting(&world.issuer, Kind::Ec);
    assert!(world.verify(&hs256(&claims()), NOW).await.is_ok());
    assert_eq!(world.fetches(), 0, "a secret needs no keys");
    let last = before(TEN_MINUTES);
    for now in [NOW, NOW, last] {
        assert!(world.verify(&token, now).await.is_ok());
        assert_eq!(world.fetches(), 1);
    }
    for _ in 0..2 {
        assert!(world.verify(&token, after(TEN_MINUTES)).await.is_ok());
        assert_eq!(world.fetches(), 2);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stop_the_fetches() {
    let world = World::start().await;
    let token = lasting(&world.issuer, Kind::Ec);
    assert!(world.verify(&token, after(HOUR)).await.is_ok());
    assert!(world.verify(&token, NOW).await.is_ok());
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn a_token_of_a_new_key_is_accepted_at_once() {
    let world = World::start().await;
    let next = Issuer::new("next");
    let old = lasting(&world.issuer, Kind::Rsa);
    assert!(world.verify(&old, NOW).await.is_ok());
    world.provider().set_default(keys(&next.key_set()));
    let later = after(TEN_SECONDS);
    let new = lasting(&next, Kind::Rsa);
    assert!(world.verify(&new, later).await.is_ok());
    assert_eq!(world.fetches(), 2);
    assert_invalid(world.verify(&old, later).await);
}

#[tokio::test]
async fn a_new_key_without_an_id_is_found_too() {
    let world = World::start().await;
    let next = Issuer::new("next");
    let without_kid = |issuer: &Issuer| {
        let mut jwk = issuer.jwk(Kind::Ed);
        jwk.as_object_mut().unwrap().remove("kid");
        json!({"keys": [jwk]})
    };
    let sign = |issuer: &Issuer| issuer.signed(Kind::Ed, &json!({"alg": "EdDSA"}), &claims());
    world
        .provider()
        .set_default(keys(&without_kid(&world.issuer)));
    assert!(world.verify(&sign(&world.issuer), NOW).await.is_ok());
    world.provider().set_default(keys(&without_kid(&next)));
    assert!(world.verify(&sign(&next), after(TEN_SECONDS)).await.is_ok());
}

#[tokio::test]
async fn forged_key_ids_cause_one_fetch_in_ten_seconds() {
    let world = World::start().await;
    let stranger = Issuer::new("stranger");
    let forged = |number: u64| {
        let header = json!({"alg": "EdDSA", "kid": format!("key-{number}")});
        stranger.signed(Kind::Ed, &header, &claims())
    };
    for number in 0..50 {
        let now = after(Duration::from_millis(number * 199));
        assert_invalid(world.verify(&forged(number), now).await);
        assert_eq!(world.fetches(), 1);
    }
    assert_invalid(world.verify(&forged(50), after(TEN_SECONDS)).await);
    assert_eq!(world.fetches(), 2);
    let honest = world.issuer.token(Kind::Ed, &claims());
    assert!(world.verify(&honest, after(TEN_SECONDS)).await.is_ok());
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_fetch() {
    let world = World::start().await;
    world.provider().hold();
    let token = lasting(&world.issuer, Kind::Ed);
    let requests: Vec<_> = (0..20)
        .map(|millis| {
            // Later ones may wait behind earlier ones and then hold an older time.
            let now = after(Duration::from_millis(20 - millis));
            world.start_verifying(&token, now)
        })
        .collect();
    world.provider().wait_for(1).await;
    world.provider().release();
    for request in requests {
        assert!(request.await.unwrap().is_ok());
    }
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_take_the_fetch_with_it() {
    let world = World::start().await;
    world.provider().hold();
    let token = lasting(&world.issuer, Kind::Ed);
    let request = world.start_verifying(&token, NOW);
    world.provider().wait_for(1).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    world.provider().release();
    assert!(world.verify(&token, NOW).await.is_ok());
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn while_one_request_waits_for_newer_keys_others_use_the_known_ones() {
    let world = World::start().await;
    let token = lasting(&world.issuer, Kind::Ed);
    assert!(world.verify(&token, NOW).await.is_ok());
    world.provider().hold();
    let later = after(TEN_MINUTES);
    let request = world.start_verifying(&token, later);
    world.provider().wait_for(2).await;
    assert!(world.verify(&token, later).await.is_ok());
    assert!(!request.is_finished());
    world.provider().release();
    assert!(request.await.unwrap().is_ok());
}

#[tokio::test]
async fn known_keys_are_used_for_an_hour_while_the_provider_fails() {
    let world = World::start().await;
    let token = lasting(&world.issuer, Kind::Rsa);
    assert!(world.verify(&token, NOW).await.is_ok());
    world.provider().set_default(Answer::status(500));
    let last = before(HOUR);
    for (index, now) in [TEN_MINUTES, TEN_MINUTES + TEN_SECONDS]
        .into_iter()
        .enumerate()
    {
        for _ in 0..3 {
            assert!(world.verify(&token, after(now)).await.is_ok());
        }
        assert_eq!(world.fetches(), 2 + index, "one try in ten seconds");
    }
    assert!(world.verify(&token, last).await.is_ok());
    assert_unavailable(world.verify(&token, after(HOUR + TEN_SECONDS)).await);
    world.provider().set_default(keys(&world.issuer.key_set()));
    let back = after(HOUR + TEN_SECONDS + TEN_SECONDS);
    assert!(world.verify(&token, back).await.is_ok());
}

#[tokio::test]
async fn without_any_keys_tokens_cannot_be_judged() {
    let world = World::start().await;
    let elsewhere = Receiver::start()
        .await
        .always(keys(&world.issuer.key_set()));
    let large = json!({"keys": [], "padding": "x".repeat(256 * 1024)});
    let answers = [
        Answer::status(500),
        Answer::status(302).header("location", &elsewhere.url()),
        Answer::status(200).body("<html>sign in</html>"),
        Answer::status(200).body(""),
        Answer::status(200).body("{}"),
        Answer::status(200).body("[]"),
        Answer::status(200).body(r#"{"keys": {}}"#),
        keys(&large),
    ];
    let token = lasting(&world.issuer, Kind::Ed);
    let mut now = NOW;
    for answer in answers {
        world.provider().set_default(answer);
        assert_unavailable(world.verify(&token, now).await);
        // Not asked again so soon, and still no fault of the caller.
        assert_unavailable(world.verify(&token, now).await);
        now = now.plus(TEN_SECONDS);
    }
    assert_eq!(world.fetches(), 8);
    assert_eq!(elsewhere.attempts(), 0);
    assert!(world.verify(&hs256(&claims()), NOW).await.is_ok());
    world.provider().set_default(keys(&world.issuer.key_set()));
    assert!(world.verify(&token, now).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_floods_or_breaks_off_gives_no_keys() {
    for behaviour in [
        Behaviour::EndlessBody,
        Behaviour::Resets,
        Behaviour::Garbage,
        Behaviour::HugeHeader,
    ] {
        let provider = HostileReceiver::start(behaviour);
        let world = World::with(TokenConfig {
            secret: None,
            key_set_url: Some(provider.url().parse().unwrap()),
        });
        let token = lasting(&world.issuer, Kind::Ed);
        assert_unavailable(world.verify(&token, NOW).await);
    }
}

#[tokio::test]
async fn keys_for_other_purposes_are_passed_over() {
    let world = World::start().await;
    let changed = |kind: Kind, name: &str, value: Value| {
        let mut jwk = world.issuer.jwk(kind);
        jwk[name] = value;
        (kind, jwk)
    };
    let cases = [
        changed(Kind::Rsa, "use", json!("enc")),
        changed(Kind::Rsa, "alg", json!("RS512")),
        changed(Kind::Rsa, "alg", json!("PS256")),
        changed(Kind::Rsa, "alg", json!("HS256")),
        changed(Kind::Rsa, "key_ops", json!(["encrypt"])),
        changed(Kind::Rsa, "kty", json!("oct")),
        changed(Kind::Rsa, "n", json!("AQAB")),
        changed(Kind::Rsa, "n", json!("not base64!")),
        changed(Kind::Ec, "crv", json!("P-384")),
        changed(Kind::Ec, "alg", json!("ES384")),
        changed(Kind::Ec, "x", json!("")),
        changed(Kind::Ed, "crv", json!("X25519")),
        changed(Kind::Ed, "x", json!("AAAA")),
        changed(Kind::Ed, "kid", json!(7)),
    ];
    let mut now = NOW;
    for (kind, jwk) in cases {
        let honest = Kind::ALL.into_iter().find(|other| *other != kind).unwrap();
        let set = json!({"keys": [null, 7, {}, {"kty": "new"}, jwk, world.issuer.jwk(honest)]});
        world.provider().set_default(keys(&set));
        now = now.plus(TEN_MINUTES);
        let token = lasting(&world.issuer, kind);
        assert_invalid(world.verify(&token, now).await);
        let beside = world.verify(&lasting(&world.issuer, honest), now).await;
        assert!(beside.is_ok(), "{set}: {beside:?}");
    }
}

#[tokio::test]
async fn a_symmetric_key_of_a_key_set_is_no_secret() {
    let world = World::start().await;
    let key = "a symmetric key that anybody can fetch";
    let jwk = json!({"kty": "oct", "k": base64url(key.as_bytes()), "kid": "shared"});
    world.provider().set_default(keys(&json!({"keys": [jwk]})));
    for header in [
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "kid": "shared"}),
    ] {
        assert_invalid(world.verify(&signed_with_text(key, &header), NOW).await);
    }
}
