//! The law of links to payloads: what sealed them once reads them for good, and nobody else's does.

use super::Fixture;
use super::scene::Scene;

pub(super) async fn the_key_of_links_outlives_a_crash_and_is_of_one_installation<F: Fixture>() {
    let scene = Scene::<F>::new();
    let key = scene.store().payload_link_key();
    assert_eq!(*scene.store().payload_link_key(), *key);
    let scene = scene.crashed().await;
    assert_eq!(*scene.store().payload_link_key(), *key);
    // With the same master key, which all installations under test have.
    let other = Scene::<F>::new();
    assert_ne!(*other.store().payload_link_key(), *key);
}
