//! Bearer tokens: made by the command or by others, accepted by the server, refused when forged.

use std::fs;

use carehook_core::Clock;
use carehook_testkit::{Answer, Receiver, TokenJudge};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api::Api;
use crate::command::{Carehook, carehook};
use crate::server::{Folder, Server};

const SECRET: &str = "the secret for tokens of these tests";

fn server_with(variables: &[(&str, &str)]) -> Server {
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    Server::start_in(folder, &["--dev"], variables)
}

fn mint(arguments: &[&str]) -> Carehook {
    carehook(&[&["tokens", "mint"], arguments].concat())
}

/// A minted token; what is printed besides it would break scripts.
#[track_caller]
fn minted(arguments: &[&str]) -> String {
    let outcome = mint(arguments).env("CAREHOOK_JWT_SECRET", SECRET).run();
    assert_eq!(outcome.stderr, "", "{outcome}");
    let stdout = outcome.good();
    let token = stdout.strip_suffix('\n').unwrap();
    assert!(!token.contains(char::is_whitespace), "{stdout}");
    token.to_owned()
}

fn seconds() -> i64 {
    Clock::system().wall().seconds()
}

fn claims() -> Value {
    json!({"sub": "nora", "org": "north", "scope": "read", "exp": seconds() + 60})
}

async fn status_of(server: &Server, token: &str) -> StatusCode {
    let api = Api::new(server.url(), token);
    api.get("/v1/organizations/north/endpoints").await.0
}

async fn make_organization(server: &Server, id: &str) {
    let api = server.api();
    api.post("", &json!({"id": id, "name": id})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minted_token_does_what_its_scopes_and_organization_allow() {
    let server = server_with(&[("CAREHOOK_JWT_SECRET", SECRET)]);
    make_organization(&server, "north").await;
    make_organization(&server, "south").await;
    let reader = minted(&["--organization", "north", "--scope", "read"]);
    assert_eq!(status_of(&server, &reader).await, StatusCode::OK);
    let api = Api::new(server.url(), &reader);
    let (elsewhere, _) = api.get("/v1/organizations/south/endpoints").await;
    assert_eq!(elsewhere, StatusCode::NOT_FOUND);
    let endpoint = json!({"url": "http://127.0.0.1:9/hook", "events": ["*"]});
    let path = "/v1/organizations/north/endpoints";
    let (change, text) = api.send(Method::POST, path, endpoint.to_string()).await;
    assert_eq!(change, StatusCode::FORBIDDEN, "{text}");
    let everywhere = minted(&[
        "--organization",
        "*",
        "--scope",
        "read",
        "--scope",
        "manage",
    ]);
    let api = Api::new(server.url(), &everywhere);
    for organization in ["north", "south"] {
        let path = format!("/v1/organizations/{organization}/endpoints");
        assert_eq!(api.get(&path).await.0, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_no_token_is_accepted() {
    let server = server_with(&[]);
    make_organization(&server, "north").await;
    let token = minted(&["--organization", "north", "--scope", "admin"]);
    assert_eq!(status_of(&server, &token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_not_in_the_log_and_the_reason_is_not_in_the_answer() {
    let variables = [("CAREHOOK_JWT_SECRET", SECRET), ("CAREHOOK_LOG", "debug")];
    let mut server = server_with(&variables);
    make_organization(&server, "north").await;
    let mut claims = claims();
    claims["exp"] = json!(seconds() - 1);
    claims["sub"] = "canary-subject".into();
    let token = TokenJudge::make_with_secret(SECRET, &claims).token;
    let api = Api::new(server.url(), &token);
    let (status, answer) = api.get("/v1/organizations/north/endpoints").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(!answer.contains("expired"), "{answer}");
    server.stop();
    let log = server.log();
    assert!(log.contains("it has expired"), "{log}");
    for part in token.split('.').chain(["canary-subject"]) {
        assert!(!log.contains(part), "{log}");
    }
}

#[test]
fn a_library_of_others_verifies_a_minted_token() {
    let token = minted(&[
        "--organization",
        "north",
        "--scope",
        "read  publish",
        "--scope",
        "publish webhooks:read",
        "--subject",
        "nora",
        "--expires-in",
        "15m",
    ]);
    let claims = TokenJudge::verify(&token, SECRET).unwrap();
    assert_eq!(claims["sub"], "nora");
    assert_eq!(claims["org"], "north");
    assert_eq!(claims["scope"], "read publish webhooks:read");
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 15 * 60);
    let refused = TokenJudge::verify(&token, &SECRET.to_uppercase());
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn a_token_lasts_an_hour_and_is_the_commands_own_unless_said_otherwise() {
    let token = minted(&["--organization", "*", "--scope", "admin"]);
    let claims = TokenJudge::verify(&token, SECRET).unwrap();
    assert_eq!(claims["sub"], "carehook-cli");
    assert_eq!(claims["org"], "*");
    let left = claims["exp"].as_i64().unwrap() - seconds();
    assert!((3_500..=3_600).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_library_of_others_signed_with_the_secret_is_accepted() {
    let server = server_with(&[("CAREHOOK_JWT_SECRET", SECRET)]);
    make_organization(&server, "north").await;
    let token = TokenJudge::make_with_secret(SECRET, &claims()).token;
    assert_eq!(status_of(&server, &token).await, StatusCode::OK);
    let other = &SECRET.to_uppercase();
    let forged = TokenJudge::make_with_secret(other, &claims()).token;
    assert_eq!(status_of(&server, &forged).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_others_are_accepted_with_the_keys_at_the_configured_url() {
    let made: Vec<_> = ["RS256", "ES256", "EdDSA"]
        .into_iter()
        .map(|algorithm| TokenJudge::make_with_new_key(algorithm, &claims()))
        .collect();
    let keys: Vec<&Value> = made.iter().map(|made| &made.jwk).collect();
    let key_set = json!({"keys": keys}).to_string();
    let provider = Receiver::start().await;
    provider.set_default(Answer::status(200).body(key_set));
    let server = server_with(&[("CAREHOOK_JWKS_URL", &provider.url())]);
    make_organization(&server, "north").await;
    for made in &made {
        assert_eq!(status_of(&server, &made.token).await, StatusCode::OK);
    }
    assert_eq!(provider.attempts(), 1);
    let stranger = TokenJudge::make_with_new_key("ES256", &claims()).token;
    assert_eq!(
        status_of(&server, &stranger).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_keys_cannot_be_fetched_the_answer_is_503() {
    let provider = Receiver::start().await.always(Answer::status(500));
    let server = server_with(&[("CAREHOOK_JWKS_URL", &provider.url())]);
    make_organization(&server, "north").await;
    let token = TokenJudge::make_with_new_key("EdDSA", &claims()).token;
    let status = status_of(&server, &token).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(provider.attempts(), 1);
}

#[test]
fn the_secret_may_stand_in_the_configuration_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("jwt_secret = \"{SECRET}\"\n");
    fs::write(folder.path().join("c.toml"), file).unwrap();
    let words = [
        "--organization",
        "north",
        "--scope",
        "read",
        "--config",
        "c.toml",
    ];
    let token = mint(&words).dir(folder.path()).run().good();
    assert!(TokenJudge::verify(token.trim(), SECRET).is_ok());
}

#[test]
fn without_a_secret_nothing_is_minted_and_the_variable_is_named() {
    let words = ["--organization", "north", "--scope", "read"];
    insta::assert_snapshot!(mint(&words).run(), @r"
    exit 3
    error: CAREHOOK_JWT_SECRET is not set: tokens are signed with it; set it to that of the server, or make one for both with `head -c 32 /dev/urandom | base64`
    ");
    let short = mint(&words).env("CAREHOOK_JWT_SECRET", "canary").run();
    insta::assert_snapshot!(short, @r"
    exit 3
    error: CAREHOOK_JWT_SECRET: a secret for tokens has at least 32 bytes; make one with `head -c 32 /dev/urandom | base64`
    ");
}

#[test]
fn what_cannot_be_in_a_token_is_a_usage_error_that_says_what_can() {
    let unknown = mint(&["--organization", "north", "--scope", "reed"]).run();
    insta::assert_snapshot!(unknown, @r"
    exit 2
    error: invalid value 'reed' for '--scope <SCOPE>': `reed` is not one of publish, read, read:payload, manage, keys, audit, admin, catalogue:write, webhooks:read, webhooks:write

    For more information, try '--help'.
    ");
    for (words, reason) in [
        (&["--scope", "read"][..], "--organization <ORG>"),
        (&["--organization", "north"], "--scope <SCOPE>"),
        (
            &["--organization", "north", "--scope", " "],
            "at least one of",
        ),
        (
            &["--organization", "a b", "--scope", "read"],
            "letters, digits",
        ),
        (
            &[
                "--organization",
                "north",
                "--scope",
                "read",
                "--expires-in",
                "soon",
            ],
            "not a time such as 3600, 90s, 15m, 1h or 30d",
        ),
        (
            &[
                "--organization",
                "north",
                "--scope",
                "read",
                "--subject",
                "",
            ],
            "a name has 1 to 255 characters",
        ),
    ] {
        let outcome = mint(words)
            .env("CAREHOOK_JWT_SECRET", SECRET)
            .run()
            .ends_with(2);
        assert!(outcome.stderr.contains(reason), "{outcome}");
        assert_eq!(outcome.stdout, "");
    }
}
