//! Signing in with an identity provider: the way there and back, and every way it can end.

use std::time::Duration;

use carehook_app::{AppConfig, OidcConfig};
use carehook_console::ConsoleConfig;
use carehook_core::Secret;
use carehook_testkit::{Answer, IdentityProvider, Route};
use http::{Request, StatusCode, header};
use serde_json::json;

use super::world::{Got, START, World};

/// A console with a provider whose one person is on the list.
async fn start(change: impl FnOnce(&mut OidcConfig)) -> (World, IdentityProvider) {
    let provider = IdentityProvider::start().await;
    provider.behave(|conduct| conduct.now = Some(START.seconds()));
    let mut config = OidcConfig {
        issuer: provider.issuer().parse().unwrap(),
        client_id: IdentityProvider::CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(IdentityProvider::CLIENT_SECRET)),
        people: "anna@clinic.example".parse().unwrap(),
        name: Some("Clinic <ID>".to_owned()),
        only: false,
    };
    change(&mut config);
    let settings = AppConfig {
        oidc: Some(config),
        ..AppConfig::default()
    };
    let world = World::with_app(&ConsoleConfig::default(), settings);
    (world, provider)
}

/// Begins the name of the cookie of a sign-in that has begun.
const BEGUN: &str = "__Host-carehook-oidc-";

/// The cookie of a sign-in that has begun, and where the browser goes.
async fn begin(world: &World, address: &str) -> (String, String) {
    let (cookie, url, _) = begin_beside(world, address, "").await;
    (cookie, url)
}

/// The same in a browser that has begun others: the cookies that it forgets with that, too.
async fn begin_beside(world: &World, address: &str, others: &str) -> (String, String, Vec<String>) {
    let request = Request::get(address).header(header::COOKIE, others);
    let got = world.stranger().send(request, "".into()).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.html);
    let lines = got.headers.get_all(header::SET_COOKIE).iter();
    let mut lines = lines.map(|line| line.to_str().unwrap());
    let cookie = lines.find(|line| !line.ends_with("Max-Age=0")).unwrap();
    let (pair, rest) = cookie.split_once(';').unwrap();
    assert!(pair.starts_with(BEGUN), "{cookie}");
    assert!(rest.contains("HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"));
    let (pair, url) = (pair.to_owned(), got.leads_to().to_owned());
    (pair, url, forgotten(&got))
}

/// The names of the sign-ins that the browser is told to forget.
fn forgotten(got: &Got) -> Vec<String> {
    let lines = got.headers.get_all(header::SET_COOKIE).iter();
    let lines = lines.map(|line| line.to_str().unwrap());
    let ended = lines.filter(|line| line.ends_with("Max-Age=0"));
    let names = ended.filter_map(|line| line.split_once('=').map(|(name, _)| name));
    names
        .filter(|name| name.starts_with(BEGUN))
        .map(str::to_owned)
        .collect()
}

/// The name of a cookie.
fn name(cookie: &str) -> String {
    cookie.split('=').next().unwrap().to_owned()
}

/// The browser comes back to the address that the provider gave.
async fn come_back(world: &World, cookie: &str, address: &str) -> Got {
    let at = address.find("/console").unwrap();
    let request = Request::get(&address[at..])
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "cross-site");
    world.stranger().send(request, "".into()).await
}

/// The whole way.
async fn sign_in(world: &World, provider: &IdentityProvider) -> Got {
    let (cookie, url) = begin(world, "/console/sign-in/oidc").await;
    come_back(world, &cookie, &provider.consent(&url)).await
}

#[tokio::test]
async fn the_button_leads_there_and_back_to_the_page_that_was_asked_for() {
    let (world, provider) = start(|_| {}).await;
    drop(world.with_northside().await);
    let page = world
        .stranger()
        .page("/console/sign-in?next=/console/o/northside/webhooks?mode=test")
        .await;
    assert!(
        page.contains("Sign in with <bdi>Clinic &#60;ID&#62;</bdi>"),
        "{page}"
    );
    assert!(page.contains("Or with the password"), "{page}");
    let (_, rest) = page.split_once("href=\"/console/sign-in/oidc").unwrap();
    let (query, _) = rest.split_once('"').unwrap();
    let query = query.replace("&#38;", "&");
    let address = format!("/console/sign-in/oidc{query}");

    let (cookie, url) = begin(&world, &address).await;
    let got = come_back(&world, &cookie, &provider.consent(&url)).await;
    assert_eq!(got.leads_to(), "/console/o/northside/webhooks?mode=test");
    assert_eq!(forgotten(&got), [name(&cookie)]);
    let cookies = got.headers.get_all(header::SET_COOKIE).iter();
    let mut cookies = cookies.map(|line| line.to_str().unwrap());
    let session = cookies
        .find(|line| line.starts_with("__Host-carehook="))
        .unwrap();
    let request = Request::get("/console/sessions")
        .header(header::COOKIE, session.split(';').next().unwrap());
    let got = world.stranger().send(request, "".into()).await;
    assert!(got.html.contains("anna@clinic.example"), "{}", got.html);
}

#[tokio::test]
async fn no_page_elsewhere_is_gone_to() {
    let (world, provider) = start(|_| {}).await;
    for next in ["https://evil.example", "//evil.example", "/consoles"] {
        let address = format!("/console/sign-in/oidc?next={next}");
        let (cookie, url) = begin(&world, &address).await;
        let got = come_back(&world, &cookie, &provider.consent(&url)).await;
        assert_eq!(got.leads_to(), "/console", "{next}");
    }
}

#[tokio::test]
async fn what_the_provider_says_of_a_refusal_is_text_and_no_markup() {
    let (world, provider) = start(|_| {}).await;
    let hostile = "<img src=x onerror=alert(1)>\u{202e}".repeat(1_000);
    provider.behave(|conduct| {
        conduct.returned =
            json!({"code": null, "error": "access_denied", "error_description": hostile});
    });
    let got = sign_in(&world, &provider).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.html.contains("access_denied: &#60;img"), "{}", got.html);
    assert!(!got.html.contains("<img"), "{}", got.html);
    assert!(got.html.len() < 4_000, "{}", got.html.len());
    assert!(got.html.contains("Sign in again"));
}

#[tokio::test]
async fn whoever_is_not_let_in_reads_why_and_what_to_do() {
    let (world, provider) = start(|_| {}).await;
    let other = json!({"email": "berta@clinic.example"});
    provider.behave(|conduct| conduct.claims = other);
    let got = sign_in(&world, &provider).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    for text in [
        "You are not on the list",
        "You are berta@clinic.example.",
        "Ask whoever runs this server",
    ] {
        assert!(got.html.contains(text), "{text}: {}", got.html);
    }
    let cookies = got.headers.get_all(header::SET_COOKIE).iter();
    assert_eq!(cookies.count(), 1, "nobody is signed in");
    let another = "/console/sign-in/oidc?another=1";
    assert!(
        got.html.contains(&format!("href=\"{another}\"")),
        "{}",
        got.html
    );
    let (_, url) = begin(&world, another).await;
    assert!(url.contains("&prompt=login"), "{url}");

    provider.behave(|conduct| conduct.claims = json!({"nonce": "another"}));
    let got = sign_in(&world, &provider).await;
    assert_eq!(got.status, StatusCode::BAD_GATEWAY);
    assert!(got.html.contains("is of another sign-in"), "{}", got.html);
}

#[tokio::test]
async fn an_answer_to_nothing_that_was_begun_here_signs_nobody_in() {
    let (world, provider) = start(|_| {}).await;
    let (cookie, url) = begin(&world, "/console/sign-in/oidc").await;
    let back = provider.consent(&url);
    let twice = format!("{back}&state=another");
    let rubbish = format!("{}=rubbish", name(&cookie));
    for (cookie, address, ended) in [
        ("", back.as_str(), vec![]),
        (rubbish.as_str(), back.as_str(), vec![name(&cookie)]),
        (cookie.as_str(), twice.as_str(), vec![]),
        (cookie.as_str(), "/console/sign-in/oidc/return", vec![]),
    ] {
        let got = come_back(&world, cookie, address).await;
        assert_eq!(forgotten(&got), ended, "{address}");
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{address}");
        assert!(got.html.contains("Begin again"), "{}", got.html);
    }
    assert_eq!(provider.asked_for(Route::Token), 0);
}

#[tokio::test]
async fn two_tabs_sign_in_side_by_side_and_a_failing_return_is_of_its_own_only() {
    let (world, provider) = start(|_| {}).await;
    let (first, to_first) = begin(&world, "/console/sign-in/oidc").await;
    let address = "/console/sign-in/oidc?next=/console/sessions";
    let (second, to_second, ended) = begin_beside(&world, address, &first).await;
    assert!(ended.is_empty(), "{ended:?}");
    let both = format!("{first}; {second}");

    provider.behave(|conduct| conduct.claims = json!({"email": "berta@clinic.example"}));
    let got = come_back(&world, &both, &provider.consent(&to_first)).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert_eq!(forgotten(&got), [name(&first)]);
    let stray = "/console/sign-in/oidc/return?state=of+nobody&code=1";
    let got = come_back(&world, &second, stray).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert!(forgotten(&got).is_empty());

    provider.behave(|conduct| conduct.claims = json!({}));
    let got = come_back(&world, &second, &provider.consent(&to_second)).await;
    assert_eq!(got.leads_to(), "/console/sessions");
    assert_eq!(forgotten(&got), [name(&second)]);
}

#[tokio::test]
async fn a_browser_keeps_four_sign_ins_at_most_the_newest_ones() {
    let (world, _provider) = start(|_| {}).await;
    let mut kept: Vec<String> = Vec::new();
    for count in 0..6 {
        let others = kept.join("; ");
        let (cookie, _, ended) = begin_beside(&world, "/console/sign-in/oidc", &others).await;
        let expected: Vec<_> = kept.drain(..usize::from(count >= 4)).collect();
        let expected: Vec<_> = expected.iter().map(|cookie| name(cookie)).collect();
        assert_eq!(ended, expected, "{count}");
        kept.push(cookie);
        world.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn who_begins_again_after_a_failed_return_comes_to_the_page_that_was_asked_for() {
    let (world, provider) = start(|_| {}).await;
    let next = "%2Fconsole%2Fo%2Fnorthside%2Flog%3Fstate%3Dfailed";
    let address = format!("/console/sign-in/oidc?next={next}");
    let fail = async |claims| {
        provider.behave(|conduct| conduct.claims = claims);
        let (cookie, url) = begin(&world, &address).await;
        come_back(&world, &cookie, &provider.consent(&url)).await
    };
    let again = format!("href=\"/console/sign-in?next={next}\"");
    let got = fail(json!({"nonce": "another"})).await;
    assert!(got.html.contains(&again), "{}", got.html);
    let got = fail(json!({"email": "berta@clinic.example"})).await;
    assert!(got.html.contains(&again), "{}", got.html);
    let other = format!("href=\"/console/sign-in/oidc?another=1&#38;next={next}\"");
    assert!(got.html.contains(&other), "{}", got.html);

    let (cookie, url) = begin(&world, &address).await;
    world.clock.advance(Duration::from_mins(11));
    let got = come_back(&world, &cookie, &provider.consent(&url)).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST, "too late");
    assert!(got.html.contains(&again), "{}", got.html);
}

#[tokio::test]
async fn a_provider_that_has_gone_down_since_is_noticed_before_anybody_is_sent_there() {
    let (world, provider) = start(|_| {}).await;
    begin(&world, "/console/sign-in/oidc").await;
    provider.behave(|conduct| {
        let down = Answer::status(503);
        conduct.instead.insert(Route::Discovery, down);
    });
    world.clock.advance(Duration::from_mins(1));
    for _ in 0..3 {
        let got = world.stranger().get("/console/sign-in/oidc").await;
        assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            got.html.contains("cannot be used at the moment"),
            "{}",
            got.html
        );
    }
    assert_eq!(provider.asked_for(Route::Discovery), 2, "not for each");
    provider.behave(|conduct| conduct.instead.clear());
    world.clock.advance(Duration::from_secs(10));
    begin(&world, "/console/sign-in/oidc").await;
}

#[tokio::test]
async fn while_the_provider_is_down_the_page_says_so_and_the_password_works() {
    let (world, provider) = start(|_| {}).await;
    drop(world.operator().await);
    provider.behave(|conduct| {
        conduct
            .instead
            .insert(Route::Discovery, Answer::status(503));
    });
    let mut person = world.stranger();
    person.page("/console/sign-in").await;
    assert_eq!(
        provider.asked_for(Route::Discovery),
        0,
        "nothing waits for it"
    );
    let got = person.get("/console/sign-in/oidc").await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    let said = "The identity provider cannot be used at the moment. Try again in a minute.";
    assert!(got.html.contains(said), "{}", got.html);
    assert!(got.html.contains("name=\"password\""), "{}", got.html);
    let form = [("password", super::world::PASSWORD)];
    let got = person.post("/console/sign-in", &form).await;
    assert_eq!(got.leads_to(), "/console");
}

#[tokio::test]
async fn where_the_password_is_off_it_is_not_asked_for() {
    let (world, provider) = start(|config| config.only = true).await;
    let page = world.stranger().page("/console/sign-in").await;
    assert!(!page.contains("name=\"password\""), "{page}");
    assert!(page.contains("The password is switched off"), "{page}");
    assert!(page.contains("carehook sign-in-link"), "{page}");
    let form = [("password", "whatever it may be")];
    let got = world.stranger().post("/console/sign-in", &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.html.contains("switched off"), "{}", got.html);
    assert_eq!(sign_in(&world, &provider).await.leads_to(), "/console");
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let world = World::start();
    let page = world.stranger().page("/console/sign-in").await;
    assert!(!page.contains("/console/sign-in/oidc"), "{page}");
    let got = world.stranger().get("/console/sign-in/oidc").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(
        got.html.contains("no such identity provider"),
        "{}",
        got.html
    );
}

#[tokio::test]
async fn a_password_that_was_never_set_cannot_be_changed() {
    let (world, provider) = start(|_| {}).await;
    let got = sign_in(&world, &provider).await;
    let cookies = got.headers.get_all(header::SET_COOKIE).iter();
    let mut cookies = cookies.map(|line| line.to_str().unwrap());
    let session = cookies.find_map(|line| line.strip_prefix("__Host-carehook="));
    let session = session.unwrap().split(';').next().unwrap();
    let mut person = world.returning(Some(session.to_owned()));
    let page = person.page("/console/sessions").await;
    assert!(page.contains("this is you"), "{page}");
    assert!(!page.contains("Password until now"), "{page}");
    let mut operator = world.operator().await;
    let page = operator.page("/console/sessions").await;
    assert!(page.contains("Password until now"), "{page}");
}
