//! Golden vectors, a foreign library as judge, and properties of signatures.

use super::*;
use crate::Retired;
use proptest::prelude::*;
use serde_json::Value;

const VECTORS: &str = include_str!("../../data/vectors/signatures.json");

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    all.get(name).unwrap().as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector.get(field).unwrap().as_str().unwrap()
}

fn secrets_of(vector: &Value) -> Secrets {
    let newest_first: Vec<&str> = match vector.get("secrets_newest_first") {
        Some(list) => list
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_str().unwrap())
            .collect(),
        None => vec![text(vector, "secret")],
    };
    let mut oldest_first = newest_first.into_iter().rev().map(Secret::new);
    let start = Timestamp(0);
    let first = Secrets::first(oldest_first.next().unwrap(), start);
    let year = Duration::from_hours(876_000);
    oldest_first.fold(first, |secrets, next| {
        secrets.rotated(next, start, year, Retired::Forget)
    })
}

fn check(vector: &Value) {
    let seconds = vector.get("timestamp").unwrap().as_i64().unwrap();
    let now = Timestamp(seconds * 1000 + 999);
    let (id, body) = (text(vector, "id"), text(vector, "body"));
    let secrets = secrets_of(vector);
    let header = Signer::new(&secrets)
        .unwrap()
        .sign(id, now, body.as_bytes());
    assert_eq!(header, text(vector, "signature"));
    let verifier = Verifier::parse(secrets.current()).unwrap();
    let headers = (id, &*seconds.to_string(), &*header);
    assert_eq!(verifier.verify(headers, body.as_bytes(), now), Ok(()));
}

#[test]
fn the_golden_vectors_hold() {
    let lists = [
        "standard_webhooks_v1",
        "standard_webhooks_v1_text_secret",
        "standard_webhooks_v1a",
    ];
    for vector in lists.into_iter().flat_map(vectors) {
        check(&vector);
    }
}

#[test]
fn the_published_key_verifies_what_the_private_key_signed() {
    for vector in vectors("standard_webhooks_v1a") {
        let key = SigningKey::parse(&Secret::new(text(&vector, "secret"))).unwrap();
        assert_eq!(key.public_key().as_deref(), Some(text(&vector, "public")));
        let seconds = vector.get("timestamp").unwrap().as_i64().unwrap();
        let verifier = Verifier::parse(&Secret::new(text(&vector, "public"))).unwrap();
        let stamp = seconds.to_string();
        let headers = (text(&vector, "id"), &*stamp, text(&vector, "signature"));
        let verdict = verifier.verify(
            headers,
            text(&vector, "body").as_bytes(),
            Timestamp(seconds * 1000),
        );
        assert_eq!(verdict, Ok(()));
    }
}

#[test]
fn a_request_outside_the_tolerance_is_refused() {
    let secret = Secret::symmetric(&[7; 32]);
    let now = Timestamp(1_790_000_000_000);
    let signer = Signer::new(&Secrets::first(secret.clone(), now)).unwrap();
    let header = signer.sign("evt_1", now, b"{}");
    let verifier = Verifier::parse(&secret).unwrap();
    let at = |offset: i64| {
        verifier.verify(
            ("evt_1", "1790000000", &header),
            b"{}",
            Timestamp(now.0 + offset * 1000),
        )
    };
    assert_eq!((at(300), at(-300)), (Ok(()), Ok(())));
    assert_eq!(at(301), Err(SignatureError::Stale(301)));
    assert_eq!(at(-301), Err(SignatureError::Stale(301)));
    let broken = verifier.verify(("evt_1", "now", &header), b"{}", now);
    assert_eq!(broken, Err(SignatureError::Timestamp));
}

#[test]
fn unusable_secrets_are_refused() {
    let parse = |text: &str| SigningKey::parse(&Secret::new(text)).err();
    assert_eq!(parse("whsec_!!"), Some(SecretError::Base64));
    assert_eq!(parse("whsec_AAAA"), Some(SecretError::Length));
    assert_eq!(parse("short"), Some(SecretError::Short));
    let wrong_half = STANDARD.encode([1u8; 64]);
    assert_eq!(
        parse(&format!("whsk_{wrong_half}")),
        Some(SecretError::KeyPair)
    );
    assert_eq!(parse("0123456789abcdef0123456789abcdef"), None);
}

proptest! {
    #[test]
    fn the_standardwebhooks_crate_accepts_our_signatures(
        key: [u8; 32], id in "[a-z0-9_]{1,40}", body in ".*",
    ) {
        let secret = Secret::symmetric(&key);
        let judge = standardwebhooks::Webhook::new(secret.expose()).unwrap();
        let now = crate::Clock::system().wall();
        let signer = Signer::new(&Secrets::first(secret, now)).unwrap();
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", now.seconds().to_string().parse().unwrap());
        headers.insert("webhook-signature", signer.sign(&id, now, body.as_bytes()).parse().unwrap());
        prop_assert!(judge.verify(body.as_bytes(), &headers).is_ok());
    }

    #[test]
    fn any_change_breaks_the_signature(seed: [u8; 32], asymmetric: bool, at in 0usize..10) {
        let secret = if asymmetric { SigningKey::new_ed25519(&seed) } else { Secret::symmetric(&seed) };
        let now = Timestamp(1_790_000_000_000);
        let signer = Signer::new(&Secrets::first(secret.clone(), now)).unwrap();
        let verifier = Verifier::parse(&secret).unwrap();
        let body = b"0123456789".to_vec();
        let header = signer.sign("id", now, &body);
        let mut changed = body.clone();
        changed[at] ^= 1;
        prop_assert_eq!(verifier.verify(("id", "1790000000", &header), &body, now), Ok(()));
        for (id, time, body) in [("id", "1790000000", &changed), ("ie", "1790000000", &body), ("id", "1790000001", &body)] {
            prop_assert_eq!(verifier.verify((id, time, &header), body, now), Err(SignatureError::Mismatch));
        }
    }
}
