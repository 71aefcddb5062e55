//! The routes of the Decoda API, each described where it is handled.

mod events;
mod webhooks;

use carehook_app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All of them.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::create_webhook))
        .routes(routes!(webhooks::list_webhooks))
        .routes(routes!(
            webhooks::get_webhook,
            webhooks::change_webhook,
            webhooks::delete_webhook
        ))
        .routes(routes!(events::list_delivery_attempts))
        .routes(routes!(events::get_webhook_event))
        .routes(routes!(events::send_webhook_event))
}
