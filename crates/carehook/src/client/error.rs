//! What can go wrong between a client command and the server.

use std::error::Error;
use std::fmt;

use http::header::RETRY_AFTER;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::Url;

/// Why a request to a server failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{text}` is not the URL of a server such as https://hooks.example.com")]
    Url { text: String },
    #[error("no usable API key: set CAREHOOK_KEY or --key")]
    Key,
    #[error("set up TLS")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
    #[error("no answer from {url} (is the server running? is the URL right?)")]
    Unreachable {
        url: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("the server refused: {0}")]
    Refused(Problem),
    #[error("{url} answered {status}, but not as a Carehook server does")]
    Answer { url: String, status: StatusCode },
}

/// The server's words about a refused request (RFC 9457).
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Fault>,
    #[serde(default)]
    status: u16,
    /// How long the server asks to wait.
    #[serde(skip)]
    pub(crate) retry_after_seconds: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Fault {
    pointer: String,
    detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.detail.as_ref().unwrap_or(&self.title);
        write!(f, "{text} ({})", self.status)?;
        for fault in &self.errors {
            write!(f, "\n       {}: {}", fault.pointer, fault.detail)?;
        }
        if self.status == 401 {
            f.write_str("\n       the key in CAREHOOK_KEY or --key is not one of this server")?;
        }
        Ok(())
    }
}

impl Problem {
    /// What is wrong in one line; the fields say more than the summary over them, and stand below
    /// `place` in the request.
    pub(crate) fn in_short(&self, place: &str) -> String {
        if self.errors.is_empty() {
            return self.detail.as_ref().unwrap_or(&self.title).clone();
        }
        let faults = self.errors.iter();
        let texts: Vec<String> = faults
            .map(|fault| {
                let pointer = fault.pointer.strip_prefix(place);
                format!("{}: {}", pointer.unwrap_or(&fault.pointer), fault.detail)
            })
            .collect();
        texts.join("; ")
    }

    /// Whether the same request may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.status, 429 | 503 | 507)
    }
}

pub(super) fn refusal(parts: &Parts, body: &[u8], base: &Url) -> ClientError {
    match serde_json::from_slice::<Problem>(body) {
        Ok(mut problem) if !problem.title.is_empty() || problem.detail.is_some() => {
            problem.status = parts.status.as_u16();
            problem.retry_after_seconds = retry_after(&parts.headers);
            ClientError::Refused(problem)
        }
        _ => ClientError::Answer {
            url: base.to_string(),
            status: parts.status,
        },
    }
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> ClientError {
        let response = http::Response::builder().status(status).body(()).unwrap();
        let (parts, ()) = response.into_parts();
        refusal(
            &parts,
            body.as_bytes(),
            &"http://a.example".parse().unwrap(),
        )
    }

    #[test]
    fn a_problem_is_told_with_its_fields() {
        let body = r#"{"type": "about:blank", "title": "Invalid", "status": 422,
            "detail": "the request is not valid",
            "errors": [{"pointer": "/url", "detail": "must be https"}]}"#;
        assert_eq!(
            refused(422, body).to_string(),
            "the server refused: the request is not valid (422)\n       /url: must be https"
        );
    }

    #[test]
    fn an_answer_of_another_program_is_called_that() {
        let text = refused(404, "<html>").to_string();
        assert_eq!(
            text,
            "http://a.example/ answered 404 Not Found, but not as a Carehook server does"
        );
    }
}
