//! What only the embedded store can get wrong: its files, its thread, its queue, its queries.

mod audit;
mod cut_trails;
mod damage;
mod erasing;
mod failing;
mod migration;
pub(super) mod plans;
mod rotating;
mod sealing;
mod trimming;

use std::sync::mpsc;

use crate::Store;
use crate::conformance::embedded_fixture::EmbeddedFixture;
use crate::conformance::run;
use crate::conformance::scene::Scene;

use super::EmbeddedStore;
use super::work::Work;

type EmbeddedScene = Scene<EmbeddedFixture>;

fn embedded(scene: &EmbeddedScene) -> &EmbeddedStore {
    let Store::Embedded(store) = scene.store();
    store
}

/// Keeps the writer thread where it is until dropped.
struct Hold(#[expect(dead_code, reason = "dropping it lets the thread go on")] mpsc::Sender<()>);

fn hold(store: &EmbeddedStore) -> Hold {
    let (release, held) = mpsc::channel::<()>();
    let (started, holds) = mpsc::channel();
    let work = Work::Change(Box::new(move |_| {
        started.send(()).unwrap();
        held.recv().unwrap_err();
    }));
    assert_eq!(store.shared.queue.push(work, 0), Ok(()));
    holds.recv().unwrap();
    Hold(release)
}
