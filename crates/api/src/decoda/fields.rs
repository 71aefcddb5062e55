//! JSON bodies: read field by field as Pydantic does, so that every fault has its words.

use axum::extract::{FromRequest, Request};
use carehook_app::{App, Change};
use serde_json::{Map, Value};

use super::errors::{FieldError, Place, Refused};
use crate::extract::{self, Single};

/// A JSON body, read into a wire struct.
pub(super) struct Body<T>(pub(super) T);

impl<T> FromRequest<App> for Body<T>
where
    T: TryFrom<Fields, Error = Refused>,
{
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let body = extract::Body::<Single, Refused>::from_request(request, app).await?;
        T::try_from(Fields::parse(&body.0)?).map(Self)
    }
}

/// The fields of a body that were not taken yet, and what is wrong with those that were.
pub(super) struct Fields {
    rest: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        let whole = || vec![Place::from("body")];
        if bytes.is_empty() {
            return Err(Refused::fields(vec![FieldError::missing(whole())]));
        }
        let error = match serde_json::from_slice(bytes) {
            Ok(Value::Object(rest)) => {
                let errors = Vec::new();
                return Ok(Self { rest, errors });
            }
            Ok(Value::Null) => FieldError::missing(whole()),
            Ok(_) => {
                let msg = "Input should be a valid dictionary or object to extract fields from";
                FieldError::new(whole(), "model_attributes_type", msg)
            }
            Err(error) => FieldError::json(position(bytes, &error), error.to_string()),
        };
        Err(Refused::fields(vec![error]))
    }

    /// Notes that a field has to be there.
    pub(super) fn require<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let noted = self.errors.iter().any(|error| error.is_below(name));
        if value.is_none() && !noted {
            self.errors.push(FieldError::missing(place(name)));
        }
        value
    }

    /// A text that is not null.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.rest.remove(name)? {
            Value::String(text) => Some(text),
            _ => self.note(string_type(name)),
        }
    }

    /// A text that may be null.
    pub(super) fn clearable_text(&mut self, name: &str) -> Change<String> {
        match self.rest.remove(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(Value::String(text)) => Change::Set(text),
            Some(_) => {
                self.errors.push(string_type(name));
                Change::Keep
            }
        }
    }

    /// A list whose entries are texts, of which there are between 1 and `most`.
    ///
    /// `wrong` is said of an entry that is no text.
    pub(super) fn texts(
        &mut self,
        name: &str,
        most: usize,
        wrong: impl Fn(Vec<Place>) -> FieldError,
    ) -> Option<Vec<String>> {
        let Value::Array(entries) = self.rest.remove(name)? else {
            let msg = "Input should be a valid list";
            return self.note(FieldError::new(place(name), "list_type", msg));
        };
        let count = entries.len();
        if count == 0 {
            let msg = "List should have at least 1 item after validation, not 0";
            return self.note(FieldError::new(place(name), "too_short", msg));
        }
        if count > most {
            let msg =
                format!("List should have at most {most} items after validation, not {count}");
            return self.note(FieldError::new(place(name), "too_long", msg));
        }
        let mut texts = Vec::with_capacity(count);
        for (index, entry) in entries.into_iter().enumerate() {
            if let Value::String(text) = entry {
                texts.push(text);
            } else {
                let mut place = place(name);
                place.push(Place::Index(index));
                self.errors.push(wrong(place));
            }
        }
        Some(texts)
    }

    /// Ends the reading: what was not taken is not known.
    pub(super) fn finish(mut self) -> Result<(), Refused> {
        let unknown = self.rest.keys().map(|name| FieldError::extra(place(name)));
        self.errors.extend(unknown);
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(Refused::fields(self.errors))
    }

    fn note<T>(&mut self, error: FieldError) -> Option<T> {
        self.errors.push(error);
        None
    }
}

fn place(name: &str) -> Vec<Place> {
    vec!["body".into(), name.into()]
}

fn string_type(name: &str) -> FieldError {
    FieldError::new(place(name), "string_type", "Input should be a valid string")
}

/// Where the parser stopped, in characters from the start.
fn position(bytes: &[u8], error: &serde_json::Error) -> usize {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    // Columns count from 1; at the end of the text that is the place after the last one.
    let column = error.column() - usize::from(!error.is_eof() && error.column() > 0);
    let read = bytes.get(..before + column).unwrap_or(bytes);
    String::from_utf8_lossy(read).chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped_at(text: &str) -> usize {
        let error = serde_json::from_str::<Value>(text).unwrap_err();
        position(text.as_bytes(), &error)
    }

    #[test]
    fn the_place_where_json_ends_is_counted_in_characters() {
        // What Python's `json` says of the same texts, except where it points to the start of
        // something that has no end.
        assert_eq!(stopped_at("nonsense"), 1);
        assert_eq!(stopped_at("{"), 1);
        assert_eq!(stopped_at("{]"), 1);
        assert_eq!(stopped_at("{\"a\": }"), 6);
        assert_eq!(stopped_at("{\"ä\": }"), 6);
        assert_eq!(stopped_at("{\n\"a\":\n x}"), 8);
        assert_eq!(stopped_at("{} x"), 3);
    }
}
