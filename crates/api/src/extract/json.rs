//! JSON bodies: parsed into wire structs, with every refusal naming the field.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::{FromRequest, Request};
use carehook_app::AppError;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::body::{self, Body, MaxBytes, Single};
use super::request_error::{ErrorBody, RequestError};

/// A JSON body.
pub(crate) struct Json<T, E>(pub(crate) T, PhantomData<E>);

/// A JSON body that may be left out.
pub(crate) struct OptionalJson<T, E>(pub(crate) T, PhantomData<E>);

impl<S, T, E> FromRequest<S> for Json<T, E>
where
    S: Sync,
    T: DeserializeOwned,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request(request: Request, state: &S) -> Result<Self, E> {
        let body = Body::<Single, E>::from_request(request, state).await?;
        Ok(Self(parse(&body.0)?, PhantomData))
    }
}

impl<S, T, E> FromRequest<S> for OptionalJson<T, E>
where
    S: Sync,
    T: DeserializeOwned + Default,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request(request: Request, _: &S) -> Result<Self, E> {
        let media_type = body::check_media_type(request.headers());
        let bytes = body::read(request, Single::MAX_BYTES).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default(), PhantomData));
        }
        media_type?;
        Ok(Self(parse(&bytes)?, PhantomData))
    }
}

/// Parses a JSON object.
///
/// The path to a fault is only tracked when there is one: what is well-formed is parsed once and
/// at full speed.
pub(crate) fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, RequestError> {
    match serde_json::from_slice::<Object<T>>(bytes) {
        Ok(Object(value)) => Ok(value),
        Err(error) => Err(explain::<T>(bytes, &error)),
    }
}

fn explain<'de, T: Deserialize<'de>>(bytes: &'de [u8], error: &serde_json::Error) -> RequestError {
    // What is not JSON comes first: the fields of such a text mean nothing.
    if std::str::from_utf8(bytes).is_err() {
        return RequestError::MalformedJson("the body is not UTF-8".to_owned());
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return RequestError::MalformedJson(error.to_string());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer) {
        Err(found) => field_error(found.path(), &reason(found.inner())).into(),
        Ok(_) => RequestError::MalformedJson(error.to_string()),
    }
}

fn reason(error: &serde_json::Error) -> String {
    if error.classify() != Category::Data {
        // So the parser says that it found, say, a number where only a text can be.
        return "has the wrong type".to_owned();
    }
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Names a field and says what is wrong with it, without repeating its value.
pub(super) fn field_error(path: &Path, message: &str) -> AppError {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push_token(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_token(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if message.starts_with("unknown field") {
        return AppError::invalid(pointer, "is not a known field");
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        // The struct notices, so the path ends before the field.
        let field = rest.trim_end_matches('`');
        if !pointer.ends_with(&format!("/{field}")) {
            push_token(&mut pointer, field);
        }
        return AppError::invalid(pointer, "is given twice");
    }
    match message.rsplit_once(", expected ") {
        // So `serde` calls what is an array in JSON.
        Some((_, "a sequence")) => AppError::invalid(pointer, "must be an array"),
        Some((_, expected)) => AppError::invalid(pointer, format!("must be {expected}")),
        None => AppError::invalid(pointer, message),
    }
}

fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// A struct that is read from a JSON object only; by itself `serde` also takes an array.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}
