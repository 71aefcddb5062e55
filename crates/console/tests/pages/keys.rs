//! API keys and operator keys: made, shown once, listed, revoked, and only by who may.

use carehook_app::NewApiKey;
use carehook_core::{Mode, Scope};
use http::StatusCode;

use super::world::{Browser, OPERATOR_KEY, World};

const KEYS: &str = "/console/o/northside/api-keys";
const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// The text of the key that a page shows.
fn shown_key<'a>(html: &'a str, prefix: &str) -> &'a str {
    let at = html.find(&format!("data-copy=\"{prefix}")).expect(html) + "data-copy=\"".len();
    html[at..].split('"').next().unwrap()
}

/// Where the first key of a list is revoked.
fn revoke_address(html: &str) -> String {
    let at = html.split("method=\"post\" action=\"").skip(1);
    let mut addresses = at.map(|rest| rest.split('"').next().unwrap());
    let found = addresses.find(|address| address.contains("/revoke"));
    found.expect(html).replace("&#38;", "&")
}

async fn made(person: &mut Browser<'_>, name: &str) -> String {
    let form = [
        ("name", name),
        ("scope", "read"),
        ("scope", "publish"),
        ("permission", "patients:read"),
        ("permission", "holds:write"),
        ("expires_on", "2027-01-31"),
    ];
    let got = person.post(&format!("{KEYS}/new"), &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    got.html
}

#[tokio::test]
async fn a_key_is_shown_once_and_stays_in_the_list() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let empty = operator.page(KEYS).await;
    assert!(empty.contains("No API key yet"), "{empty}");
    assert!(
        empty.contains("/v1/organizations/northside/endpoints"),
        "{empty}"
    );

    let page = made(&mut operator, "Production server").await;
    let key = shown_key(&page, "pk_live_").to_owned();
    assert!(page.contains("It ends <time datetime=\"2027-01-31T00:00:00.000Z\""));
    assert!(page.contains(&format!("Bearer {key}")), "{page}");
    let caller = world.app.caller(Some(&key), None).await.unwrap();
    let access = world.app.access(&caller, "northside").unwrap();
    assert!(access.has(Scope::Publish) && !access.has(Scope::Manage));
    assert!(access.may("holds:write".parse().unwrap()));
    assert!(!access.may("patients:write".parse().unwrap()));

    let list = operator.page(KEYS).await;
    assert!(!list.contains(&key), "the text is shown once");
    for part in [
        "Production server",
        &key[..12],
        "Publish events, See webhooks and deliveries",
        "patients (read)",
        "holds (write)",
        "class=\"state active\">active",
        "2027-01-31T00:00:00.000Z",
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_made() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("name", ""), ("expires_on", "yesterday")];
    let got = operator.post(&format!("{KEYS}/new"), &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "The name must not be empty",
        "The end must be a day",
        "must hold at least one",
        "aria-describedby=\"name-hint name-fault\" aria-invalid=\"true\"",
    ] {
        assert!(got.html.contains(part), "{part}: {}", got.html);
    }
    let past = [
        ("name", "Late"),
        ("scope", "read"),
        ("expires_on", "2020-01-01"),
    ];
    let got = operator.post(&format!("{KEYS}/new"), &past).await;
    assert!(
        got.html.contains("The end must be in the future"),
        "{}",
        got.html
    );
    assert!(got.html.contains("value=\"Late\""), "{}", got.html);
    assert!(got.html.contains("value=\"read\" checked"), "{}", got.html);
    assert!(operator.page(KEYS).await.contains("No API key yet"));
}

#[tokio::test]
async fn a_key_may_have_a_limit_of_its_own() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let with_limit = |limit: &'static str| {
        [
            ("name", "Reports"),
            ("scope", "read"),
            ("rate_limit", limit),
        ]
    };
    for limit in ["0", "-1", "ten", "1000000000"] {
        let got = operator
            .post(&format!("{KEYS}/new"), &with_limit(limit))
            .await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{limit}");
        assert!(got.html.contains("The limit must be"), "{}", got.html);
        assert!(got.html.contains(&format!("value=\"{limit}\"")));
        assert!(got.html.contains("href=\"#rate_limit\""), "{}", got.html);
        assert!(
            got.html
                .contains("role=\"alert\" tabindex=\"-1\" autofocus")
        );
    }
    let got = operator
        .post(&format!("{KEYS}/new"), &with_limit("12000"))
        .await;
    let key = shown_key(&got.html, "pk_live_").to_owned();
    let access = world.access("northside").await;
    let all = carehook_app::Page::default();
    let keys = world.app.list_api_keys(&access, &all).unwrap().items;
    assert!(key.starts_with(&*keys[0].prefix));
    assert_eq!(keys[0].rate_limit, Some(12_000));
    let list = operator.page(KEYS).await;
    assert!(list.contains("at most 12,000 requests an hour"), "{list}");
    // The operator is not limited, and neither are the operator's keys.
    let form = operator.page("/console/operator-keys/new").await;
    assert!(!form.contains("rate_limit"), "{form}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = made(&mut operator, "Old server").await;
    let key = shown_key(&page, "pk_live_").to_owned();
    let list = operator.page(KEYS).await;
    assert!(list.contains("is refused with 401"), "{list}");
    let revoke = revoke_address(&list);
    let confirm = operator.page(&revoke).await;
    assert!(confirm.contains("Revoke Old server?"), "{confirm}");
    assert!(confirm.contains("portal link that it made"), "{confirm}");
    assert_eq!(operator.post(&revoke, &[]).await.leads_to(), KEYS);
    assert!(world.app.caller(Some(&key), None).await.is_err());
    let list = operator.page(KEYS).await;
    assert!(list.contains("revoked") && !list.contains("/revoke"));
    assert!(operator.page(&revoke).await.contains("was revoked already"));
    for unknown in ["nothing", "01a0c45064ab70008000000100000001"] {
        let got = operator.get(&format!("{KEYS}/{unknown}/revoke")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn keys_of_one_mode_are_not_seen_in_the_other() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("name", "Sandbox"), ("scope", "read")];
    let got = operator.post(&format!("{KEYS}/new?mode=test"), &form).await;
    shown_key(&got.html, "pk_test_");
    assert!(!operator.page(KEYS).await.contains("Sandbox"));
    let list = operator.page(&format!("{KEYS}?mode=test")).await;
    assert!(list.contains("Sandbox"), "{list}");
    let in_test = revoke_address(&list);
    let in_live = in_test.replace("?mode=test", "");
    assert_ne!(in_test, in_live);
    let got = operator.post(&in_live, &[]).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert_eq!(
        operator.post(&in_test, &[]).await.leads_to(),
        format!("{KEYS}?mode=test")
    );
}

#[tokio::test]
async fn a_portal_person_makes_keys_with_the_right_and_gives_no_more_than_that() {
    let world = World::start();
    drop(world.with_northside().await);
    let mut reader = world.stranger();
    reader.get(&world.portal_link("northside", &[]).await).await;
    for address in [KEYS.to_owned(), format!("{KEYS}/new")] {
        let got = reader.get(&address).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{address}");
    }
    let form = [("name", "Mine"), ("scope", "read")];
    let got = reader.post(&format!("{KEYS}/new"), &form).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);

    let mut keeper = world.stranger();
    let link = world.portal_link("northside", &[Scope::Keys]).await;
    keeper.get(&link).await;
    let page = keeper.page(&format!("{KEYS}/new")).await;
    for (scope, offered) in [
        ("read", true),
        ("keys", true),
        ("manage", false),
        ("publish", false),
        ("admin", false),
    ] {
        let offer = format!("name=\"scope\" value=\"{scope}\"");
        assert_eq!(page.contains(&offer), offered, "{scope}: {page}");
    }
    let greedy = [("name", "Mine"), ("scope", "manage")];
    let got = keeper.post(&format!("{KEYS}/new"), &greedy).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    let got = keeper.post(&format!("{KEYS}/new"), &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    let got = keeper.get("/console/operator-keys").await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_has_some_permissions_is_offered_these_and_no_others() {
    let world = World::start();
    drop(world.with_northside().await);
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let access = world.app.access(&caller, "northside").unwrap();
    let new = NewApiKey {
        name: "Portal".to_owned(),
        mode: Mode::Live,
        permissions: Some(["patients:read".parse().unwrap()].into()),
        scopes: Some([Scope::Read, Scope::Keys].into()),
        expires_at: None,
        rate_limit: None,
    };
    let key = world.app.create_api_key(&access, new).await.unwrap();
    let link = world
        .portal_link_by(key.text.expose(), "northside", &[Scope::Keys])
        .await;
    let mut person = world.stranger();
    person.get(&link).await;
    let page = person.page(&format!("{KEYS}/new")).await;
    assert!(page.contains("value=\"patients:read\""), "{page}");
    assert!(!page.contains("value=\"patients:write\""), "{page}");
    assert!(!page.contains("value=\"documents:read\""), "{page}");
    assert!(page.contains("At least one"), "{page}");
}

#[tokio::test]
async fn hostile_names_are_only_text() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let long = "x".repeat(10_000);
    let got = operator
        .post(
            &format!("{KEYS}/new"),
            &[("name", long.as_str()), ("scope", "read")],
        )
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        got.html.contains("The name must have 1 to 200"),
        "{}",
        got.html
    );
    for name in ["\u{202e}evil\u{202c}", "a\u{200b}b", "a\u{2066}b"] {
        let form = [("name", name), ("scope", "read")];
        let got = operator.post(&format!("{KEYS}/new"), &form).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert!(
            got.html.contains("The name must not have control"),
            "{}",
            got.html
        );
    }
    for name in [HOSTILE, "מפתח 🔑", "'\"&</td>"] {
        made(&mut operator, name).await;
    }
    let list = operator.page(KEYS).await;
    assert!(!list.contains("<img") && !list.contains("&</td>"), "{list}");
    assert!(list.contains("&#60;img src=x onerror=alert(1)&#62;"));
    assert!(list.contains("מפתח 🔑"));
    let confirm = operator.page(&revoke_address(&list)).await;
    assert!(!confirm.contains("<img"), "{confirm}");
}

#[tokio::test]
async fn the_operator_makes_and_revokes_keys_of_the_operator() {
    let world = World::start();
    let mut operator = world.operator().await;
    let list = "/console/operator-keys";
    assert!(operator.page(list).await.contains("No operator key yet"));
    let form = [("name", HOSTILE), ("scope", "keys"), ("scope", "read")];
    let got = operator.post(&format!("{list}/new"), &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    assert!(!got.html.contains("<img"));
    let key = shown_key(&got.html, "op_").to_owned();
    let caller = world.app.caller(Some(&key), None).await.unwrap();
    assert!(world.app.key_operator(&caller).is_ok());
    assert!(world.app.operator(&caller).is_err(), "it may not do all");
    let page = operator.page(list).await;
    assert!(page.contains("Manage keys") && !page.contains(&key));
    let revoke = revoke_address(&page);
    assert!(operator.page(&revoke).await.contains("Revoke &#60;img"));
    assert_eq!(operator.post(&revoke, &[]).await.leads_to(), list);
    assert!(world.app.caller(Some(&key), None).await.is_err());
    let got = operator.get(&format!("{list}/nothing/revoke")).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
}
