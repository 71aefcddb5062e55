//! Query parameters of ECG's API; those that are lists may be repeated or separated by commas.

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::errors::NestError;
use crate::extract;

/// The query, as a struct whose fields are texts that may be missing.
pub(super) struct Query<T>(pub(super) T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Sync,
    T: DeserializeOwned,
{
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NestError> {
        let query = joined(parts.uri.query().unwrap_or_default());
        let mut parts = parts.clone();
        parts.uri = Uri::builder()
            .path_and_query(format!("{}?{query}", parts.uri.path()))
            .build()
            .expect("the path was one already, and the query is encoded");
        let parsed = extract::Query::from_request_parts(&mut parts, &()).await;
        let query: extract::Query<T, NestError> = parsed?;
        Ok(Self(query.0))
    }
}

const INCLUDE: &str = "include";

/// Joins repetitions of `include` (also spelled `include[]`) by commas.
fn joined(query: &str) -> String {
    let mut out = form_urlencoded::Serializer::new(String::with_capacity(query.len()));
    let mut included: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name.strip_suffix("[]").unwrap_or(&name) == INCLUDE {
            included.push(value.into_owned());
        } else {
            out.append_pair(&name, &value);
        }
    }
    if !included.is_empty() {
        out.append_pair(INCLUDE, &included.join(","));
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_include_is_one_list() {
        for (query, expected) in [
            ("", ""),
            ("take=1", "take=1"),
            ("include=event&take=1", "take=1&include=event"),
            (
                "include=event&include=subscription",
                "include=event%2Csubscription",
            ),
            ("include[]=event&include%5B%5D=x", "include=event%2Cx"),
        ] {
            assert_eq!(joined(query), expected);
        }
    }
}
