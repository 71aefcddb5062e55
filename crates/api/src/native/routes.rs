//! The routes of the native API, each described where it is handled.

mod api_keys;
mod audit;
mod catalogue;
mod deliveries;
mod endpoints;
mod erasures;
mod events;
mod introspection;
mod master_key;
mod operator_keys;
mod organizations;
mod payloads;
mod portal_sessions;
mod publish;
mod replays;
mod secrets;
mod sign_in_links;

use carehook_app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Publishing: its idempotency is the store's own, in the same commit as the event.
pub(crate) fn publishing_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(publish::publish))
}

/// Publishing in batches, whose bodies may be larger than others.
pub(crate) fn batch_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(publish::publish_batch))
}

/// Introspection: its answers must not be repeated, whatever the idempotency key.
pub(crate) fn introspection_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(introspection::introspect))
}

/// Everything else.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let about_organizations = OpenApiRouter::new()
        .routes(routes!(
            organizations::create_organization,
            organizations::list_organizations
        ))
        .routes(routes!(
            organizations::get_organization,
            organizations::change_organization,
            organizations::delete_organization
        ));
    about_organizations
        .merge(about_keys())
        .merge(about_endpoints())
        .merge(about_replays())
        .merge(about_events())
        .merge(about_erasures())
        .merge(about_the_audit())
        .merge(about_the_catalogue())
}

fn about_the_audit() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::get_audit_key))
}

fn about_erasures() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(erasures::create_erasure, erasures::list_erasures))
        .routes(routes!(erasures::get_erasure))
        .routes(routes!(master_key::rotate_master_key))
}

fn about_keys() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(api_keys::create_api_key, api_keys::list_api_keys))
        .routes(routes!(api_keys::get_api_key, api_keys::revoke_api_key))
        .routes(routes!(portal_sessions::create_portal_session))
        .routes(routes!(
            operator_keys::create_operator_key,
            operator_keys::list_operator_keys
        ))
        .routes(routes!(operator_keys::revoke_operator_key))
        .routes(routes!(sign_in_links::create_sign_in_link))
}

fn about_endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            endpoints::create_endpoint,
            endpoints::list_endpoints
        ))
        .routes(routes!(
            endpoints::get_endpoint,
            endpoints::change_endpoint,
            endpoints::delete_endpoint
        ))
        .routes(routes!(endpoints::test_endpoint))
        .routes(routes!(endpoints::challenge_endpoint))
        .routes(routes!(secrets::get_secret))
        .routes(routes!(secrets::rotate_secret))
        .routes(routes!(secrets::list_public_keys))
}

fn about_replays() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(replays::start_replay))
        .routes(routes!(replays::list_replays))
        .routes(routes!(replays::get_replay))
        .routes(routes!(replays::stop_replay))
}

fn about_events() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events::list_events))
        .routes(routes!(events::get_event))
        .routes(routes!(payloads::fetch_payload))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(deliveries::retry_delivery))
        .routes(routes!(deliveries::cancel_delivery))
}

fn about_the_catalogue() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            catalogue::create_category,
            catalogue::list_categories
        ))
        .routes(routes!(
            catalogue::get_category,
            catalogue::change_category,
            catalogue::delete_category
        ))
        .routes(routes!(
            catalogue::create_event_type,
            catalogue::list_event_types
        ))
        .routes(routes!(
            catalogue::get_event_type,
            catalogue::change_event_type,
            catalogue::delete_event_type
        ))
        .routes(routes!(catalogue::get_schema))
        .routes(routes!(catalogue::list_samples))
        .routes(routes!(catalogue::list_versions))
}
