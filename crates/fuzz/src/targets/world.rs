//! A whole router on an embedded store, made once, for what can only be reached through it.

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use carehook_api::{Operations, router};
use carehook_app::{App, AppConfig};
use carehook_core::{Clock, ManualClock, Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_store::{EmbeddedOptions, MasterKey, Store};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// No mutation makes it up.
const OPERATOR_KEY: &str = "the operator's key of the fuzz targets 7be1c6a09d";

pub(super) struct World {
    runtime: Runtime,
    router: Router,
    _directory: TempDir,
}

impl World {
    pub(super) fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(Self::start)
    }

    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let clock = Clock::Manual(ManualClock::at(Timestamp(1_773_656_465_000)));
        let inside = runtime.enter();
        let options = EmbeddedOptions::default();
        let key = MasterKey::new([7; 32]);
        let store = Store::open_embedded(directory.path(), key, &clock, options).unwrap();
        let config = AppConfig {
            operator_key: Some(Secret::new(OPERATOR_KEY)),
            ..AppConfig::default()
        };
        let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
        let app = App::new(config, store, deliverer, clock);
        let router = router(app, Operations::new(String::new, Vec::new));
        drop(inside);
        let world = Self {
            runtime,
            router,
            _directory: directory,
        };
        let organization = r#"{"id": "northside", "name": "Northside"}"#;
        let made = world.ask(&Method::POST, "/v1/organizations", organization.as_bytes());
        assert_eq!(made, StatusCode::CREATED);
        let settings = r#"{"schema_check": "warn"}"#;
        let path = "/v1/organizations/northside";
        let set = world.ask(&Method::PATCH, path, settings.as_bytes());
        assert_eq!(set, StatusCode::OK);
        world
    }

    /// The status of a request with the operator's key.
    pub(super) fn ask(&self, method: &Method, path: &str, body: &[u8]) -> StatusCode {
        self.send(method, path, OPERATOR_KEY, body)
    }

    /// Whether a bearer text is accepted.
    pub(super) fn lets_in(&self, bearer: &str) -> bool {
        let status = self.send(&Method::GET, "/v1/event-types?limit=1", bearer, b"");
        status != StatusCode::UNAUTHORIZED
    }

    fn send(&self, method: &Method, path: &str, bearer: &str, body: &[u8]) -> StatusCode {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {bearer}"))
            .header("tenant", "northside")
            .header("api-key", bearer)
            .body(Body::from(body.to_vec()));
        // Not every text can stand in a header at all.
        let Ok(request) = request else {
            return StatusCode::UNAUTHORIZED;
        };
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            body.collect().await.unwrap();
            parts.status
        })
    }
}
