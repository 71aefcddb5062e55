//! Signing in and out, and what people who are not signed in see.

use std::time::Duration;

use carehook_console::ConsoleConfig;
use http::{Request, StatusCode};

use super::world::{PASSWORD, World};

#[tokio::test]
async fn the_first_visit_sets_the_password_and_the_link_is_used_up() {
    let world = World::start();
    let link = world.app.first_visit_link().await.unwrap().unwrap();
    let mut operator = world.stranger();
    let page = operator
        .page(&format!("/console/welcome?link={}", link.expose()))
        .await;
    assert!(page.contains("Choose the operator"), "{page}");

    let form = [
        ("link", link.expose()),
        ("password", PASSWORD),
        ("again", "another"),
    ];
    let got = operator.post("/console/welcome", &form).await;
    assert!(got.html.contains("not the same"), "{}", got.html);
    let form = [
        ("link", link.expose()),
        ("password", "short"),
        ("again", "short"),
    ];
    let got = operator.post("/console/welcome", &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.html.contains("12"), "{}", got.html);

    let form = [
        ("link", link.expose()),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    assert_eq!(
        operator.post("/console/welcome", &form).await.leads_to(),
        "/console"
    );
    assert!(
        operator
            .page("/console/organizations")
            .await
            .contains("No organization yet")
    );
    assert_eq!(
        world
            .stranger()
            .post("/console/welcome", &form)
            .await
            .status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn a_page_that_needs_a_sign_in_is_shown_after_it() {
    let world = World::start();
    drop(world.with_northside().await);
    let mut person = world.stranger();
    let got = person.get("/console/o/northside/webhooks?mode=test").await;
    let sign_in = got.leads_to().to_owned();
    assert_eq!(
        sign_in,
        "/console/sign-in?next=%2Fconsole%2Fo%2Fnorthside%2Fwebhooks%3Fmode%3Dtest"
    );
    let form_of = person.page(&sign_in).await;
    assert!(
        form_of.contains("/console/o/northside/webhooks?mode=test"),
        "{form_of}"
    );

    let wrong = [("password", "not the password"), ("next", "/console")];
    let got = person.post("/console/sign-in", &wrong).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.html.contains("The password "), "{}", got.html);

    let right = [
        ("password", PASSWORD),
        ("next", "/console/o/northside/webhooks?mode=test"),
    ];
    let got = person.post("/console/sign-in", &right).await;
    assert_eq!(got.leads_to(), "/console/o/northside/webhooks?mode=test");
    assert!(
        person
            .page("/console/o/northside/webhooks?mode=test")
            .await
            .contains("Test mode")
    );

    assert!(
        person
            .post("/console/sign-out", &[])
            .await
            .html
            .contains("Signed out")
    );
    assert_eq!(
        person.get("/console/organizations").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let request = Request::post("/console/organizations")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    let got = operator.send(request, "id=evil&name=Evil".into()).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.html.contains("Nothing was done or stored"));
    assert!(got.html.contains("does not say which page"), "{}", got.html);
    for header in ["content-security-policy", "x-content-type-options"] {
        assert!(got.headers.contains_key(header), "{header}");
    }
    assert_eq!(got.headers["cache-control"], "no-store");
    assert!(
        !operator
            .page("/console/organizations")
            .await
            .contains("Evil")
    );
}

#[tokio::test]
async fn a_proxy_that_changes_the_host_is_named_as_the_cause() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let origin = "https://hooks.example.com";
    let sent = |origin: &str| {
        Request::post("/console/organizations")
            .header("origin", origin)
            .header("host", "upstream:8080")
            .header("content-type", "application/x-www-form-urlencoded")
    };
    let form = "id=south&name=South";
    let got = operator.send(sent(origin), form.into()).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.html.contains("<code>https://hooks.example.com</code>"));
    assert!(got.html.contains("asked as <code>upstream:8080</code>"));
    assert!(
        got.html.contains("a proxy in front of it changes"),
        "{}",
        got.html
    );
    let hostile = format!("https://<img src=x onerror=alert(1)>{}", "a".repeat(9_000));
    let got = operator.send(sent(&hostile), form.into()).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(
        !got.html.contains("<img") && got.html.len() < 4_000,
        "{}",
        got.html
    );
    let page = operator.page("/console/organizations").await;
    assert!(!page.contains("South"), "{page}");
}

#[tokio::test]
async fn every_answer_has_the_policy_and_pages_are_kept_nowhere() {
    let world = World::start();
    let got = world.stranger().get("/console/sign-in").await;
    let header = |name: &str| got.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");

    let framed = World::with(&ConsoleConfig {
        frame_ancestors: vec!["https://app.example.com".to_owned()],
        ..ConsoleConfig::default()
    });
    let got = framed.stranger().get("/console/sign-in").await;
    let policy = got
        .headers
        .get("content-security-policy")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        policy.ends_with("frame-ancestors https://app.example.com"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_missing_page_says_so_to_who_is_signed_in() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let got = operator.get("/console/o/southside/webhooks").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(
        got.html.contains("There is no such organization"),
        "{}",
        got.html
    );
    assert_eq!(
        operator.get("/console/nowhere").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn whoever_is_away_for_an_hour_signs_in_again() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.clock.advance(Duration::from_mins(59));
    operator.page("/console/sessions").await;
    world.clock.advance(Duration::from_mins(61));
    let got = operator.get("/console/sessions").await;
    assert_eq!(
        got.leads_to(),
        "/console/sign-in?next=%2Fconsole%2Fsessions"
    );
}

#[tokio::test]
async fn a_portal_link_leads_to_one_organization_once() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    operator
        .post(
            "/console/organizations",
            &[("id", "southside"), ("name", "Southside")],
        )
        .await;
    let link = world.portal_link("northside", &[]).await;
    let mut person = world.stranger();
    assert_eq!(person.get(&link).await.leads_to(), "/console");
    assert_eq!(
        person.get("/console").await.leads_to(),
        "/console/o/northside"
    );
    let page = person.page("/console/o/northside/webhooks").await;
    assert!(
        !page.contains("Organizations") && !page.contains("API keys"),
        "{page}"
    );
    for elsewhere in ["/console/o/southside/webhooks", "/console/organizations"] {
        let got = person.get(elsewhere).await;
        assert!(got.status.is_client_error(), "{elsewhere}: {}", got.status);
        assert!(!got.html.contains("Southside"), "{elsewhere}");
    }
    let again = world.stranger().get(&link).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(
        again.html.contains("open the portal again"),
        "{}",
        again.html
    );
}

#[tokio::test]
async fn the_operator_ends_the_session_of_somebody_else() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let mut person = world.stranger();
    person.get(&world.portal_link("northside", &[]).await).await;
    let sessions = operator.page("/console/sessions").await;
    assert!(sessions.contains("Portal of northside"), "{sessions}");
    let row = sessions
        .split("<tr>")
        .find(|row| row.contains("Portal of northside"))
        .unwrap();
    let action = row
        .split("action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(
        operator.post(action, &[]).await.leads_to(),
        "/console/sessions"
    );
    let said = "<p>The session has ended: its next click asks to sign in.</p>";
    let page = operator.page("/console/sessions").await;
    assert!(page.contains(said), "{page}");
    let again = operator.page("/console/sessions").await;
    assert!(!again.contains(said), "once: {again}");
    let got = person.get("/console/o/northside/webhooks").await;
    assert!(
        got.leads_to().starts_with("/console/sign-in"),
        "{}",
        got.leads_to()
    );
}

#[tokio::test]
async fn a_mode_that_is_spelled_wrong_is_no_live_page() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    for page in [
        "webhooks?mode=TEST",
        "log?mode=",
        "webhooks?mode=live&mode=test",
    ] {
        let got = operator.get(&format!("/console/o/northside/{page}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{page}");
    }
    operator
        .page("/console/o/northside/webhooks?mode=live")
        .await;
}

#[tokio::test]
async fn choosing_colours_leads_back_to_pages_of_the_console_only() {
    let world = World::start();
    for (here, expected) in [
        ("/console/sessions?cursor=a", "/console/sessions?cursor=a"),
        ("/console/\0", "/console"),
        ("//evil.example", "/console"),
    ] {
        let form = [("theme", "dark"), ("here", here)];
        let got = world.stranger().post("/console/theme", &form).await;
        assert_eq!(got.leads_to(), expected, "{here:?}");
    }
}
