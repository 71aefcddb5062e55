//! Laws of replays: each delivery that is meant becomes due once, whenever the process dies, and the
//! counts are exact.

use carehook_core::{
    DeliveryState, DisabledReason, EndpointId, OrganizationId, Reason, RecordId, Replay,
    ReplayCounts, ReplayFilter, ReplayId, ReplayOf, ReplayState, Trigger,
};

use super::Fixture;
use super::scene::{DAY, Scene, endpoint};
use crate::{
    Accepted, DeliveryFilter, NewReplay, Notify, PageRequest, ReplayStep, Store, StoreError,
};

pub(super) const PAGE: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

pub(crate) fn everything(of: ReplayOf) -> ReplayFilter {
    ReplayFilter {
        of,
        types: Vec::new(),
        since: None,
        until: None,
        reason: None,
    }
}

impl<F: Fixture> Scene<F> {
    /// A new replay; `number` names it.
    pub(crate) async fn replay_with(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        filter: ReplayFilter,
        number: u64,
    ) -> Result<ReplayId, StoreError> {
        let new = NewReplay {
            id: ReplayId(RecordId::new(self.now().0, number, 0)),
            endpoint,
            filter,
            dry_run: false,
        };
        let made = self.store().create_replay(of, new).await?;
        assert_eq!(made.state, ReplayState::Running);
        assert_eq!(made.counts, ReplayCounts::default());
        Ok(made.id)
    }

    pub(super) async fn start_replay(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        what: ReplayOf,
    ) -> ReplayId {
        let filter = everything(what);
        self.replay_with(of, endpoint, filter, 1).await.unwrap()
    }

    /// Works off the oldest open replay until it waits or ends.
    pub(crate) async fn work_off_replay(&self) -> ReplayStep {
        let open = self.store().open_replays().await.unwrap();
        let mut at = open[0].position();
        loop {
            match self.store().step_replay(&open[0], at).await.unwrap() {
                ReplayStep::On(next) => at = next,
                end => return end,
            }
        }
    }

    pub(crate) async fn stored_replay(&self, of: &OrganizationId, id: ReplayId) -> Replay {
        self.store().replay(of, id).await.unwrap().unwrap()
    }

    pub(super) async fn publish_ended(
        &self,
        of: &OrganizationId,
        to: EndpointId,
        state: DeliveryState,
    ) -> Accepted {
        let accepted = self.publish(of, &[to]).await;
        self.record(of, accepted.deliveries[0], 1, state).await;
        accepted
    }
}

pub(super) async fn failed_deliveries_become_due_once_more<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (to, other) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let failed = scene.publish_ended(&org, to, DeliveryState::Failed).await;
    scene
        .publish_ended(&org, to, DeliveryState::Delivered)
        .await;
    scene
        .publish_ended(&org, other, DeliveryState::Failed)
        .await;
    scene.clock.advance(DAY);
    let pending = scene.publish(&org, &[to]).await.deliveries[0];
    let id = scene.start_replay(&org, to, ReplayOf::Failed).await;
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let failed = failed.deliveries[0];
    let mut owed = scene.owed(to).await;
    owed.sort_unstable();
    assert_eq!(owed, [failed, pending]);
    let page = scene.store().page(to, None, scene.now(), 10).await.unwrap();
    let due = page.deliveries.iter().find(|due| due.id == failed).unwrap();
    assert_eq!((due.trigger, due.notify), (Trigger::Replay, Notify::Never));
    assert_eq!((due.attempt_count, due.failed_in_round), (1, 0));
    let counts = ReplayCounts {
        counted: 1,
        due: 1,
        ..ReplayCounts::default()
    };
    assert_eq!(scene.stored_replay(&org, id).await.counts, counts);
    scene.record(&org, failed, 2, DeliveryState::Failed).await;
    let failed = ReplayCounts {
        failed: 1,
        ..counts
    };
    assert_eq!(scene.stored_replay(&org, id).await.counts, failed);
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let done = scene.stored_replay(&org, id).await;
    assert_eq!((done.state, done.counts), (ReplayState::Done, failed));
    assert_eq!(done.completed_at, Some(scene.now()));
    assert!(scene.store().open_replays().await.unwrap().is_empty());
    assert_eq!(scene.owed(to).await, [pending]);
}

pub(super) async fn a_replay_may_be_about_what_failed_for_one_reason<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let exhausted = scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let waited = scene.publish(&org, &[to]).await.deliveries[0];
    let gone = DisabledReason::Gone;
    let disabled = scene.store().disable_endpoint(to, gone, scene.now()).await;
    disabled.unwrap();
    set_active(&scene, to, true).await;
    let filter = ReplayFilter {
        reason: Some(Reason::EndpointGone),
        ..everything(ReplayOf::Failed)
    };
    let id = scene
        .replay_with(&org, to, filter.clone(), 1)
        .await
        .unwrap();
    let scene = scene.crashed().await;
    assert_eq!(scene.stored_replay(&org, id).await.filter, filter);
    scene.work_off_replay().await;
    assert_eq!(scene.owed(to).await, [waited]);
    let other = scene.state(&org, exhausted.deliveries[0]).await;
    assert_eq!(other, DeliveryState::Failed);
}

pub(super) async fn events_that_an_endpoint_was_never_owed_get_a_delivery<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let first = scene.endpoint(&org).await;
    let before = scene.publish(&org, &[first]).await;
    let mut test = scene.event(&org, &[first]);
    test.trigger = Trigger::Test;
    scene.accept(test).await.unwrap();
    scene.clock.advance(DAY);
    let late = scene.endpoint(&org).await;
    let unwanted = scene.publish(&org, &[]).await;
    let owed = scene.publish(&org, &[first, late]).await;
    let id = scene.start_replay(&org, late, ReplayOf::Missing).await;
    scene.clock.advance(DAY);
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let mut listed = Vec::new();
    for event in [&before.id, &unwanted.id] {
        let filter = DeliveryFilter {
            event: Some(event.clone()),
            ..DeliveryFilter::default()
        };
        let found = scene.store().list_deliveries(&org, &filter, PAGE).await;
        let found = found.unwrap().items.into_iter();
        let to_late = found.filter(|delivery| delivery.endpoint_id == late);
        let [added]: [_; 1] = to_late.collect::<Vec<_>>().try_into().unwrap();
        let read = scene.store().event(&org, event).await.unwrap().unwrap();
        assert_eq!(added.created_at, read.created_at);
        assert_eq!(added.state, DeliveryState::Pending);
        assert_eq!(scene.state(&org, added.id).await, DeliveryState::Pending);
        listed.push(added);
    }
    let sequences: Vec<_> = listed.iter().map(|added| added.sequence).collect();
    assert_eq!(sequences, [2, 3], "after the one that it was owed");
    let ids = [owed.deliveries[1], listed[0].id, listed[1].id];
    assert_eq!(scene.owed(late).await, ids);
    let again = scene.publish(&org, &[late]).await.deliveries[0];
    assert_eq!(scene.delivery(&org, again).await.sequence, 4);
    for added in &listed {
        scene
            .record(&org, added.id, 1, DeliveryState::Delivered)
            .await;
    }
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let done = scene.stored_replay(&org, id).await;
    let counts = (done.counts.counted, done.counts.sent);
    assert_eq!((done.state, counts), (ReplayState::Done, (2, 2)));
}

pub(super) async fn added_deliveries_and_their_numbers_survive_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    scene.publish(&org, &[]).await;
    scene.publish(&org, &[]).await;
    scene.clock.advance(DAY);
    let late = scene.endpoint(&org).await;
    scene.publish(&org, &[late]).await;
    scene.start_replay(&org, late, ReplayOf::Missing).await;
    scene.work_off_replay().await;
    let scene = scene.crashed().await;
    let next = scene.publish(&org, &[late]).await.deliveries[0];
    assert_eq!(scene.delivery(&org, next).await.sequence, 4);
    let filter = DeliveryFilter {
        endpoint: Some(late),
        ..DeliveryFilter::default()
    };
    let listed = scene.store().list_deliveries(&org, &filter, PAGE).await;
    let mut sequences: Vec<_> = listed.unwrap().items.iter().map(|d| d.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, [1, 2, 3, 4]);
    // The list of the organization joins without gaps, the added ones among their events.
    let whole = DeliveryFilter::default();
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 1, after };
        let page = scene
            .store()
            .list_deliveries(&org, &whole, page)
            .await
            .unwrap();
        ids.extend(page.items.iter().map(|delivery| delivery.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

pub(super) async fn a_replay_of_all_leaves_out_what_is_pending_or_called_off<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let failed = scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let delivered = scene
        .publish_ended(&org, to, DeliveryState::Delivered)
        .await;
    let pending = scene.publish_ended(&org, to, DeliveryState::Pending).await;
    let cancelled = scene.publish(&org, &[to]).await.deliveries[0];
    let now = scene.now();
    let called_off = scene.store().cancel_delivery(&org, cancelled, now).await;
    called_off.unwrap();
    scene.publish(&org, &[]).await;
    let id = scene.start_replay(&org, to, ReplayOf::All).await;
    scene.work_off_replay().await;
    assert_eq!(scene.stored_replay(&org, id).await.counts.due, 3);
    let owed = scene.owed(to).await;
    assert_eq!(owed[..2], [failed.deliveries[0], delivered.deliveries[0]]);
    assert_eq!(owed.len(), 3, "and one that was missing");
    let pending = scene.delivery(&org, pending.deliveries[0]).await;
    assert!(pending.next_attempt_at > Some(scene.now()), "it waits on");
    assert_eq!(scene.state(&org, cancelled).await, DeliveryState::Cancelled);
}

pub(super) async fn a_crash_at_any_step_makes_nothing_due_twice<F: Fixture>() {
    let mut crash_after = 0;
    loop {
        let mut scene = Scene::<F>::new();
        let org = scene.organization("northside").await;
        let to = scene.endpoint(&org).await;
        let mut all = Vec::new();
        for state in [DeliveryState::Failed, DeliveryState::Delivered] {
            all.push(scene.publish_ended(&org, to, state).await.deliveries[0]);
            scene.clock.advance(DAY);
        }
        scene.publish(&org, &[]).await;
        let id = scene.start_replay(&org, to, ReplayOf::All).await;
        let (mut steps, mut ended) = (0, false);
        let mut open = scene.store().open_replays().await.unwrap();
        let mut at = open[0].position();
        while !ended {
            match scene.store().step_replay(&open[0], at).await.unwrap() {
                ReplayStep::On(next) => at = next,
                ReplayStep::Ended => ended = true,
                // The receiver takes everything that is due.
                ReplayStep::Wait => {
                    for due in scene.owed(to).await {
                        let number = scene.delivery(&org, due).await.attempt_count + 1;
                        let delivered = DeliveryState::Delivered;
                        scene.record(&org, due, number, delivered).await;
                    }
                }
            }
            if steps == crash_after && !ended {
                scene = scene.crashed().await;
                open = scene.store().open_replays().await.unwrap();
                at = open[0].position();
            }
            steps += 1;
        }
        for delivery in all {
            assert_eq!(scene.delivery(&org, delivery).await.attempt_count, 2);
        }
        let counts = scene.stored_replay(&org, id).await.counts;
        assert_eq!((counts.counted, counts.due, counts.sent), (3, 3, 3));
        let scene = scene.crashed().await;
        assert_eq!(scene.stored_replay(&org, id).await.counts, counts);
        if steps <= crash_after {
            return;
        }
        crash_after += 1;
    }
}

pub(super) async fn no_more_is_due_than_the_endpoint_takes<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let bound = Store::REPLAYED_AT_ONCE;
    let events = (0..bound + 10).map(|_| scene.event(&org, &[])).collect();
    for accepted in scene.store().accept(events).await {
        accepted.unwrap();
    }
    let id = scene.start_replay(&org, to, ReplayOf::Missing).await;
    set_active(&scene, to, false).await;
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    assert!(scene.owed(to).await.is_empty(), "it is paused");
    set_active(&scene, to, true).await;
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!(counts.counted, bound as u64 + 10);
    assert_eq!(counts.due, bound as u64);
    let owed = scene.owed(to).await;
    assert_eq!(owed.len(), bound);
    let delivered = |delivery| scene.result(&org, delivery, 1, DeliveryState::Delivered);
    let results = owed.into_iter().map(delivered).collect();
    scene.store().record(results).await.unwrap();
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!((counts.due, counts.sent), (bound as u64 + 10, bound as u64));
}

pub(super) async fn what_waits_for_its_retry_does_not_hold_a_replay_up<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let bound = Store::REPLAYED_AT_ONCE;
    let events = (0..bound + 10).map(|_| scene.event(&org, &[])).collect();
    for accepted in scene.store().accept(events).await {
        accepted.unwrap();
    }
    let id = scene.start_replay(&org, to, ReplayOf::Missing).await;
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let owed = scene.owed(to).await;
    assert_eq!(owed.len(), bound);
    let refused = |delivery| scene.result(&org, delivery, 1, DeliveryState::Pending);
    let results = owed.into_iter().map(refused).collect();
    scene.store().record(results).await.unwrap();
    assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!((counts.due, counts.failed), (bound as u64 + 10, 0));
}

async fn set_active<F: Fixture>(scene: &Scene<F>, id: EndpointId, active: bool) {
    let mut changed = (*scene.store().any_endpoint(id).unwrap()).clone();
    changed.active = active;
    scene.store().replace_endpoint(changed).await.unwrap();
}

pub(super) async fn a_replay_is_about_types_modes_and_a_span_of_time<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let mut wanted = Vec::new();
    for (day, event_type) in [
        "visit.created",
        "patient.created",
        "patient.created",
        "patient.updated",
    ]
    .into_iter()
    .enumerate()
    {
        let mut new = scene.event(&org, &[]);
        new.event.event_type = event_type.parse().unwrap();
        if day == 1 {
            wanted.push(scene.now());
        }
        scene.accept(new).await.unwrap();
        scene.clock.advance(DAY);
    }
    let mut test = scene.event(&org, &[]);
    test.event.mode = carehook_core::Mode::Test;
    scene.accept(test).await.unwrap();
    let filter = ReplayFilter {
        types: vec!["patient.*".parse().unwrap()],
        since: Some(wanted[0]),
        until: Some(wanted[0].plus(DAY)),
        ..everything(ReplayOf::Missing)
    };
    let id = scene.replay_with(&org, to, filter, 1).await.unwrap();
    scene.work_off_replay().await;
    assert_eq!(scene.stored_replay(&org, id).await.counts.due, 1);
    let owed = scene.owed(to).await;
    assert_eq!(scene.delivery(&org, owed[0]).await.created_at, wanted[0]);
    scene
        .record(&org, owed[0], 1, DeliveryState::Delivered)
        .await;
    scene.work_off_replay().await;
    // An endpoint of a part of the organization wants its events only.
    let mut of_account = endpoint(&org, scene.now());
    of_account.account = Some("ward-2".parse().unwrap());
    let made = scene.store().create_endpoint(of_account, 10).await.unwrap();
    let filter = everything(ReplayOf::Missing);
    let id = scene.replay_with(&org, made.id, filter, 2).await.unwrap();
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    assert_eq!(scene.stored_replay(&org, id).await.counts.counted, 0);
}
