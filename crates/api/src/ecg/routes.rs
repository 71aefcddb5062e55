//! The routes of ECG's API, each described where it is handled.

mod activities;
mod categories;
mod event_types;
mod health;
mod payload_hashes;
mod processors;
mod samples;
mod secrets;
mod seed_data;
mod subscriptions;

use carehook_app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::operations::Probes;

/// What needs a token or a key.
pub(crate) fn routes() -> OpenApiRouter<App> {
    about_subscriptions()
        .merge(about_activities())
        .merge(about_secrets())
        .merge(about_categories())
        .merge(about_event_types())
        .merge(about_samples())
}

/// What anybody may ask for: the test targets and the health of the server.
pub(crate) fn unsigned_routes() -> OpenApiRouter<Probes> {
    OpenApiRouter::new()
        .routes(routes!(health::healthcheck))
        .routes(routes!(processors::succeed))
        .routes(routes!(processors::fail))
}

fn about_subscriptions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            subscriptions::add_subscription,
            subscriptions::list_subscriptions
        ))
        .routes(routes!(
            subscriptions::get_subscription,
            subscriptions::patch_subscription,
            subscriptions::delete_subscription
        ))
        .routes(routes!(subscriptions::activate_subscription))
        .routes(routes!(subscriptions::deactivate_subscription))
        .routes(routes!(subscriptions::archive_subscription))
        .routes(routes!(subscriptions::restore_subscription))
        .routes(routes!(subscriptions::delete_subscribed_event))
        .routes(routes!(subscriptions::list_subscriptions_to_event))
}

fn about_activities() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(activities::list_activations))
        .routes(routes!(activities::get_activation))
        .routes(routes!(
            activities::add_activity,
            activities::list_activities
        ))
        .routes(routes!(activities::get_activity))
        .routes(routes!(activities::retry_activity))
        .routes(routes!(activities::save_outcome))
        .routes(routes!(payload_hashes::make_payload))
        .routes(routes!(payload_hashes::validate_hash))
        .routes(routes!(payload_hashes::get_hash))
}

fn about_secrets() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(secrets::get_secret, secrets::rotate_secret))
        .routes(routes!(secrets::list_secret_history, secrets::set_secret))
}

fn about_categories() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            categories::add_category,
            categories::list_categories
        ))
        .routes(routes!(
            categories::get_category,
            categories::patch_category,
            categories::delete_category
        ))
        .routes(routes!(categories::archive_category))
        .routes(routes!(categories::restore_category))
        .routes(routes!(categories::activate_category))
        .routes(routes!(categories::deactivate_category))
}

fn about_event_types() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            event_types::add_event_type,
            event_types::list_event_types
        ))
        .routes(routes!(
            event_types::get_event_type,
            event_types::patch_event_type,
            event_types::delete_event_type
        ))
        .routes(routes!(event_types::archive_event_type))
        .routes(routes!(event_types::restore_event_type))
        .routes(routes!(event_types::activate_event_type))
        .routes(routes!(event_types::deactivate_event_type))
}

fn about_samples() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            samples::add_sample,
            samples::get_sample,
            samples::patch_sample,
            samples::delete_sample
        ))
        .routes(routes!(samples::get_example))
        .routes(routes!(samples::get_random_payload))
        .routes(routes!(seed_data::list_versions))
}
