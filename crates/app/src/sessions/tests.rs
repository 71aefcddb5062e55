//! Who gets in, with what, and for how long.

mod named;
mod revoked;

use std::time::Duration;

use carehook_core::{Clock, ManualClock};
use tempfile::TempDir;

use super::*;
use crate::fixture::app_with;
use crate::{AppConfig, NewOrganization, OrganizationAccess};

const PASSWORD: &str = "correct horse battery";

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

struct Console {
    app: App,
    _directory: TempDir,
}

impl Console {
    fn start() -> Self {
        let (app, directory) = app_with(AppConfig::default());
        Self {
            app,
            _directory: directory,
        }
    }

    fn clock(&self) -> &ManualClock {
        match &self.app.inner().clock {
            Clock::Manual(clock) => clock,
            Clock::System(_) => panic!("the clock of tests is set by hand"),
        }
    }

    async fn first_visit(&self) -> SignedIn {
        let link = self.app.first_visit_link().await.unwrap().unwrap();
        let set = self.app.set_password(link.expose(), secret(PASSWORD), None);
        set.await.unwrap()
    }

    fn person(&self, signed_in: &SignedIn) -> Result<Person, AppError> {
        self.app.person(signed_in.cookie.expose(), None)
    }

    /// The operator makes an organization and a link into it.
    async fn portal_link(&self, operator: &Person, rights: &[Scope]) -> MadePortalLink {
        let access = self.access_to_northside(operator).await;
        let new = NewPortalLink {
            person: None,
            rights: Some(rights.iter().copied().collect()),
            return_url: Some("https://pms.example/settings".to_owned()),
        };
        self.app.make_portal_link(&access, new).await.unwrap()
    }

    async fn access_to_northside(&self, operator: &Person) -> OrganizationAccess {
        for id in ["northside", "southside"] {
            let proof = self.app.operator(operator.caller()).unwrap();
            let new = NewOrganization {
                id: Some(id.parse().unwrap()),
                name: id.to_owned(),
                settings: crate::SettingsChange::default(),
            };
            let made = self.app.create_organization(&proof, new).await;
            // It may be there already.
            let there = made.is_ok() || matches!(made, Err(AppError::Conflict { .. }));
            assert!(there, "{id} could not be made");
        }
        self.app.access(operator.caller(), "northside").unwrap()
    }
}

fn is_gone<T>(result: &Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::Gone { .. }))
}

fn is_out<T>(result: &Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::Unauthenticated))
}

fn fault<T>(result: Result<T, AppError>) -> String {
    match result {
        Err(AppError::Invalid(faults)) => faults[0].pointer.clone(),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn the_first_visit_sets_the_password_once() {
    let console = Console::start();
    let app = &console.app;
    let old = app.first_visit_link().await.unwrap().unwrap();
    let link = app.first_visit_link().await.unwrap().unwrap();
    let with = |link: &Secret, password: &str| {
        let (app, link, password) = (app.clone(), link.clone(), secret(password));
        async move { app.set_password(link.expose(), password, None).await }
    };
    assert!(is_gone(&with(&old, PASSWORD).await), "the next start");
    assert_eq!(fault(with(&link, "too short").await), "/password");
    assert!(app.is_first_visit_link(link.expose()));
    let (first, second) = tokio::join!(with(&link, PASSWORD), with(&link, "another password"));
    let made = [&first, &second].map(Result::is_ok);
    assert_eq!(made.iter().filter(|made| **made).count(), 1);
    assert!(is_gone(&first) || is_gone(&second));
    assert!(is_gone(&with(&link, PASSWORD).await));
    assert!(!app.is_first_visit_link(link.expose()));
    assert!(app.first_visit_link().await.unwrap().is_none());
    let signed_in = first.or(second).map_err(|_| ()).unwrap();
    let person = console.person(&signed_in).unwrap();
    assert!(person.is_operator() && app.operator(person.caller()).is_ok());
    assert_eq!(person.rights(), BTreeSet::from(Scope::ALL));
}

#[tokio::test]
async fn only_the_right_password_signs_in() {
    let console = Console::start();
    let sign_in = |password: &str| console.app.sign_in(secret(password), None);
    assert_eq!(fault(sign_in(PASSWORD).await), "/password", "there is none");
    console.first_visit().await;
    assert_eq!(fault(sign_in("correct horse batterY").await), "/password");
    let long = "a".repeat(100_000);
    assert_eq!(fault(sign_in(&long).await), "/password");
    // The fourth attempt in a row has to wait, right or wrong.
    let Err(AppError::RateLimited(quota)) = sign_in(PASSWORD).await else {
        panic!("it was checked");
    };
    assert_eq!(quota.reset_seconds, 1);
    let elsewhere = Some("192.0.2.7".parse().unwrap());
    console
        .app
        .sign_in(secret(PASSWORD), elsewhere)
        .await
        .unwrap();
    console.clock().advance(Duration::from_secs(1));
    let signed_in = sign_in(PASSWORD).await.unwrap();
    assert!(console.person(&signed_in).unwrap().is_operator());
}

#[tokio::test]
async fn a_person_is_signed_in_until_the_session_ends() {
    let console = Console::start();
    let first = console.first_visit().await;
    let second = console.app.sign_in(secret(PASSWORD), None).await.unwrap();
    for wrong in ["", "x", &"a".repeat(43), &"a".repeat(100_000)] {
        assert!(is_out(&console.app.person(wrong, None)));
    }
    let person = console.person(&first).unwrap();
    console.app.sign_out(&person).await.unwrap();
    console.app.sign_out(&person).await.unwrap();
    assert!(is_out(&console.person(&first)));
    console.clock().advance(Duration::from_mins(59));
    console.person(&second).unwrap();
    console.clock().advance(Duration::from_mins(59));
    console.person(&second).unwrap();
    console.clock().advance(Duration::from_hours(1));
    assert!(is_out(&console.person(&second)), "left alone");
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let other = app.sign_in(secret(PASSWORD), None).await.unwrap();
    let person = console.person(&own).unwrap();
    let change = |old: &str, new: &str| app.change_password(&person, secret(old), secret(new));
    let new = "a better password";
    assert_eq!(fault(change(PASSWORD, "short").await), "/new_password");
    assert_eq!(fault(change("wrong password", new).await), "/password");
    console.person(&other).unwrap();
    change(PASSWORD, new).await.unwrap();
    console.person(&own).unwrap();
    assert!(is_out(&console.person(&other)));
    assert_eq!(
        fault(app.sign_in(secret(PASSWORD), None).await),
        "/password"
    );
    app.sign_in(secret(new), None).await.unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_ends_the_sessions_of_the_old_one() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = app
        .operator(console.person(&own).unwrap().caller())
        .unwrap();
    let link = || async {
        let made = app.make_password_link(&operator).await.unwrap();
        let (_, text) = made.url.expose().split_once("link=").unwrap();
        text.to_owned()
    };
    let (unused, link) = (link().await, link().await);
    let set = |link: &str, password: &str| {
        let (app, link, password) = (app.clone(), link.to_owned(), secret(password));
        async move { app.set_password(&link, password, None).await }
    };
    assert!(is_gone(&set(&unused, "another password").await));
    assert!(console.person(&own).is_ok(), "nothing has happened yet");
    let after = set(&link, "another password").await.unwrap();
    assert!(is_out(&console.person(&own)));
    assert!(console.person(&after).unwrap().is_operator());
    assert!(is_gone(&set(&link, "a third password").await));
    assert_eq!(
        fault(app.sign_in(secret(PASSWORD), None).await),
        "/password"
    );
    app.sign_in(secret("another password"), None).await.unwrap();
    let late = app.make_password_link(&operator).await.unwrap();
    console.clock().advance(Duration::from_mins(10));
    let (_, late) = late.url.expose().split_once("link=").unwrap();
    assert!(!app.is_first_visit_link(late));
    assert!(is_gone(&set(late, "a fourth password").await));
}

#[tokio::test]
async fn who_comes_through_a_portal_link_sees_one_organization_with_its_rights() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let link = console.portal_link(&operator, &[Scope::Keys]).await;
    let entered = app.enter_portal(link.text.expose(), None).await.unwrap();
    let person = console.person(&entered).unwrap();
    assert!(!person.is_operator());
    assert_eq!(person.organization().unwrap().as_str(), "northside");
    assert_eq!(person.rights(), BTreeSet::from([Scope::Read, Scope::Keys]));
    assert_eq!(person.return_url(), Some("https://pms.example/settings"));
    let access = app.access(person.caller(), "northside").unwrap();
    let name = format!("portal:{}", person.session_id());
    assert_eq!(access.actor(), name);
    assert!(access.require(Scope::Manage).is_err());
    let foreign = app.access(person.caller(), "southside");
    assert!(matches!(foreign, Err(AppError::NotFound { .. })));
    assert!(app.operator(person.caller()).is_err());
    assert!(app.catalogue_editor(person.caller()).is_err());
    assert!(person.caller().require_key().is_err());
    let new = NewPortalLink {
        person: None,
        rights: None,
        return_url: None,
    };
    let chained = app.make_portal_link(&access, new).await;
    assert!(matches!(chained, Err(AppError::Forbidden { .. })));
    console.clock().advance(Duration::from_hours(8));
    assert!(is_out(&console.person(&entered)));
}

#[tokio::test]
async fn a_portal_link_is_good_once_and_for_a_minute() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let link = console.portal_link(&operator, &[]).await;
    let enter = |link: &MadePortalLink| {
        let (app, text) = (app.clone(), link.text.clone());
        async move { app.enter_portal(text.expose(), None).await }
    };
    let (first, second) = tokio::join!(enter(&link), enter(&link));
    assert_ne!(first.is_ok(), second.is_ok());
    assert!(is_gone(&first) || is_gone(&second));
    let late = console.portal_link(&operator, &[]).await;
    console.clock().advance(Duration::from_mins(1));
    assert!(is_gone(&enter(&late).await));
    let unknown = app.enter_portal("unknown", None).await;
    assert!(is_gone(&unknown));
    // A link of the first visit is for something else.
    let fresh = Console::start();
    let first_visit = fresh.app.first_visit_link().await.unwrap().unwrap();
    let entered = fresh.app.enter_portal(first_visit.expose(), None).await;
    assert!(is_gone(&entered));
}

#[tokio::test]
async fn people_end_sessions_that_are_theirs_to_end() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let mut entered = Vec::new();
    for _ in 0..2 {
        let link = console.portal_link(&operator, &[]).await;
        entered.push(app.enter_portal(link.text.expose(), None).await.unwrap());
    }
    let portal = console.person(&entered[0]).unwrap();
    let other = console.person(&entered[1]).unwrap();
    let all = Page::default();
    let seen = app.list_sessions(&operator, &all).unwrap().items;
    assert_eq!(seen.len(), 3);
    let own_ids: Vec<_> = seen.iter().filter(|one| one.is_own).collect();
    assert_eq!(own_ids[0].id, operator.session_id());
    let seen = app.list_sessions(&portal, &all).unwrap().items;
    assert_eq!(seen.len(), 1);
    assert!(seen[0].is_own);
    for foreign in [other.session_id(), operator.session_id()] {
        let refused = app.revoke_session(&portal, foreign).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
    }
    let revoke = || app.revoke_session(&operator, portal.session_id());
    revoke().await.unwrap();
    assert!(matches!(revoke().await, Err(AppError::NotFound { .. })));
    assert!(is_out(&console.person(&entered[0])));
    app.revoke_session(&other, other.session_id())
        .await
        .unwrap();
    assert!(is_out(&console.person(&entered[1])));
    console.person(&own).unwrap();
}

#[tokio::test]
async fn sign_ins_leave_entries_in_the_trail_of_the_organization() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let link = console.portal_link(&operator, &[]).await;
    let from = Some("192.0.2.7".parse().unwrap());
    let entered = app.enter_portal(link.text.expose(), from).await.unwrap();
    let person = app.person(entered.cookie.expose(), from).unwrap();
    app.sign_out(&person).await.unwrap();
    let access = app.access(operator.caller(), "northside").unwrap();
    let filter = carehook_store::AuditFilter::default();
    let page = Page::default();
    let trail = app.list_audit(&access, &filter, &page);
    let trail = trail.await.unwrap().items;
    let mut told: Vec<_> = trail
        .iter()
        .map(|record| (record.entry.action.as_str(), record.entry.actor.clone()))
        .filter(|(action, _)| !action.starts_with("audit") && !action.starts_with("organ"))
        .collect();
    told.reverse();
    let portal = format!("portal:{}", person.session_id());
    let expected = [
        ("portal_link.created", "operator".to_owned()),
        ("sign_in.completed", portal.clone()),
        ("session.ended", portal),
    ];
    assert_eq!(told, expected);
    let signed_in = trail.iter().find(|one| one.entry.source.is_some());
    assert_eq!(signed_in.unwrap().entry.source, from);
}
