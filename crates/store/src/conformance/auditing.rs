//! The audit trail: complete, in order, chained, and bound to one organization.

use carehook_core::{
    AuditAction, AuditBook, AuditEntry, AuditOutcome, ChainHash, DeliveryState, DisabledReason,
    OrganizationId, PayloadMode, Timestamp,
};

use super::Fixture;
use super::erasing::SUBJECT;
use super::scene::{DAY, HOUR, Scene, endpoint};
use crate::{AuditFilter, AuditNote, AuditPosition, AuditRecord, PageRequest, StoreError};

/// An entry that says that a secret was shown.
pub(crate) fn note(of: &OrganizationId, at: Timestamp, object: &str) -> AuditNote {
    AuditNote {
        organization: Some(of.clone()),
        entry: AuditEntry::new(at, "tester", AuditAction::SecretViewed, object.to_owned()),
        subject: None,
    }
}

impl<F: Fixture> Scene<F> {
    pub(crate) async fn note(&self, of: &OrganizationId, object: &str) {
        let note = note(of, self.now(), object);
        self.store().audit(note).await.unwrap();
    }

    /// Everything of the trail that a filter wants, newest first, read in pages of `limit`.
    async fn trail_in(
        &self,
        of: &OrganizationId,
        filter: &AuditFilter,
        limit: usize,
    ) -> Vec<AuditRecord> {
        let mut records = Vec::new();
        let mut after: Option<AuditPosition> = None;
        loop {
            let page = PageRequest { limit, after };
            let page = self.store().list_audit(of, filter, page).await.unwrap();
            assert!(page.items.len() <= limit);
            records.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return records,
            }
        }
    }

    /// The whole trail, newest first; every chain in it fits.
    pub(crate) async fn trail(&self, of: &OrganizationId) -> Vec<AuditRecord> {
        let records = self.trail_in(of, &AuditFilter::default(), 3).await;
        for record in &records {
            let canonical = record.entry.canonical(record.id.number);
            assert_eq!(record.hash, record.previous_hash.next(&canonical));
            let before = records.iter().find(|other| {
                other.id.book == record.id.book && other.id.number + 1 == record.id.number
            });
            match before {
                Some(before) => assert_eq!(before.hash, record.previous_hash),
                None => assert_eq!(record.id.number, 1, "{}", record.id),
            }
        }
        records
    }
}

fn ids(records: &[AuditRecord]) -> Vec<String> {
    records.iter().map(|record| record.id.to_string()).collect()
}

fn objects(records: &[AuditRecord]) -> Vec<&str> {
    records.iter().map(|record| &*record.entry.object).collect()
}

pub(super) async fn every_attempt_that_sent_something_is_a_disclosure<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let accepted = scene.publish(&org, &[to]).await;
    let delivery = accepted.deliveries[0];
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    // Recording twice is disclosing once.
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    let mut nothing_sent = scene.result(&org, delivery, 2, DeliveryState::Pending);
    nothing_sent.sent_to = None;
    scene.store().record(vec![nothing_sent]).await.unwrap();
    scene
        .record(&org, delivery, 3, DeliveryState::Delivered)
        .await;
    let trail = scene.trail(&org).await;
    assert_eq!(ids(&trail), ["2026-03-10-2", "2026-03-10-1"]);
    let entry = &trail[0].entry;
    assert_eq!(entry.action, AuditAction::EventDisclosed);
    assert_eq!(entry.object, format!("endpoint/{to}"));
    assert_eq!(entry.details["event"], accepted.id.to_string());
    assert_eq!(entry.details["host"], "receiver.example");
    assert_eq!(entry.details["status"], "200");
    assert_eq!(entry.outcome, AuditOutcome::Success);
    assert_eq!(trail[1].entry.outcome, AuditOutcome::Refused);
}

pub(super) async fn a_disclosure_names_the_host_of_its_time<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[to]).await.deliveries[0];
    for (number, host) in [(1, "old.example"), (2, "new.example")] {
        let mut result = scene.result(&org, delivery, number, DeliveryState::Pending);
        result.sent_to = Some(crate::SentTo {
            host: host.into(),
            payload: PayloadMode::Thin,
        });
        scene.store().record(vec![result]).await.unwrap();
    }
    let now = scene.now();
    scene.store().delete_endpoint(&org, to, now).await.unwrap();
    let trail = scene.trail(&org).await;
    let hosts: Vec<_> = trail.iter().map(|r| &*r.entry.details["host"]).collect();
    assert_eq!(hosts, ["new.example", "old.example"]);
    assert_eq!(trail[0].entry.details["payload"], "thin");
}

pub(super) async fn a_change_and_its_entry_are_made_together<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let new = endpoint(&org, scene.now());
    let noting = scene.store().noting(note(&org, scene.now(), "made"));
    let made = noting.create_endpoint(new, 10).await.unwrap();
    let delivery = scene.publish(&org, &[made.id]).await.deliveries[0];
    // A change in a log file leaves its entry as well.
    let noting = scene.store().noting(note(&org, scene.now(), "cancelled"));
    let now = scene.now();
    noting.cancel_delivery(&org, delivery, now).await.unwrap();
    let scene = scene.crashed().await;
    assert!(scene.store().endpoint(&org, made.id).is_some());
    assert_eq!(objects(&scene.trail(&org).await), ["cancelled", "made"]);
}

pub(super) async fn a_refused_change_leaves_no_entry<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let new = endpoint(&org, scene.now());
    let noting = scene.store().noting(note(&org, scene.now(), "refused"));
    assert!(noting.create_endpoint(new, 0).await.is_err());
    scene.note(&org, "after").await;
    assert_eq!(objects(&scene.trail(&org).await), ["after"]);
    let nobody = note(&"nobody".parse().unwrap(), scene.now(), "x");
    let refused = scene.store().audit(nobody).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
}

pub(super) async fn what_the_server_does_by_itself_is_in_the_trail<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    scene
        .accept(scene.event_about(SUBJECT, &org, &[to]))
        .await
        .unwrap();
    for _ in 0..2 {
        let gone = DisabledReason::Gone;
        let disabled = scene.store().disable_endpoint(to, gone, scene.now());
        disabled.await.unwrap();
    }
    let done = scene.create_erasure(&org, 1).await;
    scene.work_off_erasures().await;
    let failed = scene.create_erasure(&org, 2).await;
    for _ in 0..2 {
        let fail = scene.store().fail_erasure(failed, scene.now());
        fail.await.unwrap();
    }
    let scene = scene.crashed().await;
    let trail = scene.trail(&org).await;
    let expected = [
        format!("erasure/{failed}"),
        format!("erasure/{done}"),
        format!("endpoint/{to}"),
    ];
    assert_eq!(objects(&trail), expected, "each once");
    for record in &trail {
        assert_eq!(record.entry.actor, AuditEntry::SYSTEM);
        assert_eq!(record.entry.subject, None);
        assert!(!format!("{record:?}").contains(SUBJECT));
    }
    let [failed, done, disabled] = [&trail[0], &trail[1], &trail[2]].map(|record| &record.entry);
    assert_eq!(disabled.action, AuditAction::EndpointDisabled);
    assert_eq!(disabled.details["status"], "410");
    assert_eq!(done.action, AuditAction::ErasureCompleted);
    assert_eq!(done.outcome, AuditOutcome::Success);
    assert_eq!(done.details["events"], "1");
    assert_eq!(failed.outcome, AuditOutcome::Failed);
    assert_eq!(failed.details["events"], "0");
}

pub(super) async fn entries_of_one_organization_are_numbered_without_gaps<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let southside = scene.organization("southside").await;
    for _ in 0..3 {
        scene.note(&northside, "ours").await;
        scene.note(&southside, "theirs").await;
    }
    let trail = scene.trail(&southside).await;
    assert_eq!(ids(&trail), ["journal-3", "journal-2", "journal-1"]);
    assert_eq!(objects(&trail), ["theirs"; 3]);
    let ours = scene.trail(&northside).await;
    assert_ne!(ours[2].previous_hash, trail[2].previous_hash);
}

pub(super) async fn entries_of_one_call_are_written_together_in_their_order<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let nobody: OrganizationId = "nobody".parse().unwrap();
    let of = |subject: &str| AuditNote {
        subject: Some(subject.into()),
        ..note(&org, scene.now(), subject)
    };
    let all = vec![of("patient-1"), of("patient-2"), of("patient-3")];
    let other = vec![note(&nobody, scene.now(), "nobody")];
    let store = scene.store();
    let (known, unknown) = tokio::join!(store.audit_all(all), store.audit_all(other));
    known.unwrap();
    assert!(matches!(unknown, Err(StoreError::Refused(_))));
    scene.store().audit_all(Vec::new()).await.unwrap();
    let scene = scene.crashed().await;
    let trail = scene.trail(&org).await;
    assert_eq!(objects(&trail), ["patient-3", "patient-2", "patient-1"]);
    let second = AuditFilter {
        subject: Some("patient-2".into()),
        ..AuditFilter::default()
    };
    let found = scene.trail_in(&org, &second, 10).await;
    assert_eq!(objects(&found), ["patient-2"]);
}

pub(super) async fn the_trail_is_read_in_pages_newest_first<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    for day in 0..3 {
        let delivery = scene.publish(&org, &[to]).await.deliveries[0];
        scene.note(&org, &format!("before {day}")).await;
        scene.clock.advance(HOUR);
        for number in 1..=2 {
            scene
                .record(&org, delivery, number, DeliveryState::Pending)
                .await;
        }
        scene.clock.advance(HOUR);
        scene.note(&org, &format!("after {day}")).await;
        scene.clock.advance(22 * HOUR);
    }
    let whole = scene.trail_in(&org, &AuditFilter::default(), 100).await;
    let expected = [
        "journal-6",
        "2026-03-12-2",
        "2026-03-12-1",
        "journal-5",
        "journal-4",
        "2026-03-11-2",
        "2026-03-11-1",
        "journal-3",
        "journal-2",
        "2026-03-10-2",
        "2026-03-10-1",
        "journal-1",
    ];
    assert_eq!(ids(&whole), expected);
    for limit in 1..5 {
        let paged = scene.trail_in(&org, &AuditFilter::default(), limit).await;
        assert_eq!(ids(&paged), expected, "{limit}");
    }
    scene.trail(&org).await;
}

pub(super) async fn the_trail_is_filtered<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    for subject in ["patient-1", "patient-2"] {
        let mut new = scene.event(&org, &[to]);
        new.event.body.subject = Some(subject.into());
        let delivery = scene.accept(new).await.unwrap().deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
        let seen = AuditNote {
            subject: Some(subject.into()),
            ..note(&org, scene.now(), subject)
        };
        scene.store().audit(seen).await.unwrap();
        scene.clock.advance(HOUR);
    }
    let trail = async |filter: AuditFilter| ids(&scene.trail_in(&org, &filter, 1).await);
    let about = |subject: &str| AuditFilter {
        subject: Some(subject.into()),
        ..AuditFilter::default()
    };
    assert_eq!(
        trail(about("patient-1")).await,
        ["journal-1", "2026-03-10-1"]
    );
    assert_eq!(
        trail(about("patient-2")).await,
        ["journal-2", "2026-03-10-2"]
    );
    assert!(trail(about("patient-3")).await.is_empty());
    let action = |action| AuditFilter {
        action: Some(action),
        ..AuditFilter::default()
    };
    let disclosed = trail(action(AuditAction::EventDisclosed)).await;
    assert_eq!(disclosed, ["2026-03-10-2", "2026-03-10-1"]);
    let viewed = trail(action(AuditAction::SecretViewed)).await;
    assert_eq!(viewed, ["journal-2", "journal-1"]);
    let middle = scene.now().0 - i64::try_from(HOUR.as_millis()).unwrap();
    let since = AuditFilter {
        since: Some(Timestamp(middle)),
        ..AuditFilter::default()
    };
    assert_eq!(trail(since).await, ["journal-2", "2026-03-10-2"]);
    let until = AuditFilter {
        until: Some(Timestamp(middle)),
        ..AuditFilter::default()
    };
    assert_eq!(trail(until).await, ["journal-1", "2026-03-10-1"]);
}

pub(super) async fn the_trail_goes_on_after_a_crash<F: Fixture>() {
    let mut scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let mut pending = Vec::new();
    for round in 1..=3 {
        pending.push(scene.publish(&org, &[to]).await.deliveries[0]);
        scene.clock.advance(DAY);
        let attempts = pending.iter().zip((1..=round).rev());
        let results = attempts.map(|(delivery, number)| {
            scene.result(&org, *delivery, number, DeliveryState::Pending)
        });
        let results = results.collect();
        scene.store().record(results).await.unwrap();
        scene.note(&org, "noted").await;
        scene = scene.crashed().await;
    }
    let trail = scene.trail(&org).await;
    let of_day = |day: i64| {
        let book = AuditBook::Disclosures(day);
        trail.iter().filter(|record| record.id.book == book).count()
    };
    let first = trail.last().unwrap().entry.at.day() - 1;
    assert_eq!([0, 1, 2].map(|day| of_day(first + day)), [3, 2, 1]);
    assert_eq!(trail.len(), 9);
}

pub(super) async fn the_trail_of_an_organization_begins_and_ends_with_it<F: Fixture>() {
    let scene = Scene::<F>::new();
    let id: OrganizationId = "northside".parse().unwrap();
    let new = super::scene::organization("northside", scene.now());
    let noting = scene.store().noting(note(&id, scene.now(), "made"));
    noting.create_organization(new).await.unwrap();
    let first = scene.trail(&id).await;
    assert_eq!(objects(&first), ["made"]);
    let noting = scene.store().noting(note(&id, scene.now(), "deleted"));
    noting.delete_organization(&id, scene.now()).await.unwrap();
    assert!(scene.trail(&id).await.is_empty());
    // Another one of the same name has a trail of its own.
    scene.organization("northside").await;
    scene.note(&id, "new").await;
    let second = scene.trail(&id).await;
    assert_eq!(objects(&second), ["new"]);
    assert_ne!(first[0].previous_hash, second[0].previous_hash);
    assert_ne!(second[0].previous_hash, ChainHash([0; 32]));
}

pub(super) async fn disclosures_outlive_their_rows_and_end_after_their_years<F: Fixture>() {
    let scene = Scene::<F>::new();
    let short = scene.organization("northside").await;
    let long = scene.organization("southside").await;
    scene.keeps(&short, 1, 1).await;
    scene.keeps(&long, 1, 100).await;
    for org in [&short, &long] {
        let to = scene.endpoint(org).await;
        let delivery = scene.publish(org, &[to]).await.deliveries[0];
        scene
            .record(org, delivery, 1, DeliveryState::Delivered)
            .await;
    }
    let before = scene.trail(&short).await;
    // Rows of one organization go first, and then the file.
    for days in [3, 200] {
        scene.clock.advance(days * DAY);
        scene.publish(&short, &[]).await;
        scene.retain().await;
        for org in [&short, &long] {
            let trail = scene.trail(org).await;
            assert_eq!(ids(&trail), ["2026-03-10-1"], "after {days} days");
        }
        assert_eq!(scene.trail(&short).await[0].hash, before[0].hash);
    }
    scene.clock.advance(7 * 366 * DAY);
    scene.publish(&short, &[]).await;
    scene.retain().await;
    assert!(scene.trail(&short).await.is_empty());
}
