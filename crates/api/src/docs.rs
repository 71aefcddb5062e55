//! The API description and a viewer for it, from files inside the program.
//!
//! The viewer is Swagger UI (`assets/swagger-ui`); it fetches nothing but this server's own files.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderName, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::reply::JsonText;

/// No inline script, nothing from elsewhere; requests go to this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// A file of the viewer: path, media type, content.
type File = (&'static str, &'static str, &'static [u8]);

const PAGE: File = (
    "/docs",
    "text/html; charset=utf-8",
    include_bytes!("../assets/docs/index.html"),
);

const FILES: [File; 4] = [
    (
        "/docs/start.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/docs/start.js"),
    ),
    (
        "/docs/page.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/docs/page.css"),
    ),
    (
        "/docs/swagger-ui.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/swagger-ui/swagger-ui.css"),
    ),
    (
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/swagger-ui/swagger-ui-bundle.js"),
    ),
];

/// The description as bytes, made once.
#[derive(Clone)]
pub(crate) struct Description(pub(crate) Bytes);

/// The routes that are described themselves.
pub(crate) fn routes() -> OpenApiRouter<Description> {
    OpenApiRouter::new()
        .routes(routes!(get_description))
        .routes(routes!(get_viewer))
}

/// The files that the viewer is made of.
pub(crate) fn files() -> Router {
    FILES.iter().fold(Router::new(), |router, file| {
        router.route(file.0, get(async move || shown(*file)))
    })
}

/// Gives this description
#[utoipa::path(get, path = "/openapi.json", tag = "Operation",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
async fn get_description(State(description): State<Description>) -> JsonText {
    JsonText(description.0)
}

/// Shows this description to people
#[utoipa::path(get, path = "/docs", tag = "Operation",
    responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
async fn get_viewer() -> Response {
    shown(PAGE)
}

fn shown((_, media_type, content): File) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, content).into_response()
}
