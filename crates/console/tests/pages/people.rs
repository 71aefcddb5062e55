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
