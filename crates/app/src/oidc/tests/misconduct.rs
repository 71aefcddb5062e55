//! A provider that lies, breaks off, or is not there.

use std::time::Duration;

use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_testkit::{Answer, ClientProof, Conduct, KeyKind, Route, Signing};
use serde_json::{Value, json};

use super::world::World;
use crate::{OidcConfig, OidcError, OidcPerson};

/// The reason for which a provider that does this is not believed.
async fn distrust(change: impl FnOnce(&mut Conduct)) -> &'static str {
    let world = World::start().await;
    world.provider.behave(change);
    match World::refusal(world.sign_in().await) {
        OidcError::Untrusted(flaw) => flaw,
        error => panic!("{error:?}"),
    }
}

async fn distrust_claims(claims: Value) -> &'static str {
    distrust(|conduct| conduct.claims = claims).await
}

/// What is said of a provider that cannot be used.
fn unreachable(error: OidcError) -> String {
    match error {
        OidcError::Unreachable(source) => crate::Chain(&*source).to_string(),
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_token_with_another_signature_is_refused() {
    for (signing, flaw) in [
        (
            Signing::Nothing,
            "its header or algorithm is not understood",
        ),
        (Signing::PublicKeyAsSecret, "its algorithm is not accepted"),
        (Signing::ClientSecret, "its algorithm is not accepted"),
        (
            Signing::ForeignKey(KeyKind::Rsa),
            "its signature is not of the key it names",
        ),
        (
            Signing::ForeignKey(KeyKind::Ec),
            "its signature is not of the key it names",
        ),
    ] {
        let found = distrust(|conduct| conduct.signing = signing).await;
        assert_eq!(found, flaw, "{signing:?}");
    }
}

#[tokio::test]
async fn a_token_for_another_client_time_or_sign_in_is_refused() {
    let world = World::start().await;
    let now = world.app.now().seconds();
    drop(world);
    for (claims, flaw) in [
        (
            json!({"nonce": "another"}),
            "its `nonce` is of another sign-in",
        ),
        (json!({"nonce": null}), "it has no `nonce`"),
        (json!({"aud": "another"}), "its `aud` is another client"),
        (
            json!({"aud": ["carehook", "another"]}),
            "it has several audiences and no `azp`",
        ),
        (
            json!({"iss": "https://evil.example"}),
            "its `iss` is another issuer",
        ),
        (json!({"exp": now - 60}), "it has expired"),
        (json!({"exp": null}), "it has no `exp`"),
        (json!({"iat": now + 120}), "it was issued in the future"),
        (json!({"sub": null}), "it has no `sub`"),
        (
            json!({"sub": "a\nb", "email": null}),
            "it says `sub` of somebody else",
        ),
    ] {
        let said = claims.to_string();
        assert_eq!(distrust_claims(claims).await, flaw, "{said}");
    }
}

#[tokio::test]
async fn what_it_says_of_somebody_else_is_not_taken_for_the_person() {
    let world = World::start().await;
    world.provider.behave(|conduct| {
        conduct.claims = json!({"email": null});
        conduct.user_info = json!({"sub": "1"});
    });
    let error = World::refusal(world.sign_in().await);
    let said = error.to_string();
    assert!(said.contains("it says `sub` of somebody else"), "{said}");
}

#[tokio::test]
async fn an_answer_of_another_issuer_gets_no_code() {
    for (returned, flaw) in [
        (
            json!({"iss": "https://evil.example"}),
            "it is of another issuer",
        ),
        (
            json!({"iss": null}),
            "it does not say of which issuer it is",
        ),
        (json!({"code": null}), "it has no code"),
    ] {
        let world = World::start().await;
        world.provider.behave(|conduct| conduct.returned = returned);
        let OidcError::Untrusted(found) = World::refusal(world.sign_in().await) else {
            panic!("{flaw}");
        };
        assert_eq!(found, flaw);
        assert_eq!(world.provider.asked_for(Route::Token), 0);
    }
    let silent = World::start().await;
    silent.provider.behave(|conduct| {
        conduct.metadata = json!({"authorization_response_iss_parameter_supported": null});
        conduct.returned = json!({"iss": null});
    });
    assert!(
        silent.sign_in().await.is_ok(),
        "few providers name themselves"
    );
}

#[tokio::test]
async fn what_it_says_of_a_refusal_is_for_the_person_and_bounded() {
    let world = World::start().await;
    let long = "<script>".repeat(1_000);
    world.provider.behave(|conduct| {
        conduct.returned =
            json!({"code": null, "error": "access_denied", "error_description": long});
    });
    let error = World::refusal(world.sign_in().await);
    assert!(!error.to_string().contains("script"), "{error}");
    let OidcError::Declined { code, description } = error else {
        panic!("{error:?}");
    };
    assert_eq!(code, "access_denied");
    assert_eq!(description.unwrap().chars().count(), 300);
}

#[tokio::test]
async fn a_client_that_it_does_not_know_learns_why() {
    let world = World::with(|config| config.client_secret = None).await;
    let OidcError::Exchange { code } = World::refusal(world.sign_in().await) else {
        panic!("it was believed without a secret");
    };
    assert_eq!(code, "invalid_client");
    assert_eq!(
        world.provider.refusals(),
        ["the client has not proved itself"]
    );
    let strange = World::start().await;
    strange.provider.behave(|conduct| {
        conduct.proof = ClientProof::Basic;
        conduct.metadata = json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]});
    });
    let said = World::refusal(strange.sign_in().await).to_string();
    assert!(said.contains("takes no client secret"), "{said}");
}

#[tokio::test]
async fn metadata_of_another_issuer_or_without_tls_is_no_metadata() {
    for (metadata, why) in [
        (
            json!({"issuer": "https://evil.example"}),
            "its `issuer` is not the one that is configured",
        ),
        (json!({"issuer": null}), "it is no metadata"),
        (json!({"jwks_uri": null}), "it is no metadata"),
        (
            json!({"token_endpoint": "http://evil.example/token"}),
            "one of its addresses is not https",
        ),
        (
            json!({"authorization_endpoint": "javascript:alert(1)"}),
            "one of its addresses is not https",
        ),
    ] {
        let world = World::start().await;
        world.provider.behave(|conduct| conduct.metadata = metadata);
        let begun = world
            .app
            .begin_oidc("/console", OidcPerson::Known, &[])
            .await;
        let said = unreachable(begun.err().unwrap());
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn huge_redirecting_and_broken_answers_end_the_sign_in() {
    let huge = || Answer::status(200).body("x".repeat(300 * 1024));
    let leads_away = || Answer::status(302).header("location", "http://127.0.0.1:1/");
    let broken = || Answer::status(200).body("<html>");
    for route in [Route::Token, Route::Keys, Route::UserInfo] {
        for instead in [huge(), leads_away(), broken(), Answer::status(500)] {
            let world = World::start().await;
            world.provider.behave(|conduct| {
                conduct.claims = json!({"email": null});
                conduct.instead.insert(route, instead);
            });
            let error = World::refusal(world.sign_in().await);
            let ended = matches!(error, OidcError::Unreachable(_) | OidcError::Untrusted(_));
            assert!(ended, "{route:?}: {error:?}");
        }
    }
    for instead in [huge(), leads_away(), broken()] {
        let world = World::start().await;
        world.provider.behave(|conduct| {
            conduct.instead.insert(Route::Discovery, instead);
        });
        let begun = world
            .app
            .begin_oidc("/console", OidcPerson::Known, &[])
            .await;
        unreachable(begun.err().unwrap());
    }
}

#[tokio::test]
async fn a_provider_that_hangs_is_waited_for_five_seconds() {
    let world = World::start().await;
    world
        .provider
        .behave(|conduct| conduct.hanging = Some(Route::Discovery));
    let begun = world
        .app
        .begin_oidc("/console", OidcPerson::Known, &[])
        .await;
    let said = unreachable(begun.err().unwrap());
    assert!(
        said.contains("there was no whole answer within 5s"),
        "{said}"
    );
}

#[tokio::test]
async fn a_provider_that_comes_back_is_asked_again_after_a_pause() {
    let world = World::start().await;
    world.provider.behave(|conduct| {
        conduct
            .instead
            .insert(Route::Discovery, Answer::status(503));
    });
    for _ in 0..3 {
        assert!(
            world
                .app
                .begin_oidc("/console", OidcPerson::Known, &[])
                .await
                .is_err()
        );
    }
    assert_eq!(world.provider.asked_for(Route::Discovery), 1);
    world.provider.behave(|conduct| conduct.instead.clear());
    world.clock().advance(Duration::from_secs(10));
    assert!(
        world
            .app
            .begin_oidc("/console", OidcPerson::Known, &[])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_check_says_whether_the_provider_can_be_used() {
    let world = World::start().await;
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    let config = |issuer: &str| OidcConfig {
        issuer: issuer.parse().unwrap(),
        client_id: "carehook".to_owned(),
        client_secret: None,
        people: "@clinic.example".parse().unwrap(),
        name: None,
        only: false,
    };
    let issuer = world.provider.issuer();
    assert_eq!(config(&issuer).check(&deliverer).await, Ok(()));
    let with_slash = config(&format!("{issuer}/"));
    let said = with_slash.check(&deliverer).await.unwrap_err();
    assert!(said.contains("letter by letter"), "{said}");
    world.provider.behave(|conduct| {
        let empty = Answer::status(200).body("{\"keys\":[]}");
        conduct.instead.insert(Route::Keys, empty);
    });
    let said = config(&issuer).check(&deliverer).await.unwrap_err();
    assert!(said.contains("no key that can check"), "{said}");
    world.provider.stop().await;
    let said = config(&issuer).check(&deliverer).await.unwrap_err();
    assert!(said.contains("connect to the host"), "{said}");
}
