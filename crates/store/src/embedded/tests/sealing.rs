//! Nothing that may be about a patient, and no secret, is on the disk in plain text.

use std::path::Path;

use bytes::Bytes;
use carehook_core::{
    Authentication, Authorities, CertificateFacts, ClientIdentity, CustomHeader, DatedSecret,
    DeliveryState, EndpointId, EndpointTls, OrganizationId, PersonName, Secret, Secrets,
    SignInLink, Subscription, checked_header,
};

use super::{EmbeddedScene, embedded, hold, run};
use crate::conformance::api_keys::key_text;
use crate::conformance::embedded_fixture::MASTER_KEY;
use crate::conformance::operator_keys::operator_key_text;
use crate::conformance::scene::{DAY, HOUR, NOON, body, endpoint};
use crate::conformance::sessions::{portal, text_of};
use crate::keys::KeyRing;
use crate::{MasterKey, Report, ReportedOutcome, RequestKey, StoredAnswer};

/// A text that is nowhere else: `canary-` and its name.
pub(super) fn canary(name: &str) -> String {
    format!("canary-{name}-7f3b9c")
}

/// The files of a directory that contain a text.
pub(super) fn files_with(dir: &Path, text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(text.len()).any(|window| window == text) {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

fn assert_sealed(dir: &Path) {
    assert!(
        files_with(dir, b"canary").is_empty(),
        "{:?}",
        files_with(dir, b"canary")
    );
    // The search itself works: what is meant to be readable is found.
    assert!(!files_with(dir, b"appointment.created").is_empty());
}

/// An endpoint with a canary in everything that it may keep to itself.
async fn secretive_endpoint(scene: &EmbeddedScene, org: &OrganizationId) -> EndpointId {
    let mut new = endpoint(org, NOON);
    let value = canary("header");
    let (name, _) = checked_header("x-token", &value).unwrap();
    new.headers = vec![CustomHeader {
        name,
        value: Secret::new(value),
    }];
    let (username, password) = (canary("username"), canary("password"));
    let basic = Authentication::basic(Secret::new(username), Secret::new(password));
    new.authentication = basic.ok();
    new.tls = Some(EndpointTls {
        client: Some(ClientIdentity {
            chain: canary("chain").into(),
            key: Secret::new(canary("key")),
            facts: CertificateFacts {
                subject: canary("certificate").into(),
                expires_at: NOON,
            },
        }),
        authorities: Some(Authorities {
            certificates: canary("authorities").into(),
            facts: Vec::new(),
        }),
    });
    new.url = format!("https://receiver.example/hook?token={}", canary("query"));
    new.name = Some(canary("name"));
    new.notification_email = Some(format!("{}@example.com", canary("mail")));
    new.subscriptions.push(Subscription {
        name: canary("subscription").into(),
        pattern: carehook_core::Pattern::All,
    });
    new.secrets = Secrets::from_stored(vec![DatedSecret {
        secret: Secret::new(canary("secret")),
        created_at: NOON,
        expires_at: None,
    }])
    .unwrap();
    scene.store().create_endpoint(new, 10).await.unwrap().id
}

/// A try of another sender with a canary in everything that it tells.
/// People with canaries for names: one who is signed in, and one who has a link.
async fn named_people(scene: &EmbeddedScene, org: &OrganizationId) {
    let name: Option<PersonName> = canary("person").parse().ok();
    let link = SignInLink {
        holder: portal(org),
        person: name.clone(),
        expires_at: Some(NOON.plus(HOUR)),
    };
    for number in [1, 2] {
        let (store, text) = (scene.store(), text_of("link", number));
        let made = store.create_sign_in_link(link.clone(), &text, scene.now());
        made.await.unwrap();
    }
    scene.enter(1, 1).await.unwrap();
}

async fn report(scene: &EmbeddedScene, org: &OrganizationId, endpoint: EndpointId) {
    let told = |name: &str| body(&format!("{{\"x\":\"{}\"}}", canary(name))).data;
    let report = Report {
        endpoint,
        event_type: "patient.created".parse().unwrap(),
        posted_at: None,
        payload: told("payload"),
        raw_message: told("message"),
        reported_by: canary("sender").into(),
        retry_of: None,
    };
    let id = scene.store().report(org, report).await.unwrap();
    let outcome = ReportedOutcome {
        success: false,
        status: None,
        error: Some(canary("error").into()),
        answer: Some(told("response")),
        at: NOON,
        reported_by: canary("sender").into(),
    };
    let store = scene.store();
    let completed = store.complete_report(org, endpoint, id, outcome).await;
    completed.unwrap();
}

#[test]
fn no_file_holds_payloads_secrets_or_answers_in_plain_text() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = secretive_endpoint(&scene, &org).await;
        let mut new = scene.event(&org, &[endpoint]);
        new.event.body = body(&format!("{{\"x\":\"{}\"}}", canary("data")));
        new.event.body.previous = Some(body(&format!("{{\"x\":\"{}\"}}", canary("old"))).data);
        new.event.body.subject = Some(canary("subject").into());
        new.event.body.ordering_key = Some(canary("ordering").into());
        let accepted = scene.accept(new).await.unwrap();
        let delivery = accepted.deliveries[0];
        let mut result = scene.result(&org, delivery, 1, DeliveryState::Pending);
        result.attempt.answer = Bytes::from(canary("answer"));
        scene.store().record(vec![result]).await.unwrap();
        report(&scene, &org, endpoint).await;
        named_people(&scene, &org).await;
        let key = RequestKey {
            caller: "me".into(),
            key: "a".into(),
            organization: None,
        };
        let started = scene.store().start_request(key.clone(), [0; 32], NOON);
        started.await.unwrap();
        let answer = StoredAnswer {
            status: 201,
            body: Bytes::from(canary("request")),
        };
        let finished = scene.store().finish_request(key, answer);
        finished.await.unwrap();

        assert_sealed(scene.fixture.dir());
        let checkpoint = embedded(&scene).shared.change("checkpoint", |writer| {
            let today = writer.now().day();
            let empty = |_: &rusqlite::Row<'_>| Ok(());
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            writer
                .log(today)
                .unwrap()
                .query_row(sql, [], empty)
                .unwrap();
            writer.control.query_row(sql, [], empty).unwrap();
            Ok(())
        });
        checkpoint.await.unwrap();
        assert_sealed(scene.fixture.dir());
        let scene = scene.reopened().await;
        assert_sealed(scene.fixture.dir());
        // All of it is there for those who may see it.
        let read = scene.store().event(&org, &accepted.id).await.unwrap();
        assert_eq!(read.unwrap().body.subject, Some(canary("subject").into()));
        let attempts = scene.attempts(&org, delivery).await;
        assert_eq!(&attempts[0].answer[..], canary("answer").as_bytes());
        let read = scene.store().endpoint(&org, endpoint).unwrap();
        assert_eq!(read.secrets.current().expose(), canary("secret"));
        assert_eq!(read.headers[0].value.expose(), canary("header"));
        let header = read.authentication.as_ref().unwrap().header();
        assert!(header.to_str().unwrap().starts_with("Basic "));
        let text = text_of("session", 1);
        let session = scene.store().session_with_text(text.expose()).unwrap();
        assert_eq!(session.person.as_ref().unwrap().as_str(), canary("person"));
        let tls = read.tls.as_ref().unwrap();
        let client = tls.client.as_ref().unwrap();
        assert_eq!(client.key.expose(), canary("key"));
        assert_eq!(*client.chain, canary("chain"));
        let authorities = tls.authorities.as_ref().unwrap();
        assert_eq!(*authorities.certificates, canary("authorities"));
    });
}

#[test]
fn no_file_holds_the_text_of_a_key_or_what_it_is_found_by() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let key = scene.key(&org, 1).await;
        let operators = scene.operator_key(2).await;
        let scene = scene.reopened().await;
        let dir = scene.fixture.dir().to_owned();
        for (text, prefix) in [
            (key_text(1), &key.prefix),
            (operator_key_text(2), &operators.prefix),
        ] {
            let hidden = &text.expose()[prefix.len()..];
            assert!(files_with(&dir, hidden.as_bytes()).is_empty());
            // The listed part is there, so the look for the rest would have found it.
            assert!(!files_with(&dir, prefix.as_bytes()).is_empty());
        }
        let sealed: Vec<u8> = rusqlite::Connection::open(dir.join("control.db"))
            .unwrap()
            .query_row(
                "SELECT value FROM meta WHERE name = 'api_key_digest_key'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        let wrong = KeyRing::new(&MasterKey::new([8; 32]));
        let right = KeyRing::new(&MasterKey::new(MASTER_KEY));
        assert!(wrong.open_digest_key(&sealed).is_none());
        assert!(right.open_digest_key(&sealed).is_some());
    });
}

#[test]
fn the_keys_of_a_deleted_organization_are_on_no_page_any_more() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let other = scene.organization("southside").await;
        let endpoint = secretive_endpoint(&scene, &org).await;
        scene.publish(&org, &[endpoint]).await;
        scene.publish(&other, &[]).await;
        let dir = scene.fixture.dir();
        let keys = |owner: &str| -> Vec<Vec<u8>> {
            let control = rusqlite::Connection::open(dir.join("control.db")).unwrap();
            let sql = "SELECT wrapped FROM data_keys k JOIN organizations o
                ON o.number = k.organization WHERE o.id = ?1";
            let mut statement = control.prepare(sql).unwrap();
            let rows = statement.query_map([owner], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let (ours, others) = (keys("northside"), keys("southside"));
        assert_eq!((ours.len(), others.len()), (2, 2));
        let now = scene.now();
        scene.store().delete_organization(&org, now).await.unwrap();
        for key in ours {
            assert!(files_with(dir, &key).is_empty());
        }
        let in_memory = &embedded(&scene).shared.keys;
        let days = [crate::keys::CONFIGURATION, now.day()];
        assert_eq!(days.map(|day| in_memory.has(1, day)), [false; 2]);
        assert_eq!(days.map(|day| in_memory.has(2, day)), [true; 2]);
        for key in others {
            assert!(!files_with(dir, &key).is_empty());
        }
    });
}

#[test]
fn keys_that_are_needed_at_once_are_made_in_one_commit() {
    run(async {
        let scene = EmbeddedScene::new();
        let mut organizations = Vec::new();
        for number in 0..60 {
            organizations.push(scene.organization(&format!("clinic-{number}")).await);
        }
        let empty_log = embedded(&scene).shared.change("checkpoint", |writer| {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            writer.control.query_row(sql, [], |_| Ok(())).unwrap();
            Ok(())
        });
        empty_log.await.unwrap();
        scene.clock.advance(DAY);
        let held = hold(embedded(&scene));
        let mut publishing = tokio::task::JoinSet::new();
        for org in &organizations {
            let (store, new) = (scene.store().clone(), scene.event(org, &[]));
            publishing.spawn(async move { store.accept(vec![new]).await.remove(0).is_ok() });
        }
        tokio::task::yield_now().await;
        drop(held);
        assert!(
            publishing
                .join_all()
                .await
                .into_iter()
                .all(|accepted| accepted)
        );
        let wal = scene.fixture.dir().join("control.db-wal");
        // Every commit writes at least one page.
        let pages = std::fs::metadata(wal).unwrap().len() / 4_096;
        assert!(pages < 20, "{pages} pages for 60 keys");
    });
}

#[test]
fn a_deleted_organization_gets_no_new_key() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        scene.clock.advance(DAY);
        let held = hold(embedded(&scene));
        // The event is prepared while the organization lives, and needs the key of a new day.
        let release = async { drop(held) };
        let now = scene.now();
        let (deleted, accepted, ()) = tokio::join!(
            scene.store().delete_organization(&org, now),
            scene.accept(scene.event(&org, &[])),
            release
        );
        deleted.unwrap();
        assert!(accepted.is_err(), "{accepted:?}");
        let control = rusqlite::Connection::open(scene.fixture.dir().join("control.db"));
        let sql = "SELECT count(*) FROM data_keys WHERE organization <> 0";
        let keys = control.unwrap().query_row(sql, [], |row| row.get(0));
        assert_eq!(keys, Ok(0));
    });
}
