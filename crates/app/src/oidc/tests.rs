//! Who comes in through an identity provider, and who does not, whatever the provider does.

mod misconduct;
mod world;

use std::time::Duration;

use carehook_core::{Secret, SessionHolder, SignInLink};
use carehook_testkit::{ClientProof, KeyKind, Route, Signing};
use serde_json::json;

use super::*;
use world::World;

#[tokio::test]
async fn somebody_on_the_list_comes_in_under_the_own_name() {
    let world = World::start().await;
    let entry = world.sign_in().await.unwrap();
    assert_eq!(entry.next, "/console/o/northside");
    let person = &entry.session.person;
    assert!(person.is_operator());
    assert_eq!(person.name(), Some("anna@clinic.example"));
    let cookie = entry.session.cookie.expose();
    let known = world.app.person(cookie, None).unwrap();
    assert_eq!(known.name(), Some("anna@clinic.example"));
    let again = world.sign_in().await.unwrap();
    assert_ne!(again.session.cookie.expose(), cookie, "each has its own");
    world.app.sign_out(&known).await.unwrap();
    assert!(world.app.person(cookie, None).is_err());
    let other = again.session.cookie.expose();
    assert!(world.app.person(other, None).is_ok(), "the own one only");
    assert_eq!(world.provider.asked_for(Route::UserInfo), 0);
}

#[tokio::test]
async fn each_kind_of_key_and_each_proof_of_the_client_is_understood() {
    let world = World::start().await;
    for kind in KeyKind::ALL {
        world
            .provider
            .behave(|conduct| conduct.signing = Signing::Key(kind));
        assert!(world.sign_in().await.is_ok(), "{kind:?}");
    }
    let unnamed = json!({"token_endpoint_auth_methods_supported": null});
    let basic = World::start().await;
    basic.provider.behave(|conduct| conduct.metadata = unnamed);
    assert!(basic.sign_in().await.is_ok());
    let post = World::start().await;
    post.provider
        .behave(|conduct| conduct.proof = ClientProof::Post);
    assert!(post.sign_in().await.is_ok());
    let public = World::public().await;
    assert!(public.sign_in().await.is_ok());
    assert_eq!(public.provider.refusals(), Vec::<&str>::new());
}

#[tokio::test]
async fn what_is_known_of_the_provider_is_fetched_once() {
    let world = World::start().await;
    assert_eq!(world.provider.asked_for(Route::Discovery), 0, "when needed");
    for _ in 0..3 {
        world.sign_in().await.unwrap();
    }
    assert_eq!(world.provider.asked_for(Route::Discovery), 1);
    assert_eq!(world.provider.asked_for(Route::Keys), 1);
}

#[tokio::test]
async fn what_the_token_does_not_say_the_provider_is_asked_for() {
    let world = World::start().await;
    let nothing = json!({"email": null, "email_verified": null, "name": null});
    world.provider.behave(|conduct| conduct.claims = nothing);
    let entry = world.sign_in().await.unwrap();
    assert_eq!(entry.session.person.name(), Some("anna@clinic.example"));
    assert_eq!(world.provider.asked_for(Route::UserInfo), 1);
}

#[tokio::test]
async fn a_group_lets_in_too_and_is_asked_for_where_there_is_a_scope() {
    let world = World::with(|config| config.people = "group:carehook-admins".parse().unwrap());
    let world = world.await;
    world.provider.behave(|conduct| {
        conduct.metadata = json!({"scopes_supported": ["openid", "groups"]});
        conduct.claims = json!({"groups": ["staff", "carehook-admins"], "email": null});
        conduct.user_info = json!({"email": null});
    });
    let begun = world.begin().await;
    assert!(begun.url.contains("scope=openid+email+profile+groups"));
    let answer = world.consent(&begun);
    let entry = world.finish(&begun, answer).await.unwrap();
    assert_eq!(entry.session.person.name(), Some("Anna Ott (248289761001)"));
}

#[tokio::test]
async fn who_is_not_on_the_list_stays_outside() {
    let not_invited = async |world: &World| {
        let error = World::refusal(world.sign_in().await);
        let OidcError::NotInvited { who, has_address } = error else {
            panic!("{error:?}");
        };
        assert_eq!(has_address, who.as_str().contains('@'), "{who}");
        who.to_string()
    };
    let world = World::start().await;
    let other = json!({"email": "berta@clinic.example"});
    world.provider.behave(|conduct| conduct.claims = other);
    assert_eq!(not_invited(&world).await, "berta@clinic.example");
    for verified in [json!(false), json!("true"), json!(null)] {
        world.provider.behave(|conduct| {
            conduct.claims = json!({"email_verified": verified});
            conduct.user_info = json!({"email_verified": verified});
        });
        assert_eq!(not_invited(&world).await, "Anna Ott (248289761001)");
    }
    let of_group = World::with(|config| config.people = "group:admins".parse().unwrap()).await;
    assert_eq!(not_invited(&of_group).await, "anna@clinic.example");
}

#[tokio::test]
async fn the_trail_names_who_was_refused_where_the_provider_has_proved_it() {
    let world = World::start().await;
    let other = json!({"email": "berta@clinic.example"});
    world.provider.behave(|conduct| conduct.claims = other);
    for _ in 0..2 {
        World::refusal(world.sign_in().await);
    }
    world.provider.behave(|conduct| {
        let unproved = json!({"email": "anna@clinic.example", "email_verified": false});
        conduct.claims = unproved.clone();
        conduct.user_info = unproved;
    });
    World::refusal(world.sign_in().await);
    assert_eq!(
        world.refused().await,
        [Some("berta@clinic.example".to_owned()), None]
    );
}

#[tokio::test]
async fn another_person_is_asked_to_sign_in_there() {
    let world = World::start().await;
    for (who, asks) in [(OidcPerson::Known, false), (OidcPerson::Another, true)] {
        let begun = world.app.begin_oidc("/console", who, &[]).await.unwrap();
        let url = begun.url.expose();
        assert_eq!(url.contains("&prompt=login"), asks, "{url}");
    }
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked() {
    let world = World::start().await;
    let (mine, other) = (world.begin().await, world.begin().await);
    let refused = async |begun: &world::Begun, answer| {
        let error = World::refusal(world.finish(begun, answer).await);
        assert!(matches!(error, OidcError::NotBegunHere), "{error:?}");
    };
    refused(&other, world.consent(&mine)).await;
    let stateless = OidcAnswer {
        state: None,
        ..world.consent(&mine)
    };
    refused(&mine, stateless).await;
    let nothing_kept = world.app.finish_oidc(world.consent(&mine), &[], None);
    let error = nothing_kept.await.outcome.err();
    assert!(matches!(error, Some(OidcError::NotBegunHere)), "{error:?}");
    assert_eq!(world.provider.asked_for(Route::Token), 0, "no code is used");

    let answer = world.consent(&mine);
    world.clock().advance(Duration::from_mins(10));
    refused(&mine, answer).await;
}

#[tokio::test]
async fn a_code_is_good_once() {
    let world = World::start().await;
    let begun = world.begin().await;
    let answer = world.consent(&begun);
    let same = OidcAnswer {
        code: answer.code.clone(),
        state: answer.state.clone(),
        issuer: answer.issuer.clone(),
        ..OidcAnswer::default()
    };
    world.finish(&begun, answer).await.unwrap();
    let error = World::refusal(world.finish(&begun, same).await);
    let OidcError::Exchange { code } = error else {
        panic!("{error:?}");
    };
    assert_eq!(code, "invalid_grant");
}

#[tokio::test]
async fn where_the_password_is_off_it_lets_nobody_in_and_a_link_of_the_operators_key_does() {
    let world = World::with(|config| {
        config.only = true;
        config.name = Some("Clinic ID".to_owned());
    });
    let world = world.await;
    let door = world.app.oidc_door().unwrap();
    assert_eq!((door.name.as_str(), door.only), ("Clinic ID", true));
    let earlier = Secret::new("of a start before the password was off");
    let link = SignInLink {
        holder: SessionHolder::Operator,
        person: None,
        expires_at: None,
    };
    let store = world.app.store();
    let made = store.create_sign_in_link(link, &earlier, world.app.now());
    made.await.unwrap();
    assert!(world.app.first_visit_link().await.unwrap().is_none());
    assert!(!world.app.is_first_visit_link(earlier.expose()));
    let entry = world.sign_in().await.unwrap();
    let operator = world.app.operator(entry.session.person.caller()).unwrap();
    let link = world.app.make_password_link(&operator).await.unwrap();
    let (_, text) = link.url.expose().split_once("link=").unwrap();
    let password = || Secret::new("correct horse battery");
    assert!(world.app.set_password(text, password(), None).await.is_ok());
    let refused = world.app.sign_in(password(), None).await;
    assert!(matches!(refused, Err(AppError::Forbidden { .. })));
}

#[tokio::test]
async fn without_a_provider_nothing_begins() {
    let (app, _directory) = crate::fixture::app_with(crate::AppConfig::default());
    assert!(app.oidc_door().is_none());
    assert!(!app.is_password_off());
    let begun = app
        .begin_oidc("/console", OidcPerson::Known, &[])
        .await
        .err();
    let finished = app.finish_oidc(OidcAnswer::default(), &[], None).await;
    for error in [begun, finished.outcome.err()] {
        assert!(matches!(
            error,
            Some(OidcError::App(AppError::NotFound { .. }))
        ));
    }
}
