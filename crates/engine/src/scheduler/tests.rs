//! The scheduler against a simulated store and receivers, in virtual time.

mod world;

use std::time::Duration;

use carehook_core::{EndpointId, Timestamp};
use proptest::prelude::*;

use super::{Caps, SLOW_AFTER};
use world::{Behaviour, World};

const CAPS: Caps = Caps {
    in_flight: 32,
    slow: 64,
    per_host: 24,
    unrecorded: 64,
};

#[test]
fn everything_is_delivered_once_when_nothing_fails() {
    let mut world = World::new(1, CAPS);
    let endpoints: Vec<_> = (0..3)
        .map(|_| world.endpoint("a", Behaviour::Good))
        .collect();
    for n in 0..3_000 {
        world.publish(endpoints[n % 3]);
    }
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
    assert_eq!(world.attempts(), 3_000);
}

#[test]
fn a_backlog_from_before_the_start_is_found() {
    let mut world = World::new(2, CAPS);
    let endpoint = world.endpoint("a", Behaviour::Good);
    world.publish_unseen(endpoint, 5_000);
    world.restart();
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
    assert!(world.longest_page() <= 256, "memory holds the head only");
}

#[test]
fn a_hanging_endpoint_costs_the_others_nothing() {
    let time_of_healthy = |hanging: usize| {
        let mut world = World::new(3, CAPS);
        for _ in 0..hanging {
            let endpoint = world.endpoint("a", Behaviour::Hangs);
            (0..200).for_each(|_| world.publish(endpoint));
        }
        let healthy = world.endpoint("a", Behaviour::Good);
        (0..500).for_each(|_| world.publish(healthy));
        world.run_until(|world| world.pending_of(healthy) == 0);
        world.now()
    };
    let alone = time_of_healthy(0);
    let beside = time_of_healthy(10);
    let slower = beside.since(alone);
    // Each hanging endpoint holds its first four slots once, until they count as slow.
    assert!(slower <= SLOW_AFTER * 3, "{slower:?} later");
}

#[test]
fn a_flooding_organization_takes_only_its_turns() {
    let time_of_small = |flood: usize| {
        let mut world = World::new(4, CAPS);
        let floods: Vec<_> = (0..20)
            .map(|_| world.endpoint("big", Behaviour::Good))
            .collect();
        for n in 0..flood {
            world.publish(floods[n % 20]);
        }
        let small = world.endpoint("small", Behaviour::Good);
        (0..100).for_each(|_| world.publish(small));
        world.run_until(|world| world.pending_of(small) == 0);
        world.now().since(world.start_time())
    };
    let (alone, flooded) = (time_of_small(0), time_of_small(20_000));
    assert!(flooded < alone * 3, "alone {alone:?}, flooded {flooded:?}");
}

/// The world checks on every attempt that the host gets no more than its share.
#[test]
fn a_host_gets_no_more_than_its_share_and_other_hosts_do_not_wait_for_it() {
    let time_of_others = |together: usize| {
        let mut world = World::new(8, CAPS);
        let aimed: Vec<_> = (0..together)
            .map(|n| {
                let organization = ["a", "b", "c", "d"][n % 4];
                world.endpoint_at("victim", organization, Behaviour::Good)
            })
            .collect();
        for endpoint in &aimed {
            (0..200).for_each(|_| world.publish(*endpoint));
        }
        let other = world.endpoint("e", Behaviour::Good);
        (0..200).for_each(|_| world.publish(other));
        world.run_until(|world| world.pending_of(other) == 0);
        let took = world.now().since(world.start_time());
        world.run_until_idle();
        assert_eq!(
            world.pending(),
            0,
            "who waits for a host is served in the end"
        );
        took
    };
    let (alone, beside) = (time_of_others(0), time_of_others(40));
    assert!(beside < alone * 4, "alone {alone:?}, beside {beside:?}");
}

#[test]
fn a_dead_endpoint_gets_single_probes_and_its_backlog_when_it_is_back() {
    let mut world = World::new(5, CAPS);
    let endpoint = world.endpoint("a", Behaviour::Bad);
    (0..1_000).for_each(|_| world.publish(endpoint));
    let start = world.now();
    world.run_until(|world| world.now() >= start.plus(Duration::from_mins(10)));
    assert!(
        world.attempts() < 30,
        "{} attempts on a dead endpoint",
        world.attempts()
    );
    world.behave(endpoint, Behaviour::Good);
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
}

/// Starts the breaker of an endpoint with a backlog, and lets its pause grow.
fn left_alone(world: &mut World, behaviour: Behaviour) -> EndpointId {
    let endpoint = world.endpoint("a", behaviour);
    (0..300).for_each(|_| world.publish(endpoint));
    let start = world.now();
    world.run_until(|world| world.now() >= start.plus(Duration::from_mins(6)));
    endpoint
}

#[test]
fn a_test_is_the_probe_of_a_repaired_endpoint_and_the_waiting_follow() {
    for behaviour in [Behaviour::Bad, Behaviour::Hangs, Behaviour::Overloaded] {
        let mut world = World::new(10, CAPS);
        let endpoint = left_alone(&mut world, behaviour);
        world.behave(endpoint, Behaviour::Good);
        let (asked, before) = (world.now(), world.attempts());
        let test = world.publish_test(endpoint);
        world.run_until(|world| world.started_at(test).is_some());
        assert_eq!(world.now(), asked, "{behaviour:?}: at once");
        world.pass(Duration::from_secs(20));
        assert!(
            world.attempts() > before + 20,
            "{behaviour:?}: others follow"
        );
    }
}

#[test]
fn a_retry_by_hand_goes_at_once_however_many_wait_before_it() {
    let mut world = World::new(11, CAPS);
    let endpoint = left_alone(&mut world, Behaviour::Bad);
    let last = world.publish_test(endpoint);
    world.pass(Duration::from_secs(2));
    world.behave(endpoint, Behaviour::Good);
    let asked = world.now();
    world.retry(300);
    world.run_until(|world| world.started_at(last) == Some(asked));
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
}

#[test]
fn nobody_hammers_a_receiver_by_hand() {
    let mut world = World::new(12, CAPS);
    let endpoint = left_alone(&mut world, Behaviour::Bad);
    let before = world.attempts();
    for nth in 0..1_000 {
        world.retry(nth);
        world.pass(Duration::from_millis(10));
    }
    let more = world.attempts() - before;
    assert!((8..=14).contains(&more), "{more} attempts in ten seconds");
    world.behave(endpoint, Behaviour::Good);
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
}

/// The world gives the scheduler only what the record says, as a store does.
#[test]
fn what_is_made_due_again_while_its_result_is_written_is_not_forgotten() {
    for seed in 0..200 {
        let mut world = World::new(seed, CAPS);
        let endpoint = world.endpoint("a", Behaviour::Good);
        world.publish(endpoint);
        world.pass(Duration::from_millis(seed % 25));
        if seed % 2 == 0 {
            world.retry(0);
        } else {
            world.replay(0);
        }
        world.run_until_idle();
        assert_eq!(world.pending(), 0, "seed {seed}");
    }
}

#[test]
fn a_paused_endpoint_gets_nothing_until_it_is_active_again() {
    let mut world = World::new(6, CAPS);
    let endpoint = world.endpoint("a", Behaviour::Good);
    world.set_active(endpoint, false);
    (0..100).for_each(|_| world.publish(endpoint));
    world.run_until_idle();
    assert_eq!((world.attempts(), world.pending()), (0, 100));
    world.set_active(endpoint, true);
    world.run_until_idle();
    assert_eq!((world.attempts(), world.pending()), (100, 0));
}

/// The world checks that no delivery has two attempts at a time.
#[test]
fn a_delivery_that_is_made_due_again_while_it_waits_is_attempted_once() {
    let mut world = World::new(9, CAPS);
    let endpoint = world.endpoint("a", Behaviour::Good);
    (0..40).for_each(|_| world.publish(endpoint));
    for nth in 0..40 {
        world.pass(Duration::from_millis(1));
        world.retry(39 - nth);
    }
    world.run_until_idle();
    assert_eq!(world.pending(), 0);
}

#[test]
fn idle_lanes_ask_for_no_time() {
    let mut world = World::new(7, CAPS);
    let endpoint = world.endpoint("a", Behaviour::Good);
    world.publish(endpoint);
    world.run_until_idle();
    assert_eq!(world.next_wake(), None::<Timestamp>);
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    prop_oneof![
        3 => Just(Behaviour::Good),
        2 => Just(Behaviour::Flaky),
        1 => Just(Behaviour::Overloaded),
        1 => Just(Behaviour::Hangs),
    ]
}

/// What happens to a world from outside.
#[derive(Clone, Debug)]
enum Happening {
    Publish(usize, usize),
    Unseen(usize, usize),
    Pause(usize),
    Resume(usize),
    Retry(usize),
    Replay(usize),
    Test(usize),
    Cancel(usize),
    Restart,
    Pass(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0usize..5, 1usize..120).prop_map(|(e, n)| Happening::Publish(e, n)),
        2 => (0usize..5, 1usize..120).prop_map(|(e, n)| Happening::Unseen(e, n)),
        1 => (0usize..5).prop_map(Happening::Pause),
        1 => (0usize..5).prop_map(Happening::Resume),
        1 => any::<usize>().prop_map(Happening::Retry),
        1 => any::<usize>().prop_map(Happening::Replay),
        1 => (0usize..5).prop_map(Happening::Test),
        1 => any::<usize>().prop_map(Happening::Cancel),
        1 => Just(Happening::Restart),
        4 => (0u64..20_000).prop_map(Happening::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The world checks on every step that no attempt is early, doubled or beyond the window; at
    /// the end nothing that an active endpoint is owed may be forgotten.
    #[test]
    fn whatever_happens_nothing_is_forgotten_early_or_doubled(
        seed: u64,
        behaviours in prop::collection::vec(behaviour(), 5),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let (mut world, endpoints) = world_of(seed, &behaviours);
        for happening in happenings {
            happen(&mut world, &endpoints, &happening);
        }
        for endpoint in endpoints {
            world.behave(endpoint, Behaviour::Good);
            world.set_active(endpoint, true);
        }
        world.run_until_idle();
        prop_assert_eq!(world.pending(), 0);
    }

    /// What is in flight may hang until its deadline, and tests from before may go first.
    #[test]
    fn whatever_happened_a_test_goes_out_soon_after_the_repair(
        seed: u64,
        behaviours in prop::collection::vec(behaviour(), 5),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let (mut world, endpoints) = world_of(seed, &behaviours);
        let is_about_now = |one: &Happening| !matches!(one, Happening::Pause(_));
        for happening in happenings.iter().filter(|one| is_about_now(one)) {
            happen(&mut world, &endpoints, happening);
        }
        for endpoint in &endpoints {
            world.behave(*endpoint, Behaviour::Good);
        }
        world.pass(Duration::from_secs(32));
        let test = world.publish_test(endpoints[0]);
        let asked = world.now();
        world.run_until(|world| world.started_at(test).is_some());
        let waited = world.now().since(asked);
        prop_assert!(waited <= Duration::from_secs(1), "waited {waited:?}");
    }
}

fn world_of(seed: u64, behaviours: &[Behaviour]) -> (World, Vec<EndpointId>) {
    let mut world = World::new(seed, CAPS);
    let endpoints = behaviours.iter().enumerate().map(|(n, b)| {
        let organization = if n < 3 { "a" } else { "b" };
        let host = if n % 2 == 0 { "one" } else { "another" };
        world.endpoint_at(host, organization, *b)
    });
    let endpoints = endpoints.collect();
    (world, endpoints)
}

fn happen(world: &mut World, endpoints: &[EndpointId], happening: &Happening) {
    match *happening {
        Happening::Publish(e, n) => (0..n).for_each(|_| world.publish(endpoints[e])),
        Happening::Unseen(e, n) => world.publish_missed(endpoints[e], n),
        Happening::Pause(e) => world.set_active(endpoints[e], false),
        Happening::Resume(e) => world.set_active(endpoints[e], true),
        Happening::Retry(n) => world.retry(n),
        Happening::Replay(n) => world.replay(n),
        Happening::Test(e) => {
            world.publish_test(endpoints[e]);
        }
        Happening::Cancel(n) => world.cancel(n),
        Happening::Restart => world.restart(),
        Happening::Pass(ms) => world.pass(Duration::from_millis(ms)),
    }
}
