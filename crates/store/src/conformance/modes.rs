//! Laws of modes: a delivery has the mode of its event, and lists keep modes apart.

use carehook_core::{DeliveryId, Mode};

use super::Fixture;
use super::scene::{DAY, Scene};
use crate::DeliveryFilter;

pub(super) async fn deliveries_are_listed_by_the_mode_of_their_event<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (kept, deleted) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let mut made: Vec<(Mode, DeliveryId)> = Vec::new();
    for mode in [Mode::Live, Mode::Test, Mode::Test, Mode::Live] {
        let mut new = scene.event(&org, &[kept, deleted]);
        new.event.mode = mode;
        let accepted = scene.accept(new).await.unwrap();
        made.extend(accepted.deliveries.into_iter().map(|id| (mode, id)));
        scene.clock.advance(DAY / 2);
    }
    let gone = scene.store().delete_endpoint(&org, deleted, scene.now());
    gone.await.unwrap();
    for (mode, id) in &made {
        assert_eq!(scene.delivery(&org, *id).await.mode, *mode);
    }
    for mode in [Mode::Live, Mode::Test] {
        let of_mode = made.iter().filter(|(other, _)| *other == mode);
        let mut expected: Vec<_> = of_mode.map(|(_, id)| *id).collect();
        expected.reverse();
        let filter = DeliveryFilter {
            mode: Some(mode),
            ..DeliveryFilter::default()
        };
        for limit in [1, 3, 100] {
            let found = scene.deliveries(&org, &filter, limit).await;
            assert_eq!(found, expected, "{mode:?}");
        }
        let of_deleted = DeliveryFilter {
            endpoint: Some(deleted),
            ..filter
        };
        assert_eq!(scene.deliveries(&org, &of_deleted, 1).await.len(), 2);
    }
}
