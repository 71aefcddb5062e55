//! A client of the native API, for the commands that talk to a running server.

mod error;
mod flags;
mod pages;
mod transport;

use std::time::Duration;

use bytes::Bytes;
use carehook_core::Secret;
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;

use crate::output::Record;

pub(crate) use error::{ClientError, Problem};
pub(crate) use flags::{ClientFlags, OrganizationFlag};
pub(crate) use pages::{PageFlags, print_page};
use transport::Transport;

/// A client of one server with one key.
#[derive(Clone)]
pub(crate) struct Client {
    transport: Transport,
    base: Url,
    key: Secret,
}

/// A request to the API.
pub(crate) struct Call<'a> {
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, &'a str)>,
    body: Option<Bytes>,
}

/// What the server answered to a request that it did not refuse.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl<'a> Call<'a> {
    /// A request to `/v1/` and the parts of `path`, which are encoded.
    pub(crate) fn new(method: Method, path: &[&'a str]) -> Self {
        Self::to(method, &[&["v1"], path].concat())
    }

    /// A request to the parts of `path` alone: to a dialect's API.
    pub(crate) fn to(method: Method, path: &[&'a str]) -> Self {
        Self {
            method,
            path: path.to_vec(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn get(path: &[&'a str]) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: &[&'a str]) -> Self {
        Self::new(Method::POST, path)
    }

    /// Adds a part to the query when there is a value.
    pub(crate) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("our own structs can be written as JSON");
        self.body(body.into())
    }

    pub(crate) fn body(mut self, body: Bytes) -> Self {
        self.body = Some(body);
        self
    }
}

impl Client {
    /// A client of the server at `base`.
    pub(crate) fn new(base: Url, key: Secret) -> Result<Self, ClientError> {
        Ok(Self {
            transport: Transport::new(&base)?,
            base,
            key,
        })
    }

    /// The same server with another key.
    pub(crate) fn with_key(&self, key: Secret) -> Self {
        Self {
            key,
            ..self.clone()
        }
    }

    /// Sends a request. An answer that is not a success is an error.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, ClientError> {
        let url = self.url(&call);
        let mut request = http::Request::builder()
            .method(call.method)
            .uri(url.as_str())
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", self.key.expose()))
            .header(
                "user-agent",
                concat!("carehook-cli/", env!("CARGO_PKG_VERSION")),
            );
        for (name, value) in &call.headers {
            request = request.header(*name, *value);
        }
        if call.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request
            .body(call.body.unwrap_or_default())
            .map_err(|_| ClientError::Key)?;
        let (parts, body) = self.transport.send(request, &self.base).await?;
        if parts.status.is_success() {
            return Ok(Answer {
                status: parts.status,
                body,
            });
        }
        Err(error::refusal(&parts, &body, &self.base))
    }

    /// Sends a request whose answer is one record.
    pub(crate) async fn record(&self, call: Call<'_>) -> anyhow::Result<Record> {
        let answer = self.send(call).await?;
        let text: Box<RawValue> =
            serde_json::from_slice(&answer.body).map_err(|_| self.not_ours(answer.status))?;
        Record::new(text)
    }

    fn not_ours(&self, status: StatusCode) -> ClientError {
        ClientError::Answer {
            url: self.base.to_string(),
            status,
        }
    }

    fn url(&self, call: &Call<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
    }
}

/// How long one request may take, whatever the server does.
const DEADLINE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str) -> Client {
        Client::new(base.parse().unwrap(), Secret::new("key")).unwrap()
    }

    #[test]
    fn ids_are_encoded_in_paths_and_values_in_queries() {
        let call = Call::get(&["organizations", "a/../b", "events"])
            .query("cursor", Some("x&y"))
            .query("limit", None::<usize>);
        assert_eq!(
            client("http://localhost:8080").url(&call).as_str(),
            "http://localhost:8080/v1/organizations/a%2F..%2Fb/events?cursor=x%26y"
        );
    }

    #[test]
    fn a_server_may_live_below_a_path() {
        let call = Call::get(&["organizations"]);
        for base in ["http://a.example/hooks", "http://a.example/hooks/"] {
            let url = client(base).url(&call);
            assert_eq!(url.as_str(), "http://a.example/hooks/v1/organizations");
        }
    }
}
