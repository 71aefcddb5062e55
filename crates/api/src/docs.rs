//! The API description and a viewer for it, from files inside the program.
//!
//! The viewer is Swagger UI (`assets/swagger-ui`); it fetches nothing but this server's own files.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use carehook_core::Dialect;
use http::{HeaderName, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::RequestError;
use crate::native::Problem;
use crate::openapi::openapi_json;
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

/// The descriptions as bytes, each made when it is first asked for.
#[derive(Clone, Default)]
pub(crate) struct Descriptions(Arc<[OnceLock<Bytes>; Dialect::ALL.len()]>);

impl Descriptions {
    fn of(&self, dialect: Dialect) -> JsonText {
        let places = Dialect::ALL.iter().zip(self.0.iter());
        let mut place = places.filter(|(known, _)| **known == dialect);
        let made = || Bytes::from(openapi_json(dialect));
        let bytes = place
            .next()
            .map(|(_, place)| place.get_or_init(made).clone());
        JsonText(bytes.unwrap_or_else(made))
    }
}

/// The routes that are described themselves.
pub(crate) fn routes() -> OpenApiRouter<Descriptions> {
    OpenApiRouter::new()
        .routes(routes!(get_description))
        .routes(routes!(get_dialect_description))
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
async fn get_description(State(descriptions): State<Descriptions>) -> JsonText {
    descriptions.of(Dialect::Native)
}

/// Gives the description of one dialect's API
#[utoipa::path(get, path = "/openapi/{file}", tag = "Operation",
    params(("file" = String, Path,
        description = "`native.json`, `jump.json`, `decoda.json`, `mycure.json` or `ecg.json`")),
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object),
        (status = 404, description = "There is no such dialect"),
    ))]
async fn get_dialect_description(
    State(descriptions): State<Descriptions>,
    Path(file): Path<String>,
) -> Result<JsonText, Problem> {
    let asked = file.strip_suffix(".json").unwrap_or_default();
    let mut known = Dialect::ALL.into_iter();
    match known.find(|dialect| dialect.as_str() == asked) {
        Some(dialect) => Ok(descriptions.of(dialect)),
        None => Err(RequestError::UnknownPath.into()),
    }
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
