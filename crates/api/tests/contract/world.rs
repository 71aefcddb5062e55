//! The harness: a router on an embedded store of its own, and requests as values.

mod answer;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use carehook_api::{Operations, router};
use carehook_app::{App, AppConfig, ClientAddress, NewToken, TokenConfig, TokenSecret};
use carehook_core::{Clock, ManualClock, Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer, PlainHttp};
use carehook_store::{EmbeddedOptions, MasterKey, Store};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) use answer::Answer;

pub(crate) const OPERATOR_KEY: &str = "operator-key-of-the-tests";
/// What tokens are signed with.
pub(crate) const TOKEN_SECRET: &str = "the-secret-of-tokens-in-these-tests";
/// 2026-03-16T10:21:05Z.
pub(crate) const START: Timestamp = Timestamp(1_773_656_465_000);

/// A server without a network, and its store.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) faults: Arc<Mutex<Vec<String>>>,
    _directory: TempDir,
}

impl World {
    pub(crate) fn start() -> Self {
        let allow_loopback = "127.0.0.0/8".parse().unwrap();
        Self::with_targets(DeliverConfig {
            plain_http: PlainHttp::Everything,
            allow_targets: vec![allow_loopback],
            ..DeliverConfig::default()
        })
    }

    pub(crate) fn with_targets(targets: DeliverConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let manual = ManualClock::at(START);
        let clock = Clock::Manual(manual.clone());
        let store = Store::open_embedded(
            directory.path(),
            MasterKey::new([7; 32]),
            &clock,
            EmbeddedOptions::default(),
        )
        .unwrap();
        let config = AppConfig {
            operator_key: Some(Secret::new(OPERATOR_KEY)),
            tokens: TokenConfig {
                secret: Some(token_secret(TOKEN_SECRET)),
                key_set_url: None,
            },
            ..AppConfig::default()
        };
        let deliverer = Deliverer::new(targets).unwrap();
        let app = App::new(config, store.clone(), deliverer, clock);
        let faults: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = faults.clone();
        let operations =
            Operations::new(|| "carehook_up 1\n".to_owned(), move || seen.lock().clone());
        Self {
            router: router(app, operations),
            store,
            clock: manual,
            faults,
            _directory: directory,
        }
    }

    /// A world in which the organization `northside` exists.
    pub(crate) async fn with_northside() -> Self {
        Self::start().and_northside().await
    }

    /// The same, with no more targets allowed than in production.
    pub(crate) async fn with_public_targets() -> Self {
        let world = Self::with_targets(DeliverConfig::default());
        world.and_northside().await
    }

    pub(crate) async fn and_northside(self) -> Self {
        let body = json!({"id": "northside", "name": "Northside Clinic"});
        self.post("/v1/organizations", &body).await.is(201);
        self
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Call::new(Method::GET, path).send(self).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Call::new(Method::POST, path).json(body).send(self).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Call::new(Method::PATCH, path).json(body).send(self).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Call::new(Method::DELETE, path).send(self).await
    }

    /// Makes an endpoint of `northside` with `fields` besides the usual ones; gives its id.
    pub(crate) async fn endpoint(&self, fields: Value) -> String {
        let usual = json!({"url": "http://127.0.0.1:4009/hook", "events": ["*"]});
        let body = with_fields(usual, &fields);
        let made = self
            .post("/v1/organizations/northside/endpoints", &body)
            .await;
        made.is(201).text("id")
    }

    /// Makes an API key of `northside`, live unless said otherwise; gives its text.
    pub(crate) async fn key(&self, fields: Value) -> String {
        let body = with_fields(json!({"name": "Key", "mode": "live"}), &fields);
        let made = self
            .post("/v1/organizations/northside/api-keys", &body)
            .await;
        made.is(201).text("key")
    }

    /// A token of an organization with these scopes, good for an hour.
    pub(crate) fn token(&self, organization: &str, scopes: &[&str]) -> String {
        self.token_of("ana", organization, scopes)
    }

    /// The same with another subject.
    pub(crate) fn token_of(&self, subject: &str, organization: &str, scopes: &[&str]) -> String {
        let now = self.clock.now();
        let token = NewToken {
            subject: subject.to_owned(),
            organization: organization.parse().unwrap(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            issued_at: now,
            expires_at: now.plus(Duration::from_hours(1)),
        };
        let signed = token.sign(&token_secret(TOKEN_SECRET));
        signed.expose().to_owned()
    }

    /// Publishes an event with an empty payload; gives its id.
    pub(crate) async fn event(&self, event_type: &str) -> String {
        let body = json!({"type": event_type, "data": {}});
        let published = self.post("/v1/organizations/northside/events", &body).await;
        published.is(202).text("id")
    }

    /// How many entries a list has.
    pub(crate) async fn count(&self, path: &str) -> usize {
        let list = self.get(path).await.is(200);
        list.body["data"].as_array().unwrap().len()
    }
}

/// A body with some fields added or replaced.
pub(crate) fn with_fields(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A secret for tokens.
pub(crate) fn token_secret(text: &str) -> TokenSecret {
    TokenSecret::try_new(Secret::new(text)).unwrap()
}

/// A request.
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    client: Option<IpAddr>,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: vec![("authorization", format!("Bearer {OPERATOR_KEY}"))],
            client: None,
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same call from this address.
    pub(crate) fn from(self, client: IpAddr) -> Self {
        let client = Some(client);
        Self { client, ..self }
    }

    /// The same call with this credential instead of the operator's key.
    pub(crate) fn with_key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw(body.to_string())
    }

    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", "application/json")
    }

    pub(crate) async fn send(mut self, world: &World) -> Answer {
        let body = std::mem::take(&mut self.body);
        self.with_body(world, Body::from(body)).await
    }

    pub(crate) async fn stream<B>(self, world: &World, body: B) -> Answer
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        self.with_body(world, Body::new(body)).await
    }

    async fn with_body(self, world: &World, body: Body) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(client) = self.client {
            request = request.extension(ClientAddress(client));
        }
        let request = request.body(body).unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes: bytes.to_vec(),
        }
    }
}
