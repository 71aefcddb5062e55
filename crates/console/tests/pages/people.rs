//! What people are called: among the sessions, on every page that they see, and in the trail.

use carehook_core::Scope;

use super::world::World;

const DOCTOR: &str = "dr.k@clinic.example";

#[tokio::test]
async fn a_person_is_called_by_name_on_pages_and_among_the_sessions() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let mut doctor = world.stranger();
    doctor.get(&world.portal_link_for(DOCTOR, &[]).await).await;
    let page = doctor.page("/console/o/northside/webhooks").await;
    let said = format!("Signed in as <bdi>{DOCTOR}</bdi>");
    assert!(page.contains(&said), "{page}");
    let sessions = operator.page("/console/sessions").await;
    let mut rows = sessions.split("<tr>");
    let row = rows.find(|row| row.contains(DOCTOR)).unwrap();
    assert!(row.contains("Portal of northside"), "{row}");
    assert!(row.contains(&format!(
        "End<span class=\"unseen\"> the session of {DOCTOR}"
    )));
    assert!(
        !sessions.contains("Signed in as"),
        "nobody has named the operator"
    );
}

#[tokio::test]
async fn the_trail_names_who_did_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let link = world.portal_link_for(DOCTOR, &[Scope::Keys]).await;
    let mut doctor = world.stranger();
    doctor.get(&link).await;
    let trail = operator
        .page("/console/o/northside/audit?action=sign_in.completed")
        .await;
    assert!(
        trail.contains(&format!("<td><bdi>{DOCTOR}</bdi><br>")),
        "{trail}"
    );
    assert!(
        trail.contains("portal:") && !trail.contains("actor_name"),
        "{trail}"
    );
    let export = operator
        .post("/console/o/northside/audit/export", &[])
        .await;
    let lines = export.html.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["action"].clone(), line["actor_name"].clone())
    });
    let entered = (json("sign_in.completed"), json(DOCTOR));
    assert!(
        lines.collect::<Vec<_>>().contains(&entered),
        "{}",
        export.html
    );
}

#[tokio::test]
async fn a_hostile_name_is_only_a_name() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let name = format!(
        "<img src=x onerror=alert(1)> د. مريم 🏥 {}",
        "a".repeat(150)
    );
    let mut person = world.stranger();
    person.get(&world.portal_link_for(&name, &[]).await).await;
    let pages = [
        person.page("/console/o/northside/webhooks").await,
        operator.page("/console/sessions").await,
        operator.page("/console/o/northside/audit").await,
    ];
    for page in pages {
        assert!(page.contains("د. مريم 🏥 aaa"), "{page}");
        assert!(!page.contains("<img"), "{page}");
    }
}

fn json(text: &str) -> serde_json::Value {
    text.into()
}

/// The link that a page offers to follow by a form.
fn offered(page: &str) -> &str {
    let link = page.split("name=\"link\" value=\"").nth(1).unwrap();
    link.split('"').next().unwrap()
}

#[tokio::test]
async fn who_is_signed_in_as_somebody_else_is_asked_before_a_link_is_followed() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let link = world.portal_link_for(DOCTOR, &[]).await;
    let page = operator.page(&link).await;
    assert!(
        page.contains("Here you are <strong><bdi>the operator"),
        "{page}"
    );
    assert!(
        page.contains(&format!("<bdi>{DOCTOR}</bdi></strong> of")),
        "{page}"
    );
    assert!(page.contains("<bdi>Northside Clinic</bdi>"), "{page}");
    operator.page("/console/organizations").await;

    let before = operator.session();
    let form = [("link", offered(&page))];
    let got = operator.post("/console/portal", &form).await;
    assert_eq!(got.leads_to(), "/console");
    let page = operator.page("/console/o/northside/webhooks").await;
    assert!(
        page.contains(&format!("Signed in as <bdi>{DOCTOR}")),
        "{page}"
    );
    // The session of before has ended, and the link is used up.
    let got = world.returning(before).get("/console/sessions").await;
    assert!(got.leads_to().starts_with("/console/sign-in"));
    let got = world.stranger().post("/console/portal", &form).await;
    assert_eq!(got.status, http::StatusCode::GONE);
}

#[tokio::test]
async fn the_same_person_comes_back_without_a_question_and_another_does_not() {
    let world = World::start();
    drop(world.with_northside().await);
    let mut person = world.stranger();
    person.get(&world.portal_link_for(DOCTOR, &[]).await).await;
    let before = person.session();
    let again = world.portal_link_for(DOCTOR, &[Scope::Manage]).await;
    assert_eq!(person.get(&again).await.leads_to(), "/console");
    assert_ne!(person.session(), before);
    let got = world.returning(before).get("/console/sessions").await;
    assert!(got.leads_to().starts_with("/console/sign-in"));
    let other = world.portal_link_for("nurse@clinic.example", &[]).await;
    let asked = person.page(&other).await;
    let now = format!("<bdi>{DOCTOR} (somebody of northside)</bdi>");
    assert!(asked.contains(&now), "{asked}");
    assert!(asked.contains("Stay signed in"), "{asked}");
    // A link that is used up asks nothing.
    world.stranger().get(&other).await;
    let got = person.get(&other).await;
    assert_eq!(got.status, http::StatusCode::GONE);
    assert!(person.page("/console/sessions").await.contains(DOCTOR));
}
