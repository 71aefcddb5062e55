//! What somebody is called stands beside the actor, and never in its place.

use super::*;

#[tokio::test]
async fn what_somebody_is_called_stands_beside_the_actor_and_among_the_sessions() {
    let console = Console::start();
    let app = &console.app;
    let name = "admin@vendor.example";
    let named = app.sign_in_operator_as(name.parse().unwrap(), None);
    let admin = console.person(&named.await.unwrap()).unwrap();
    assert!(admin.is_operator() && admin.name() == Some(name));
    let access = console.access_to_northside(&admin).await;
    let new = NewPortalLink {
        person: Some("dr.k@clinic.example".parse().unwrap()),
        rights: None,
        return_url: None,
    };
    let link = app.make_portal_link(&access, new).await.unwrap();
    let entered = app.enter_portal(link.text.expose(), None).await.unwrap();
    let doctor = console.person(&entered).unwrap();
    assert_eq!(doctor.name(), Some("dr.k@clinic.example"));
    app.revoke_session(&admin, doctor.session_id())
        .await
        .unwrap();

    let filter = carehook_store::AuditFilter::default();
    let page = Page::default();
    let trail = app.list_audit(&access, &filter, &page).await;
    let trail = trail.unwrap().items;
    let told = |action: AuditAction| {
        let found = trail.iter().find(|one| one.entry.action == action);
        let entry = &found.unwrap().entry;
        let person = entry.details.get("person").cloned();
        let name = entry.actor_name().map(str::to_owned);
        (entry.actor.clone(), name, person)
    };
    let some = |text: &str| Some(text.to_owned());
    let operator = "operator".to_owned();
    let made = told(AuditAction::OrganizationCreated);
    assert_eq!(made, (operator.clone(), some(name), None));
    let doctors = (operator, some(name), some("dr.k@clinic.example"));
    assert_eq!(told(AuditAction::PortalLinkCreated), doctors);
    assert_eq!(told(AuditAction::SessionEnded), doctors);
    let portal = format!("portal:{}", doctor.session_id());
    let entered = told(AuditAction::SignedIn);
    assert_eq!(entered, (portal, some("dr.k@clinic.example"), None));
    let seen = app.list_sessions(&admin, &Page::default()).unwrap().items;
    assert_eq!(seen[0].person.as_ref().unwrap().as_str(), name);
}

#[tokio::test]
async fn a_refusal_names_the_person_who_was_refused() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let access = console.access_to_northside(&operator).await;
    let new = NewPortalLink {
        person: Some("dr.k@clinic.example".parse().unwrap()),
        rights: None,
        return_url: None,
    };
    let link = app.make_portal_link(&access, new).await.unwrap();
    let entered = app.enter_portal(link.text.expose(), None).await.unwrap();
    let doctor = console.person(&entered).unwrap();
    let doctors = app.access(doctor.caller(), "northside").unwrap();
    doctors.require(Scope::Manage).unwrap_err();
    app.drained().await;
    let filter = carehook_store::AuditFilter {
        action: Some(AuditAction::AccessRefused),
        ..carehook_store::AuditFilter::default()
    };
    let page = Page::default();
    let trail = app.list_audit(&access, &filter, &page).await;
    let trail = trail.unwrap().items;
    assert_eq!(trail[0].entry.actor_name(), Some("dr.k@clinic.example"));
}
