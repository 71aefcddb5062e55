//! Laws of retention: payloads go first, rows later, and what is pending never (L12).

use std::time::Duration;

use carehook_core::{DeliveryState, OrganizationId, Retention, Timestamp};

use super::Fixture;
use super::scene::{DAY, Scene, body};
use crate::{
    ActivityOrigin, ActivityQuery, AttemptRecord, EventFilter, Notify, PageRequest, Refusal,
    Report, ReportedOutcome, RetentionPosition, StoreError,
};

const WEEK: Duration = Duration::from_hours(7 * 24);

impl<F: Fixture> Scene<F> {
    pub(super) async fn keeps(&self, of: &OrganizationId, payload_days: u32, metadata_days: u32) {
        let mut changed = (*self.store().organization(of).unwrap()).clone();
        changed.settings.retention = Retention {
            payload_days,
            metadata_days,
            ..Retention::default()
        };
        self.store().update_organization(changed).await.unwrap();
    }

    /// A round of retention as the engine makes it.
    pub(super) async fn retain(&self) {
        let mut at = RetentionPosition::start();
        while let Some(next) = self.store().retain(self.now(), at).await.unwrap() {
            at = next;
        }
    }

    async fn event_count(&self, of: &OrganizationId) -> usize {
        let page = PageRequest {
            limit: 100,
            after: None,
        };
        let filter = EventFilter::default();
        let listed = self.store().list_events(of, &filter, page).await;
        listed.unwrap().items.len()
    }
}

pub(super) async fn a_payload_past_its_days_is_unreadable_and_its_event_still_listed<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.keeps(&org, 7, 30).await;
    let accepted = scene.publish(&org, &[endpoint]).await;
    let delivery = accepted.deliveries[0];
    scene
        .record(&org, delivery, 1, DeliveryState::Delivered)
        .await;
    scene.clock.advance(WEEK);
    scene.retain().await;
    let read = scene.store().event(&org, &accepted.id).await.unwrap();
    assert!(!read.unwrap().body.is_gone(), "the seventh day is kept");
    scene.clock.advance(DAY);
    scene.retain().await;
    let mut scene = scene;
    for _ in 0..2 {
        let read = scene.store().event(&org, &accepted.id).await.unwrap();
        assert!(read.unwrap().body.is_gone());
        assert_eq!(scene.event_count(&org).await, 1);
        assert_eq!(scene.state(&org, delivery).await, DeliveryState::Delivered);
        let attempts = scene.attempts(&org, delivery).await;
        assert_eq!(attempts.len(), 1);
        assert!(attempts[0].answer.is_empty());
        let retried = scene
            .store()
            .retry_delivery(&org, delivery, Notify::OnFailure, scene.now())
            .await;
        let refused = matches!(retried, Err(StoreError::Refused(Refusal::Conflict(_))));
        assert!(refused, "{retried:?}");
        scene = scene.crashed().await;
    }
}

pub(super) async fn retention_never_drops_what_is_pending<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.keeps(&org, 1, 2).await;
    let pending = scene.publish(&org, &[endpoint]).await;
    let ended = scene.publish(&org, &[endpoint]).await;
    scene
        .record(&org, ended.deliveries[0], 1, DeliveryState::Delivered)
        .await;
    scene.clock.advance(DAY * 2);
    // The newest file is never taken away, so there has to be a newer one.
    scene.publish(&org, &[]).await;
    scene.retain().await;
    let read = |id| {
        let (store, org) = (scene.store().clone(), org.clone());
        async move { store.event(&org, &id).await.unwrap() }
    };
    assert!(!read(pending.id.clone()).await.unwrap().body.is_gone());
    assert!(read(ended.id.clone()).await.unwrap().body.is_gone());
    scene.clock.advance(DAY * 400);
    scene.retain().await;
    assert!(!read(pending.id.clone()).await.unwrap().body.is_gone());
    assert!(read(ended.id.clone()).await.is_none());
    assert_eq!(scene.owed(endpoint).await, pending.deliveries);
    let scene = scene.crashed().await;
    assert_eq!(scene.owed(endpoint).await, pending.deliveries);
    scene
        .record(&org, pending.deliveries[0], 1, DeliveryState::Delivered)
        .await;
    scene.retain().await;
    let gone = scene.store().event(&org, &pending.id).await.unwrap();
    assert!(gone.is_none());
}

pub(super) async fn rows_past_their_days_are_gone<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.keeps(&org, 7, 30).await;
    let old = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, old, 1, DeliveryState::Delivered).await;
    scene.clock.advance(DAY * 30);
    let new = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.retain().await;
    assert_eq!(scene.event_count(&org).await, 2);
    scene.clock.advance(DAY);
    scene.retain().await;
    let mut scene = scene;
    for _ in 0..2 {
        assert_eq!(scene.event_count(&org).await, 1);
        let found = scene.store().delivery(&org, old).await.unwrap();
        assert!(found.is_none());
        assert_eq!(scene.state(&org, new).await, DeliveryState::Pending);
        scene = scene.crashed().await;
    }
}

pub(super) async fn rows_of_an_organization_that_keeps_them_longer_stay<F: Fixture>() {
    let scene = Scene::<F>::new();
    let short = scene.organization("northside").await;
    let long = scene.organization("southside").await;
    scene.keeps(&short, 1, 2).await;
    scene.keeps(&long, 1, 300).await;
    let mut accepted = Vec::new();
    for of in [&short, &long] {
        let endpoint = scene.endpoint(of).await;
        let mut new = scene.event(of, &[endpoint]);
        new.idempotency_key = Some("a".into());
        accepted.push(scene.accept(new).await.unwrap().deliveries[0]);
    }
    for (of, delivery) in [&short, &long].into_iter().zip(&accepted) {
        scene
            .record(of, *delivery, 1, DeliveryState::Delivered)
            .await;
    }
    scene.clock.advance(DAY * 10);
    scene.publish(&long, &[]).await;
    scene.retain().await;
    assert_eq!(scene.event_count(&short).await, 0);
    assert_eq!(scene.event_count(&long).await, 2);
    let gone = scene.store().delivery(&short, accepted[0]).await.unwrap();
    assert!(gone.is_none());
    assert_eq!(scene.attempts(&long, accepted[1]).await.len(), 1);
}

pub(super) async fn sequences_go_on_after_their_rows_are_gone<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.keeps(&org, 1, 2).await;
    for _ in 0..3 {
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
    }
    scene.clock.advance(DAY * 10);
    let newer = scene.publish(&org, &[]).await.id;
    scene.retain().await;
    assert_eq!(scene.event_count(&org).await, 1);
    let scene = scene.crashed().await;
    let accepted = scene.publish(&org, &[endpoint]).await;
    assert_ne!(accepted.id, newer);
    let delivery = scene.delivery(&org, accepted.deliveries[0]).await;
    assert_eq!(delivery.sequence, 4);
    assert_eq!(delivery.id.0.number(), 4);
}

pub(super) async fn an_owed_mail_keeps_its_delivery<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.keeps(&org, 1, 1).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let failure = AttemptRecord {
        notify: Notify::OnFailure,
        ..scene.result(&org, delivery, 1, DeliveryState::Failed)
    };
    scene.store().record(vec![failure]).await.unwrap();
    scene.clock.advance(DAY * 3);
    scene.publish(&org, &[]).await;
    scene.retain().await;
    let owed = scene.store().due_mails(Timestamp(i64::MAX), 9).await;
    let owed = owed.unwrap().mails;
    assert_eq!(owed.len(), 1);
    assert!(owed[0].failure.is_some());
    scene.store().end_mail(owed[0].about).await.unwrap();
    scene.retain().await;
    let gone = scene.store().delivery(&org, delivery).await.unwrap();
    assert!(gone.is_none());
}

pub(super) async fn a_report_past_its_days_is_listed_without_what_it_said<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let told = || body("{\"patient\":17}").data;
    let report = Report {
        endpoint,
        event_type: "patient.created".parse().unwrap(),
        posted_at: None,
        payload: told(),
        raw_message: told(),
        reported_by: "me".into(),
        retry_of: None,
    };
    let id = scene.store().report(&org, report).await.unwrap();
    let outcome = ReportedOutcome {
        success: true,
        status: Some(200),
        error: None,
        answer: Some(told()),
        at: scene.now(),
        reported_by: "me".into(),
    };
    let complete = || {
        let store = scene.store();
        store.complete_report(&org, endpoint, id, outcome.clone())
    };
    complete().await.unwrap();
    scene.clock.advance(DAY * 31);
    scene.retain().await;
    let again = complete().await;
    let refused = matches!(again, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(refused, "{again:?}");
    let query = ActivityQuery {
        take: 10,
        ..ActivityQuery::default()
    };
    let listed = scene.store().list_activities(&org, endpoint, &query).await;
    let listed = listed.unwrap();
    assert_eq!((listed.total, listed.items.len()), (1, 1));
    let ActivityOrigin::Report { report, outcome } = &listed.items[0].origin else {
        panic!("it was reported");
    };
    assert_eq!(&report.payload.bytes()[..], b"null");
    assert_eq!(&report.raw_message.bytes()[..], b"null");
    let outcome = outcome.as_ref().unwrap();
    assert!(outcome.success && outcome.answer.is_none());
}
