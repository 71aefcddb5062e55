//! Which tokens are accepted, and which forgeries are not.

mod forged;
mod key_sets;
mod world;

use carehook_core::Timestamp;
use carehook_testkit::KeyKind as Kind;
use serde_json::json;

use super::*;
use world::{NOW, World, claims, hs256, secret, signed_with_text};

#[tokio::test]
async fn each_algorithm_is_accepted_with_its_key() {
    let world = World::start().await;
    for token in world.one_token_of_each_algorithm() {
        let expected = Claims {
            subject: "nora".into(),
            organization: TokenOrganization::One("north".parse().unwrap()),
            scopes: vec!["webhooks:read".into(), "manage".into()],
            expires_at: Timestamp(NOW.0 + 60_000),
        };
        assert_eq!(world.verify(&token, NOW).await.unwrap(), expected);
    }
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn a_minted_token_is_accepted_until_it_ends() {
    let world = World::start().await;
    let expires_at = Timestamp(NOW.0 + 60_000);
    let new = NewToken {
        subject: "nora".into(),
        organization: TokenOrganization::All,
        scopes: vec!["read".into(), "manage".into()],
        issued_at: NOW,
        expires_at,
    };
    let token = new.sign(&secret());
    let claims = world.verify(token.expose(), NOW).await.unwrap();
    assert_eq!(claims.organization, TokenOrganization::All);
    assert_eq!(claims.scopes, ["read", "manage"]);
    // The claim has whole seconds, and the time of this test has none besides.
    assert_eq!(claims.expires_at, expires_at);
    let last = Timestamp(expires_at.0 - 1);
    assert!(world.verify(token.expose(), last).await.is_ok());
    let late = world.verify(token.expose(), expires_at).await;
    assert!(matches!(late, Err(TokenError::Invalid)), "{late:?}");
}

#[tokio::test]
async fn times_may_have_fractions_and_the_issuers_clock_may_be_a_little_ahead() {
    let world = World::start().await;
    let second = NOW.seconds();
    for (name, value) in [
        ("exp", json!(1.773_656_465_5e9)),
        ("exp", json!(1e300)),
        ("nbf", json!(second)),
        ("nbf", json!(second + 5)),
        ("nbf", json!(-1)),
    ] {
        let mut claims = claims();
        claims[name] = value.clone();
        let token = hs256(&claims);
        let verified = world.verify(&token, NOW).await;
        assert!(verified.is_ok(), "{name} {value}: {verified:?}");
    }
}

#[tokio::test]
async fn audience_and_issuer_are_not_looked_at_and_a_missing_scope_is_no_scope() {
    let world = World::start().await;
    let token = hs256(&json!({
        "sub": "nora", "org": "*", "exp": NOW.seconds() + 60,
        "aud": ["someone else"], "iss": "https://id.example.com", "jti": 7,
    }));
    let claims = world.verify(&token, NOW).await.unwrap();
    assert_eq!(claims.scopes, [""; 0]);
}

#[tokio::test]
async fn without_configuration_no_token_is_accepted() {
    let world = World::start().await;
    let nothing = World::with(TokenConfig::default());
    let only_secret = World::with(TokenConfig {
        key_set_url: None,
        ..world.config()
    });
    let only_keys = World::with(TokenConfig {
        secret: None,
        ..world.config()
    });
    for (index, token) in world.one_token_of_each_algorithm().iter().enumerate() {
        assert!(nothing.verify(token, NOW).await.is_err());
        let is_hs256 = index == 0;
        assert_eq!(only_secret.verify(token, NOW).await.is_ok(), is_hs256);
        assert_eq!(only_keys.verify(token, NOW).await.is_ok(), !is_hs256);
    }
    let empty_secret = signed_with_text("", &json!({"alg": "HS256"}));
    assert!(nothing.verify(&empty_secret, NOW).await.is_err());
    assert!(only_keys.verify(&empty_secret, NOW).await.is_err());
}

#[tokio::test]
async fn a_token_without_key_id_is_checked_with_every_key_of_its_algorithm() {
    let world = World::start().await;
    for kind in Kind::ALL {
        let token = world
            .issuer
            .signed(kind, &json!({"alg": kind.alg()}), &claims());
        assert!(world.verify(&token, NOW).await.is_ok(), "{kind:?}");
    }
}

#[test]
fn a_short_secret_is_refused() {
    let of_length = |length| TokenSecret::try_new(carehook_core::Secret::new("x".repeat(length)));
    assert_eq!(of_length(31).err(), Some(TokenSecretError));
    assert!(of_length(32).is_ok());
}
