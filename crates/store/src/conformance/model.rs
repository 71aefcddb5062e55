//! Random work against a small model in memory: states, sequences, keys, pages and lists agree.

mod check;
mod world;

use carehook_core::DeliveryState;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Fixture;
use super::scene::HOUR;
use world::World;

/// One thing that somebody does. Numbers pick among what there is, wrapping around.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Publish(Vec<Publish>),
    Record(usize, DeliveryState),
    RecordAgain(usize),
    Retry(usize),
    Cancel(usize),
    Delete(usize),
    Disable(usize),
    Enable(usize),
    AddEndpoint(usize),
    Wait(u32),
    Crash,
    Reopen,
}

#[derive(Clone, Debug)]
pub(super) struct Publish {
    organization: usize,
    to: Vec<usize>,
    key: Option<u8>,
    given: Option<u8>,
    data: u8,
}

fn publish() -> impl Strategy<Value = Publish> {
    let names = || proptest::option::weighted(0.3, 0..4u8);
    let to = proptest::collection::vec(0..8usize, 0..4);
    (0..2usize, to, names(), names(), 0..2u8).prop_map(|(organization, to, key, given, data)| {
        Publish {
            organization,
            to,
            key,
            given,
            data,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        3 => Just(DeliveryState::Pending),
        2 => Just(DeliveryState::Delivered),
        1 => Just(DeliveryState::Failed),
    ];
    let any = 0..1_000usize;
    prop_oneof![
        8 => proptest::collection::vec(publish(), 1..4).prop_map(Step::Publish),
        8 => (any.clone(), state).prop_map(|(pick, state)| Step::Record(pick, state)),
        2 => any.clone().prop_map(Step::RecordAgain),
        3 => any.clone().prop_map(Step::Retry),
        3 => any.clone().prop_map(Step::Cancel),
        1 => any.clone().prop_map(Step::Delete),
        1 => any.clone().prop_map(Step::Disable),
        1 => any.clone().prop_map(Step::Enable),
        1 => any.prop_map(Step::AddEndpoint),
        4 => (0..16u32).prop_map(Step::Wait),
        1 => Just(Step::Crash),
        1 => Just(Step::Reopen),
    ]
}

/// Runs `law` for random steps on a thread that may block.
fn for_random_steps<F: Fixture>(law: impl AsyncFn(World<F>, Vec<Step>) + Send + 'static) {
    let cases = std::thread::spawn(move || {
        let config = Config {
            cases: 32,
            failure_persistence: None,
            ..Config::default()
        };
        let steps = proptest::collection::vec(step(), 1..48);
        TestRunner::new(config).run(&steps, |steps| {
            super::run(async { law(World::<F>::new().await, steps).await });
            Ok(())
        })
    });
    if let Err(failure) = cases.join().unwrap() {
        panic!("{failure}");
    }
}

async fn act<F: Fixture>(world: World<F>, step: Step) -> World<F> {
    let mut world = world;
    match step {
        Step::Publish(batch) => world.publish(batch).await,
        Step::Record(pick, state) => world.record(pick, state).await,
        Step::RecordAgain(pick) => world.record_again(pick).await,
        Step::Retry(pick) => world.retry(pick).await,
        Step::Cancel(pick) => world.cancel(pick).await,
        Step::Delete(pick) => world.delete(pick).await,
        Step::Disable(pick) => world.disable(pick).await,
        Step::Enable(pick) => world.enable(pick).await,
        Step::AddEndpoint(organization) => world.add_endpoint(organization).await,
        Step::Wait(hours) => world.scene.clock.advance(hours * HOUR),
        Step::Crash => return world.crashed().await,
        Step::Reopen => return world.reopened().await,
    }
    world
}

pub(super) async fn random_work_agrees_with_a_model<F: Fixture>() {
    for_random_steps(async |world: World<F>, steps| {
        let mut world = world;
        for step in steps {
            world = act(world, step).await;
            world.check_owed().await;
        }
        world = world.crashed().await;
        world.check_deliveries().await;
        world.check_owed().await;
        world.check_pending_endpoints().await;
    });
}

pub(super) async fn random_lists_agree_with_a_model<F: Fixture>() {
    for_random_steps(async |world: World<F>, steps| {
        let mut world = world;
        for step in steps {
            world = act(world, step).await;
        }
        for limit in [1, 2, 5, 1_000] {
            world.check_lists(limit).await;
        }
    });
}
