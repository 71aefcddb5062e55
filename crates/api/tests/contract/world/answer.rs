//! Answers as values, and what tests ask of them.

use http::HeaderMap;
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Fails unless it is a whole problem of this kind.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, kind: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:carehook:problem:{kind}"));
        assert_eq!(self.body["status"], status);
        assert!(self.body["title"].is_string() && self.body["detail"].is_string());
        self
    }

    /// The pointers of the fields that were refused.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.into_iter().flatten();
        errors
            .filter_map(|error| error["pointer"].as_str())
            .collect()
    }

    /// Fails unless exactly these fields were refused.
    #[track_caller]
    pub(crate) fn refuses(self, pointers: &[&str]) -> Self {
        let answer = self.problem(422, "invalid-fields");
        assert_eq!(answer.pointers(), pointers, "{}", answer.body);
        answer
    }

    #[track_caller]
    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field]
            .as_str()
            .unwrap_or_else(|| panic!("{field}: {}", self.body))
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
