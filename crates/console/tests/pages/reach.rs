//! Where a browser keeps the cookie that signs somebody in, and what is said where it does not.

use axum::body::Body;
use http::{Request, StatusCode};

use super::world::{PASSWORD, World};

const LAN: &str = "192.0.2.2:28515";

#[tokio::test]
async fn over_plain_http_no_link_is_used_up_and_no_password_asked_for() {
    let world = World::start();
    let link = world.app.first_visit_link().await.unwrap().unwrap();
    let address = format!("/console/welcome?link={}", link.expose());
    let mut person = world.stranger();
    for path in [address.as_str(), "/console/sign-in"] {
        let request = Request::get(path).header("host", LAN);
        let got = person.send(request, Body::empty()).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            got.html
                .contains("over plain http from <code>192.0.2.2:28515")
        );
        assert!(got.html.contains("CAREHOOK_PUBLIC_URL"), "{}", got.html);
        assert!(got.html.contains("http://localhost:28515"), "{}", got.html);
        assert!(!got.html.contains("type=\"password\""), "{}", got.html);
        assert!(got.headers.contains_key("content-security-policy"));
    }
    let form = format!(
        "link={}&password={PASSWORD}&again={PASSWORD}",
        link.expose()
    );
    let request = Request::post("/console/welcome")
        .header("host", LAN)
        .header("origin", format!("http://{LAN}"))
        .header("content-type", "application/x-www-form-urlencoded");
    let got = person.send(request, form.replace(' ', "+").into()).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.headers.get("set-cookie").is_none());
    assert!(world.app.is_first_visit_link(link.expose()), "still good");
    let page = person.page(&address).await;
    assert!(page.contains("Choose the operator"), "{page}");
}

#[tokio::test]
async fn a_portal_link_that_is_followed_over_plain_http_stays_good() {
    let world = World::start();
    drop(world.with_northside().await);
    let link = world.portal_link("northside", &[]).await;
    let mut person = world.stranger();
    let request = Request::get(&link).header("host", LAN);
    let got = person.send(request, Body::empty()).await;
    assert!(got.html.contains("Nothing was used up"), "{}", got.html);
    assert_eq!(person.get(&link).await.leads_to(), "/console");
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_is_told_so() {
    let world = World::start();
    drop(world.with_northside().await);
    let sign_in = "next=%2Fconsole%2Fsessions&password=correct+horse+battery+staple";
    let request = Request::post("/console/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    let got = world.raw(request.body(sign_in.into()).unwrap()).await;
    let place = got.headers()["location"].to_str().unwrap();
    assert_eq!(place, "/console/arrived?next=%2Fconsole%2Fsessions");
    let got = world.stranger().get(place).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(
        got.html
            .contains("the cookie that says so did not come back")
    );
    assert!(
        got.html
            .contains("/console/sign-in?next=%2Fconsole%2Fsessions")
    );

    let mut person = world.stranger();
    let form = [("password", PASSWORD), ("next", "/console/sessions")];
    person.post("/console/sign-in", &form).await;
    assert_eq!(person.get(place).await.leads_to(), "/console/sessions");
    let elsewhere = "/console/arrived?next=https%3A%2F%2Fevil.example";
    assert_eq!(person.get(elsewhere).await.leads_to(), "/console");
}
