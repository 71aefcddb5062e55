//! What a receiver answers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// An answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    echoed: Option<&'static str>,
}

impl Answer {
    /// # Panics
    ///
    /// When the number is no HTTP status.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("tests use valid statuses");
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            echoed: None,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("tests use valid header values");
        self.headers.push((HeaderName::from_static(name), value));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Answers with the text in this field of the request, whose body is a JSON object.
    #[must_use]
    pub fn echoing(mut self, field: &'static str) -> Self {
        self.echoed = Some(field);
        self
    }

    /// The answer to a request with this body.
    pub(super) fn for_request(mut self, body: &[u8]) -> Self {
        if let Some(field) = self.echoed {
            let request: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            let text = request.get(field).and_then(|value| value.as_str());
            self.body = text.unwrap_or_default().to_owned().into();
        }
        self
    }

    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}
