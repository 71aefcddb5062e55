//! Query parameters: read one by one as Pydantic does, so that every fault has its words.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use carehook_app::App;
use carehook_core::Timestamp;
use http::request::Parts;
use url::form_urlencoded;

use super::errors::{FieldError, Place, Refused};

/// The query, read into a wire struct.
pub(super) struct Query<T>(pub(super) T);

impl<T> FromRequestParts<App> for Query<T>
where
    T: TryFrom<Parameters, Error = Refused>,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refused> {
        let query = parts.uri.query().unwrap_or_default();
        T::try_from(Parameters::parse(query)).map(Self)
    }
}

/// The parameters that were not taken yet, and what is wrong with those that were.
pub(super) struct Parameters {
    rest: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl Parameters {
    /// Of a name that comes twice, the last one counts.
    fn parse(query: &str) -> Self {
        let rest = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self {
            rest: rest.collect(),
            errors: Vec::new(),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.rest.remove(name)
    }

    /// A boolean in one of the spellings that Pydantic takes.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let text = self.rest.remove(name)?;
        match text.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" | "on" => Some(true),
            "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
            _ => {
                let msg = "Input should be a valid boolean, unable to interpret input";
                self.note(name, "bool_parsing", msg)
            }
        }
    }

    /// A whole number that the target type has room for.
    pub(super) fn integer<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        let text = self.rest.remove(name)?;
        let Ok(number) = text.trim().parse::<i64>() else {
            let msg = "Input should be a valid integer, unable to parse string as an integer";
            return self.note(name, "int_parsing", msg);
        };
        let Ok(number) = T::try_from(number) else {
            self.errors
                .push(FieldError::value(place(name), "out of range"));
            return None;
        };
        Some(number)
    }

    /// An ISO 8601 date with or without a time; without an offset it is in UTC.
    pub(super) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.rest.remove(name)?;
        let midnight = format!("{text}T00:00:00Z");
        let in_utc = format!("{text}Z");
        let read = [text, in_utc, midnight]
            .iter()
            .find_map(|text| text.parse().ok());
        if read.is_none() {
            let msg = "Input should be a valid datetime or date";
            return self.note(name, "datetime_from_date_parsing", msg);
        }
        read
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

    fn note<T>(&mut self, name: &str, kind: &'static str, msg: &'static str) -> Option<T> {
        self.errors.push(FieldError::new(place(name), kind, msg));
        None
    }
}

fn place(name: &str) -> Vec<Place> {
    vec!["query".into(), name.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_pydantic_reads_them() {
        let read = |text: &str| {
            let mut parameters = Parameters::parse("");
            parameters.rest.insert("at".to_owned(), text.to_owned());
            parameters.time("at").map(|time| time.to_string())
        };
        let ten = Some("2026-03-16T10:00:00.000Z".to_owned());
        for text in [
            "2026-03-16T10:00:00Z",
            "2026-03-16T10:00:00",
            "2026-03-16 10:00:00",
            "2026-03-16T10:00:00.000000",
            "2026-03-16T12:00:00+02:00",
            "2026-03-16T10:00",
        ] {
            assert_eq!(read(text), ten, "{text}");
        }
        let day = Some("2026-03-16T00:00:00.000Z".to_owned());
        assert_eq!(read("2026-03-16"), day);
        for text in ["", "yesterday", "2026-13-01", "2026-03-16T25:00:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
