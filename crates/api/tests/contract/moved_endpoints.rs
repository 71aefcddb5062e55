//! Another host gets no credentials that were given for the former one.

use carehook_testkit::Authority;
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";
const HERE: &str = "https://127.0.0.1:4009/hook";
const ELSEWHERE: &str = "https://127.0.0.2:4009/hook";

/// Makes an endpoint with these credentials; gives its path.
async fn endpoint(world: &World, credentials: Value) -> String {
    let fields = crate::world::with_fields(json!({"url": HERE}), &credentials);
    format!("{ENDPOINTS}/{}", world.endpoint(fields).await)
}

#[track_caller]
fn reason(answer: Answer) -> String {
    let answer = answer.refuses(&["/url"]);
    let reason = answer.body["errors"][0]["detail"].as_str();
    reason.unwrap_or_else(|| panic!("{}", answer.body)).into()
}

#[tokio::test]
async fn another_origin_is_refused_while_credentials_of_the_former_one_would_go_there() {
    let world = World::with_northside().await;
    let authority = Authority::new();
    let pem = authority.issue(&["carehook.example"]).pem();
    let all = [
        (json!({"headers": {"X-Api-Key": "canary"}}), "`x-api-key`"),
        (
            json!({"authentication": {"type": "bearer", "token": "canary"}}),
            "`authentication`",
        ),
        (
            json!({"tls": {"client_certificate": pem, "client_key": pem}}),
            "`tls`",
        ),
        (
            json!({"url": "https://canary:canary@127.0.0.1:4009/hook"}),
            "`authorization`",
        ),
    ];
    for (credentials, named) in all {
        let path = endpoint(&world, credentials).await;
        for url in [
            ELSEWHERE,
            "https://127.0.0.1:4010/hook",
            "https://localhost.example:4009/hook",
        ] {
            let refused = world.patch(&path, &json!({ "url": url })).await;
            let reason = reason(refused);
            assert!(
                reason.contains(named) && !reason.contains("canary"),
                "{reason}"
            );
        }
        for same in ["/other?x=y", "/"] {
            let url = json!({"url": format!("https://127.0.0.1:4009{same}")});
            world.patch(&path, &url).await.is(200);
        }
    }
    let path = endpoint(&world, json!({"headers": {"X-Api-Key": "canary"}})).await;
    let plain = json!({"url": "http://127.0.0.1:4009/hook"});
    reason(world.patch(&path, &plain).await);
    let shown = world.get(&path).await.is(200);
    assert_eq!(shown.body["url"], HERE);
}

#[tokio::test]
async fn what_is_given_anew_or_removed_in_the_same_request_moves_with_the_endpoint() {
    let world = World::with_northside().await;
    let authority = Authority::new();
    let pem = authority.issue(&["carehook.example"]).pem();
    let headers = json!({"headers": {"X-One": "1", "X-Two": "2"}});
    let bearer = json!({"authentication": {"type": "bearer", "token": "a"}});
    let tls = json!({"tls": {"client_certificate": pem, "client_key": pem}});
    for (had, said, accepted) in [
        (&headers, json!({"headers": {"x-one": "3"}}), false),
        (
            &headers,
            json!({"headers": {"x-one": "3", "X-TWO": null}}),
            true,
        ),
        (&headers, json!({"headers": null}), true),
        (&headers, json!({"headers": {}}), false),
        (&bearer, json!({"headers": null}), false),
        (&bearer, json!({"authentication": null}), true),
        (&bearer, bearer.clone(), true),
        (&tls, json!({"tls": {"ca": authority.pem()}}), true),
        (&tls, json!({"tls": null}), true),
        (&tls, json!({"name": "x"}), false),
    ] {
        let path = endpoint(&world, had.clone()).await;
        let change = crate::world::with_fields(json!({"url": ELSEWHERE}), &said);
        let answer = world.patch(&path, &change).await;
        if accepted {
            assert_eq!(answer.is(200).body["url"], ELSEWHERE);
        } else {
            answer.refuses(&["/url"]);
        }
    }
    // Authorities are no secret: they only say whom to trust.
    let path = endpoint(&world, json!({"tls": {"ca": authority.pem()}})).await;
    let moved = world.patch(&path, &json!({"url": ELSEWHERE})).await;
    moved.is(200);
    // A user name in the new URL takes the place of the former one's.
    let path = endpoint(&world, json!({"url": "https://u:p@127.0.0.1:4009/"})).await;
    let anew = json!({"url": "https://v:q@127.0.0.2:4009/"});
    world.patch(&path, &anew).await.is(200);
}

#[tokio::test]
async fn no_dialect_leads_around_it() {
    let world = World::with_northside().await;
    let key = world.key(json!({"scopes": ["read", "manage"], "permissions": ["patients:read"]}));
    let key = key.await;
    let ecg = "/api/organizations/northside/webhook-subscriptions";
    for (dialect, event, at, body, status) in [
        (
            "jump",
            "patient.created",
            "/api-v1/webhooks",
            json!({"url": ELSEWHERE}),
            400,
        ),
        (
            "mycure",
            "medical-patients.created",
            "/webhook-events",
            json!({"url": ELSEWHERE}),
            400,
        ),
        (
            "decoda",
            "patient.created",
            "/v1/webhook",
            json!({"url": ELSEWHERE}),
            422,
        ),
        (
            "ecg",
            "patient.created",
            ecg,
            json!([{"op": "replace", "path": "/postUri", "value": ELSEWHERE}]),
            400,
        ),
    ] {
        let fields = json!({
            "url": HERE, "dialect": dialect, "events": [event], "headers": {"X-Api-Key": "canary"},
        });
        let id = world.endpoint(fields).await;
        let call = Call::new(Method::PATCH, &format!("{at}/{id}")).json(&body);
        let call = match dialect {
            "decoda" => call.without("authorization").header("api-key", &key),
            _ => call.with_key(&key),
        };
        let answer = call.header("tenant", "northside").send(&world).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, status, "{dialect}: {text}");
        assert!(text.contains("former host"), "{dialect}: {text}");
        let stored = world.store.any_endpoint(id.parse().unwrap()).unwrap();
        assert_eq!(stored.url, HERE, "{dialect}");
    }
}
