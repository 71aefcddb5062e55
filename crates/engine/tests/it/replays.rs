//! Replays go by themselves: as fast as the endpoint takes them, and on after a kill.

use std::collections::HashSet;
use std::time::Duration;

use carehook_core::{
    DeliveryState, EndpointId, RecordId, Replay, ReplayFilter, ReplayId, ReplayOf, ReplayState,
    Trigger,
};
use carehook_store::NewReplay;
use carehook_testkit::{Answer, Receiver};
use tokio::time::timeout;

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a replay; `number` names it.
async fn replay(world: &World, endpoint: EndpointId, of: ReplayOf, number: u64) -> ReplayId {
    let new = NewReplay {
        id: ReplayId(RecordId::new(world.clock.now().0, number, 0)),
        endpoint,
        filter: ReplayFilter {
            of,
            types: Vec::new(),
            since: None,
            until: None,
            reason: None,
        },
        dry_run: false,
    };
    let made = world.store.create_replay(world.organization(), new).await;
    made.expect("no other one is running").id
}

async fn until(world: &World, id: ReplayId, wanted: impl Fn(&Replay) -> bool) -> Replay {
    let reached = timeout(PATIENCE, async {
        loop {
            let found = world.store.replay(world.organization(), id).await;
            let found = found.expect("the store can be read");
            let replay = found.expect("it was made");
            if wanted(&replay) {
                return replay;
            }
            tokio::task::yield_now().await;
        }
    });
    reached.await.expect("the replay gets there")
}

#[tokio::test]
async fn what_failed_is_sent_again_with_the_same_id() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.always(Answer::status(410));
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    world.until_state(delivery, DeliveryState::Failed).await;
    world
        .until_endpoint(endpoint, |endpoint| !endpoint.active)
        .await;
    let healed = Receiver::start().await;
    let id = replay(&world, endpoint, ReplayOf::Failed, 1).await;
    until(&world, id, |replay| replay.counts.counted == 1).await;
    let mut changed = (*world.store.any_endpoint(endpoint).unwrap()).clone();
    changed.url = healed.url();
    changed.active = true;
    world.store.replace_endpoint(changed).await.unwrap();
    world.wake();
    let done = until(&world, id, |replay| replay.state == ReplayState::Done).await;
    assert_eq!((done.counts.due, done.counts.sent), (1, 1));
    let (delivery, attempts) = world.delivery(delivery).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let triggers: Vec<_> = attempts.iter().map(|attempt| attempt.trigger).collect();
    assert_eq!(triggers, [Trigger::Schedule, Trigger::Replay]);
    let received = healed.requests();
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].headers["webhook-id"].to_str().unwrap(),
        delivery.event_id.to_string()
    );
}

#[tokio::test]
async fn a_restart_in_the_middle_sends_everything_once() {
    const EVENTS: usize = 600;
    let mut world = World::start().await;
    let nobody = world.endpoint("http://127.0.0.1:9/").await;
    world.set_active(nobody, false).await;
    for _ in 0..EVENTS {
        world.publish(nobody).await;
    }
    let receiver = Receiver::start().await;
    let endpoint = world.endpoint(&receiver.url()).await;
    let id = replay(&world, endpoint, ReplayOf::Missing, 1).await;
    let begun = until(&world, id, |replay| replay.counts.sent > 100).await;
    assert_eq!(begun.counts.counted, EVENTS as u64);
    world.restart().await;
    let done = until(&world, id, |replay| replay.state == ReplayState::Done).await;
    let counts = (done.counts.counted, done.counts.due, done.counts.sent);
    assert_eq!(counts, (EVENTS as u64, EVENTS as u64, EVENTS as u64));
    let requests = receiver.requests();
    let ids = requests
        .iter()
        .map(|request| &request.headers["webhook-id"]);
    let ids: HashSet<_> = ids.collect();
    assert_eq!((ids.len(), requests.len()), (EVENTS, EVENTS));
}

#[tokio::test]
async fn a_stopped_replay_makes_nothing_more_due() {
    let mut world = World::start().await;
    let first = Receiver::start().await;
    let all = world.endpoint(&first.url()).await;
    for _ in 0..300 {
        world.publish(all).await;
    }
    let endpoint = world.endpoint(&first.url()).await;
    world.set_active(endpoint, false).await;
    let id = replay(&world, endpoint, ReplayOf::Missing, 1).await;
    until(&world, id, |replay| replay.counts.counted == 300).await;
    let stopped = world.store.stop_replay(world.organization(), id).await;
    assert_eq!(stopped.unwrap().state, ReplayState::Stopped);
    world.set_active(endpoint, true).await;
    // It has nothing to do, and is done after those before it.
    let next = replay(&world, endpoint, ReplayOf::Failed, 2).await;
    until(&world, next, |replay| replay.state == ReplayState::Done).await;
    let stopped = until(&world, id, |_| true).await;
    assert_eq!((stopped.counts.counted, stopped.counts.due), (300, 0));
}
