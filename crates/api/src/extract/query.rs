//! Query parameters: known ones only, each at most once.

use std::borrow::Cow;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use url::form_urlencoded;

use super::json::field_error;
use super::request_error::{ErrorBody, RequestError};

/// The query, as a struct whose fields are texts that may be missing.
pub(crate) struct Query<T, E>(pub(crate) T, PhantomData<E>);

impl<S, T, E> FromRequestParts<S> for Query<T, E>
where
    S: Sync,
    T: DeserializeOwned,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, E> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(parse(query.as_bytes())?, PhantomData))
    }
}

/// Parses names and values as they stand in a query or a form.
pub(super) fn parse<T: DeserializeOwned>(pairs: &[u8]) -> Result<T, RequestError> {
    let pairs = form_urlencoded::parse(pairs);
    let pairs = pairs.map(|(name, value)| (name, Parameter(value)));
    let deserializer = MapDeserializer::<_, Error>::new(pairs);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = error.inner().to_string();
        field_error(error.path(), &message).into()
    })
}

/// The text of a parameter, which a field that may be missing takes as well.
struct Parameter<'a>(Cow<'a, str>);

impl<'de> IntoDeserializer<'de, Error> for Parameter<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Parameter<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
