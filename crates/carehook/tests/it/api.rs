//! The HTTP API as a program of a customer calls it.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// A client of a test server.
pub(crate) struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    key: String,
    headers: Vec<(&'static str, String)>,
}

impl Api {
    pub(crate) fn new(base: &str, key: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.to_owned(),
            key: key.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same with more headers on every request.
    pub(crate) fn with_headers(&self, headers: &[(&'static str, &str)]) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Self {
            headers: headers.collect(),
            ..Self::new(&self.base, &self.key)
        }
    }

    /// The same over HTTP/2, without TLS.
    pub(crate) fn http2(base: &str, key: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new())
                .http2_only(true)
                .build_http(),
            ..Self::new(base, key)
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.send(Method::GET, path, String::new()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> (StatusCode, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::from(body)).unwrap();
        let response = self.client.request(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Posts JSON to `/v1/organizations` and below; it must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("/v1/organizations{path}");
        let (status, text) = self.send(Method::POST, &path, body.to_string()).await;
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Makes the organization `north` with an endpoint that wants everything; gives the endpoint.
    pub(crate) async fn endpoint(&self, url: &str) -> Value {
        let organization = json!({"id": "north", "name": "Northside"});
        self.post("", &organization).await;
        let endpoint = json!({"url": url, "events": ["*"]});
        self.post("/north/endpoints", &endpoint).await
    }

    pub(crate) async fn publish(&self, id: &str) -> Value {
        let event = json!({"id": id, "type": "patient.created", "data": {"id": id}});
        self.post("/north/events", &event).await
    }
}
