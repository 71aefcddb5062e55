//! Forged, foreign and broken tokens: all look the same from outside, and none is accepted.

use aws_lc_rs::hmac;
use carehook_testkit::{
    KeyKind as Kind, Receiver, TokenIssuer as Issuer, base64url as base64, signed_token as sign,
};
use serde_json::{Value, json};

use super::world::{NOW, SECRET, World, claims, hs256, hs256_with, keys, signed_with_text};
use crate::tokens::TokenError;

/// Checks that an honest token is accepted, and that none of these is.
async fn assert_refused(world: &World, tokens: impl IntoIterator<Item = (String, String)>) {
    for token in world.one_token_of_each_algorithm() {
        assert!(world.verify(&token, NOW).await.is_ok());
    }
    for (what, token) in tokens {
        let verified = world.verify(&token, NOW).await;
        assert!(
            matches!(verified, Err(TokenError::Invalid)),
            "{what}: {verified:?}"
        );
        let told = TokenError::Invalid.to_string();
        assert_eq!(told, "invalid or expired token");
    }
}

fn named(what: &str, token: String) -> (String, String) {
    (what.to_owned(), token)
}

#[tokio::test]
async fn unsigned_tokens_are_refused() {
    let world = World::start().await;
    let kid = world.issuer.kid(Kind::Rsa);
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        for header in [json!({"alg": alg}), json!({"alg": alg, "kid": kid})] {
            let unsigned = sign(&header, &claims(), |_| Vec::new());
            tokens.push(named(&format!("{header} unsigned"), unsigned));
            let signed = hs256_with(SECRET.as_bytes(), &header, &claims());
            tokens.push(named(&format!("{header} signed"), signed));
        }
    }
    for header in [
        json!({}),
        json!({"alg": null}),
        json!({"alg": ["HS256"]}),
        json!("HS256"),
    ] {
        let signed = hs256_with(SECRET.as_bytes(), &header, &claims());
        tokens.push(named(&header.to_string(), signed));
    }
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let world = World::start().await;
    let kid = world.issuer.kid(Kind::Rsa);
    let encodings = world.issuer.rsa_public_encodings();
    let mut tokens = Vec::new();
    for (index, public) in encodings.iter().enumerate() {
        for header in [json!({"alg": "HS256"}), json!({"alg": "HS256", "kid": kid})] {
            let token = hs256_with(public, &header, &claims());
            tokens.push(named(&format!("encoding {index} {header}"), token));
        }
    }
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn a_secret_must_be_the_configured_one_and_sign_with_hs256() {
    let world = World::start().await;
    let header = json!({"alg": "HS256"});
    let longer = |algorithm, alg: &str| {
        sign(&json!({"alg": alg}), &claims(), |message| {
            let key = hmac::Key::new(algorithm, SECRET.as_bytes());
            hmac::sign(&key, message).as_ref().to_vec()
        })
    };
    let tokens = [
        named("no secret", signed_with_text("", &header)),
        named("another", signed_with_text(&SECRET.to_uppercase(), &header)),
        named("a part of it", signed_with_text(&SECRET[1..], &header)),
        named("HS384", longer(hmac::HMAC_SHA384, "HS384")),
        named("HS512", longer(hmac::HMAC_SHA512, "HS512")),
        named("HS512 as HS256", longer(hmac::HMAC_SHA512, "HS256")),
        named(
            "RS256 with it",
            signed_with_text(SECRET, &json!({"alg": "RS256"})),
        ),
    ];
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn a_key_verifies_only_what_it_signed_in_its_own_way() {
    let world = World::start().await;
    let issuer = &world.issuer;
    let stranger = Issuer::new("stranger");
    let mut tokens = Vec::new();
    for kind in Kind::ALL {
        let token = stranger.token(kind, &claims());
        tokens.push(named("of a stranger, who says so", token));
        let token = stranger.signed(kind, &issuer.header(kind), &claims());
        tokens.push(named("of a stranger, who says it is ours", token));
        let token = stranger.signed(kind, &json!({"alg": kind.alg()}), &claims());
        tokens.push(named("of a stranger, who does not say", token));
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let mut header = issuer.header(kind);
            header["kid"] = issuer.kid(other).into();
            let token = issuer.signed(kind, &header, &claims());
            tokens.push(named(&format!("{kind:?} by the name of {other:?}"), token));
            let token = issuer.signed(kind, &issuer.header(other), &claims());
            tokens.push(named(&format!("{kind:?} for {other:?}"), token));
        }
        for alg in [
            "RS384", "RS512", "PS256", "ES384", "Ed25519", "HS256", "rs256",
        ] {
            let mut header = issuer.header(kind);
            header["alg"] = alg.into();
            tokens.push(named(alg, issuer.signed(kind, &header, &claims())));
        }
    }
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_used() {
    let world = World::start().await;
    let stranger = Issuer::new("stranger");
    let elsewhere = Receiver::start().await.always(keys(&stranger.key_set()));
    let mut tokens = Vec::new();
    for kind in Kind::ALL {
        for (name, value) in [
            ("jwk", stranger.jwk(kind)),
            ("jku", elsewhere.url().into()),
            ("x5u", elsewhere.url().into()),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
        ] {
            for mut header in [stranger.header(kind), world.issuer.header(kind)] {
                header[name] = value.clone();
                let token = stranger.signed(kind, &header, &claims());
                tokens.push(named(&header.to_string(), token));
            }
        }
        let mut header = world.issuer.header(kind);
        header["crit"] = json!(["b64"]);
        let demanding = world.issuer.signed(kind, &header, &claims());
        tokens.push(named("a demand of an honest issuer", demanding));
    }
    assert_refused(&world, tokens).await;
    assert_eq!(elsewhere.attempts(), 0);
}

#[tokio::test]
async fn claims_must_be_there_and_of_their_kind() {
    let world = World::start().await;
    let second = NOW.seconds();
    let cases: &[(&str, &[Value])] = &[
        (
            "exp",
            &[
                json!(second),
                json!(second - 1),
                json!(0),
                json!(-1),
                json!(-1e300),
                json!((second + 60).to_string()),
                json!(true),
                json!([second + 60]),
            ],
        ),
        (
            "nbf",
            &[json!(second + 6), json!(1e300), json!("0"), json!({})],
        ),
        (
            "sub",
            &[
                json!(""),
                json!(7),
                json!(["nora"]),
                json!("n\nora"),
                json!("n".repeat(256)),
            ],
        ),
        (
            "org",
            &[
                json!(""),
                json!("**"),
                json!("a b"),
                json!("../x"),
                json!(7),
                json!(["north"]),
            ],
        ),
        ("scope", &[json!(["read"]), json!(7), json!({"read": true})]),
    ];
    let mut tokens = Vec::new();
    let mut add = |what: String, claims: &Value| {
        tokens.push((what.clone(), hs256(claims)));
        tokens.push((what, world.issuer.token(Kind::Ed, claims)));
    };
    for (name, values) in cases {
        for value in *values {
            let mut claims = claims();
            claims[*name] = value.clone();
            add(format!("{name} {value}"), &claims);
        }
        if *name != "scope" {
            let mut claims = claims();
            claims[*name] = Value::Null;
            add(format!("{name} is null"), &claims);
        }
    }
    for name in ["exp", "sub", "org"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        add(format!("no {name}"), &claims);
    }
    for claims in [json!([]), json!("nora"), Value::Null, json!({})] {
        add(claims.to_string(), &claims);
    }
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn broken_tokens_are_refused() {
    let world = World::start().await;
    let mut tokens = Vec::new();
    for token in world.one_token_of_each_algorithm() {
        for length in 0..token.len() {
            tokens.push((format!("cut to {length}"), token[..length].to_owned()));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("a token has three parts")
        };
        let other = base64(
            super::claims()
                .to_string()
                .replace("north", "south")
                .as_bytes(),
        );
        for broken in [
            format!("{token}."),
            format!(".{token}"),
            format!("{token}="),
            format!(" {token}"),
            format!("{token}\n"),
            format!("{header}.{other}.{signature}"),
            format!("{claims}.{header}.{signature}"),
            format!("{header}.{claims}"),
            format!("{header}..{signature}"),
            format!("..{signature}"),
            format!("{header}.{claims}.{signature}.{signature}"),
            format!("{header}.{claims}.{}", base64(b"signature")),
            format!("{header}.{claims}.{}", base64(&[0; 64])),
            format!("{header}.{claims}.{}", base64(&[0; 256])),
        ] {
            tokens.push((broken.clone(), broken));
        }
    }
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "\u{1f512}.\u{1f512}.\u{1f512}",
        "{}.{}.{}",
    ] {
        tokens.push(named(text, text.to_owned()));
    }
    assert_refused(&world, tokens).await;
}

#[tokio::test]
async fn a_huge_token_is_refused_even_when_it_is_genuine() {
    let world = World::start().await;
    let of_size = |size: usize| {
        let mut claims = claims();
        claims["padding"] = "x".repeat(size).into();
        hs256(&claims)
    };
    let large = of_size(5_900);
    assert!(
        large.len() > 8_000 && large.len() <= 8_192,
        "{}",
        large.len()
    );
    assert!(world.verify(&large, NOW).await.is_ok());
    let tokens = [
        named("more than 8 KiB", of_size(6_100)),
        named("a megabyte", of_size(1_000_000)),
        named("dots", ".".repeat(1_000_000)),
    ];
    assert_refused(&world, tokens).await;
}
