//! Laws of the catalogue: changes of it last, and what was delivered is known.

use carehook_core::{Edit, EndpointId, WireNames};

use super::Fixture;
use super::scene::{DAY, Scene};

pub(super) async fn a_changed_catalogue_survives_a_restart<F: Fixture>() {
    let scene = Scene::<F>::new();
    let edit = Edit {
        by: "ana",
        at: scene.now(),
    };
    let old = scene.store().catalogue();
    let mut new = (*old).clone();
    let code = "patient.created".parse().unwrap();
    let mut built_in = new.existing_event_type(&code).unwrap().clone();
    built_in.name = "Registered".to_owned();
    built_in.status.set_archived(true, edit);
    new.change_event_type(built_in.clone()).unwrap();
    let mut own = built_in.clone();
    own.code = "patient.registered".parse().unwrap();
    own.wire_names = WireNames::default();
    new.add_event_type(own).unwrap();
    let mut category = new.existing_category(&built_in.category).unwrap().clone();
    category.status.set_active(false, edit);
    new.change_category(category).unwrap();
    let replaced = scene.store().replace_catalogue(&old, new.clone()).await;
    replaced.unwrap();
    assert_eq!(*scene.store().catalogue(), new);

    let scene = scene.reopened().await;
    assert_eq!(*scene.store().catalogue(), new);
    let found = scene.store().catalogue();
    assert_eq!(found.event_type(&code), Some(&built_in));
}

pub(super) async fn an_event_type_that_was_delivered_is_known_as_such<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let publish = async |event_type: &str, to: &[EndpointId]| {
        let mut new = scene.event(&org, to);
        new.event.event_type = event_type.parse().unwrap();
        scene.accept(new).await.unwrap();
    };
    publish("bed.assigned", &[endpoint]).await;
    publish("bed.freed", &[]).await;
    scene.clock.advance(DAY);
    publish("bed.cleaned", &[endpoint]).await;
    for (event_type, expected) in [
        ("bed.assigned", true),
        ("bed.freed", false),
        ("bed.cleaned", true),
        ("bed", false),
    ] {
        let code = event_type.parse().unwrap();
        let found = scene.store().has_deliveries_of(&code).await;
        assert_eq!(found.unwrap(), expected, "{event_type}");
    }
}
