//! Laws of erasures: what is about a subject goes, everywhere, and nothing else does.

use bytes::Bytes;
use carehook_core::{
    DeliveryState, EndpointId, ErasureCounts, ErasureId, ErasureState, EventId, OrganizationId,
    Reason, RecordId,
};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene};
use crate::{
    ErasurePosition, ErasureStep, EventFilter, NewEvent, Notify, PageRequest, Refusal, RequestKey,
    RequestStart, StoreError, StoredAnswer,
};

pub(crate) const SUBJECT: &str = "patient/17";

impl<F: Fixture> Scene<F> {
    pub(crate) fn event_about(
        &self,
        subject: &str,
        of: &OrganizationId,
        to: &[EndpointId],
    ) -> NewEvent {
        let mut new = self.event(of, to);
        new.event.body.subject = Some(subject.into());
        new
    }

    pub(crate) async fn create_erasure(&self, of: &OrganizationId, number: u64) -> ErasureId {
        let id = ErasureId(RecordId::new(self.now().0, number, 0));
        let made = self.store().create_erasure(of, id, SUBJECT).await.unwrap();
        assert_eq!(made.state, ErasureState::Running);
        id
    }

    /// Works off all jobs; how many steps it took.
    pub(crate) async fn work_off_erasures(&self) -> usize {
        let mut steps = 0;
        while let Some(job) = self.store().running_erasure().await.unwrap() {
            let mut at = ErasurePosition::start();
            loop {
                steps += 1;
                match self.store().erase(&job, at).await.unwrap() {
                    ErasureStep::On(next) => at = next,
                    ErasureStep::Wait => panic!("nobody reads"),
                    ErasureStep::Ended => break,
                }
            }
        }
        steps
    }

    async fn erase(&self, of: &OrganizationId) -> ErasureCounts {
        let id = self.create_erasure(of, 1).await;
        self.work_off_erasures().await;
        let done = self.store().erasure(of, id).await.unwrap().unwrap();
        assert_eq!(done.state, ErasureState::Done);
        assert!(done.completed_at.is_some());
        done.counts
    }
}

pub(super) async fn an_erased_event_is_listed_without_what_it_said<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut new = scene.event_about(SUBJECT, &org, &[endpoint]);
    new.event.body.ordering_key = Some("17".into());
    new.idempotency_key = Some("a".into());
    let accepted = scene.accept(new).await.unwrap();
    let delivery = accepted.deliveries[0];
    scene
        .record(&org, delivery, 1, DeliveryState::Delivered)
        .await;
    let counts = scene.erase(&org).await;
    let expected = ErasureCounts {
        events: 1,
        answers: 1,
        idempotency_keys: 1,
        ..ErasureCounts::default()
    };
    assert_eq!(counts, expected);
    let scene = scene.crashed().await;
    let read = scene.store().event(&org, &accepted.id).await.unwrap();
    let read = read.unwrap();
    assert!(read.body.is_gone());
    assert_eq!(read.body.subject, None);
    assert_eq!(read.body.ordering_key, None);
    assert_eq!(read.event_type.as_str(), "appointment.created");
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let filter = EventFilter::default();
    let listed = scene
        .store()
        .list_events(&org, &filter, page)
        .await
        .unwrap();
    assert!(listed.items[0].body.is_gone());
    assert_eq!(scene.state(&org, delivery).await, DeliveryState::Delivered);
    let attempts = scene.attempts(&org, delivery).await;
    assert_eq!(attempts.len(), 1);
    assert!(attempts[0].answer.is_empty());
}

pub(super) async fn what_is_pending_about_an_erased_subject_is_cancelled<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let about = || scene.event_about(SUBJECT, &org, &[endpoint]);
    let old = scene.accept(about()).await.unwrap().deliveries[0];
    scene.record(&org, old, 1, DeliveryState::Pending).await;
    scene.clock.advance(DAY);
    let new = scene.accept(about()).await.unwrap().deliveries[0];
    scene.clock.advance(HOUR);
    scene.store().next_hints().await;
    let counts = scene.erase(&org).await;
    assert_eq!((counts.events, counts.deliveries), (2, 2));
    for delivery in [old, new] {
        let cancelled = scene.delivery(&org, delivery).await;
        assert_eq!(cancelled.state, DeliveryState::Cancelled);
        assert_eq!(cancelled.reason, Some(Reason::Erased));
        assert_eq!(cancelled.completed_at, Some(scene.now()));
    }
    assert!(scene.owed(endpoint).await.is_empty());
    let mut withdrawn = scene.store().next_hints().await.withdrawn;
    withdrawn.sort_unstable();
    assert_eq!(withdrawn, [(endpoint, old), (endpoint, new)]);
}

pub(super) async fn a_late_result_of_an_erased_event_brings_no_answer_back<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let new = scene.event_about(SUBJECT, &org, &[endpoint]);
    let delivery = scene.accept(new).await.unwrap().deliveries[0];
    let mut late = scene.result(&org, delivery, 1, DeliveryState::Delivered);
    late.attempt.answer = Bytes::from_static(b"all about patient/17");
    scene.erase(&org).await;
    scene.store().record(vec![late]).await.unwrap();
    assert_eq!(scene.state(&org, delivery).await, DeliveryState::Cancelled);
    let attempts = scene.attempts(&org, delivery).await;
    assert_eq!(attempts.len(), 1, "that it was made is kept");
    assert!(attempts[0].answer.is_empty());
}

pub(super) async fn an_erased_event_cannot_be_sent_again<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let new = scene.event_about(SUBJECT, &org, &[endpoint]);
    let delivery = scene.accept(new).await.unwrap().deliveries[0];
    scene.erase(&org).await;
    let retried = scene
        .store()
        .retry_delivery(&org, delivery, Notify::OnFailure, scene.now())
        .await;
    let refused = matches!(retried, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(refused, "{retried:?}");
    assert!(scene.owed(endpoint).await.is_empty());
}

pub(super) async fn an_erased_event_with_a_given_id_keeps_its_id<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let given = || {
        let mut new = scene.event_about(SUBJECT, &org, &[]);
        new.event.id = EventId::Given("order-1".into());
        new.idempotency_key = Some("a".into());
        new
    };
    let accepted = scene.accept(given()).await.unwrap();
    scene.erase(&org).await;
    let read = scene.store().event(&org, &accepted.id).await.unwrap();
    assert!(read.unwrap().body.is_gone());
    // A publisher that repeats itself does not bring it back.
    let again = scene.accept(given()).await;
    let refused = matches!(again, Err(StoreError::Refused(Refusal::KeyReused)));
    assert!(refused, "{again:?}");
}

pub(super) async fn other_subjects_organizations_and_later_events_are_not_touched<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (ours, theirs) = (scene.endpoint(&org).await, scene.endpoint(&other).await);
    let mut kept = Vec::new();
    for (subject, of, to) in [
        ("patient/1", &org, ours),
        ("patient/17", &other, theirs),
        ("PATIENT/17", &org, ours),
    ] {
        let accepted = scene.accept(scene.event_about(subject, of, &[to])).await;
        kept.push((of, accepted.unwrap()));
    }
    let key = |organization: &OrganizationId| RequestKey {
        caller: format!("organization {organization}").into(),
        key: "a".into(),
        organization: Some(organization.clone()),
    };
    for of in [&org, &other] {
        let (store, now) = (scene.store(), scene.now());
        store.start_request(key(of), [0; 32], now).await.unwrap();
        let answer = StoredAnswer {
            status: 200,
            body: "patient/17".into(),
        };
        store.finish_request(key(of), answer).await.unwrap();
    }
    scene.create_erasure(&org, 1).await;
    scene.clock.advance(HOUR);
    let later = scene
        .accept(scene.event_about(SUBJECT, &org, &[ours]))
        .await;
    kept.push((&org, later.unwrap()));
    scene.work_off_erasures().await;
    for (of, accepted) in kept {
        let read = scene.store().event(of, &accepted.id).await.unwrap();
        assert!(!read.unwrap().body.is_gone());
        let state = scene.state(of, accepted.deliveries[0]).await;
        assert_eq!(state, DeliveryState::Pending);
    }
    let (store, now) = (scene.store(), scene.now());
    let ours = store.start_request(key(&org), [0; 32], now).await.unwrap();
    assert_eq!(ours, RequestStart::New);
    let theirs = store
        .start_request(key(&other), [0; 32], now)
        .await
        .unwrap();
    assert!(matches!(theirs, RequestStart::Answered(_)));
}

pub(super) async fn an_erasure_goes_on_after_a_crash_and_ends_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let mut accepted = Vec::new();
    for _ in 0..120 {
        let new = scene.event_about(SUBJECT, &org, &[]);
        accepted.push(scene.accept(new).await.unwrap().id);
    }
    let id = scene.create_erasure(&org, 1).await;
    let job = scene.store().running_erasure().await.unwrap().unwrap();
    let first = scene.store().erase(&job, ErasurePosition::start()).await;
    assert!(matches!(first.unwrap(), ErasureStep::On(_)));
    let scene = scene.crashed().await;
    let half = scene.store().erasure(&org, id).await.unwrap().unwrap();
    assert_eq!(half.state, ErasureState::Running);
    assert!((1..120).contains(&half.counts.events), "{half:?}");
    scene.work_off_erasures().await;
    let scene = scene.crashed().await;
    let done = scene.store().erasure(&org, id).await.unwrap().unwrap();
    assert_eq!((done.state, done.counts.events), (ErasureState::Done, 120));
    for id in accepted {
        let read = scene.store().event(&org, &id).await.unwrap().unwrap();
        assert!(read.body.is_gone());
    }
    assert_eq!(scene.work_off_erasures().await, 0);
    let failed = scene.store().fail_erasure(id, scene.now()).await;
    failed.unwrap();
    let still = scene.store().erasure(&org, id).await.unwrap().unwrap();
    assert_eq!(still.state, ErasureState::Done);
}

pub(super) async fn erasures_are_listed_newest_first<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let mut made = Vec::new();
    for number in 1..=5 {
        made.insert(0, scene.create_erasure(&org, number).await);
    }
    let theirs = scene.create_erasure(&other, 6).await;
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = PageRequest { limit: 2, after };
        let page = scene.store().list_erasures(&org, page).await.unwrap();
        listed.extend(page.items.into_iter().map(|erasure| erasure.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
    assert_eq!(scene.store().erasure(&org, theirs).await.unwrap(), None);
}
