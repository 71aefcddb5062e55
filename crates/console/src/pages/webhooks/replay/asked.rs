//! What somebody asks a replay for: read from the form, and written into it again.

use carehook_app::{AppError, NewReplay};
use carehook_core::{ReplayFilter, Timestamp};
use serde::Deserialize;

use crate::figures::shortened;

/// The fields of the form.
#[derive(Default, Deserialize)]
pub(super) struct ReplayForm {
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) types: String,
    #[serde(default)]
    pub(super) since: String,
    #[serde(default)]
    pub(super) until: String,
    #[serde(default)]
    pub(super) dry_run: bool,
}

impl ReplayForm {
    /// The form that asks for the same.
    pub(super) fn of(filter: &ReplayFilter) -> Self {
        let types: Vec<_> = filter.types.iter().map(ToString::to_string).collect();
        Self {
            state: filter.of.as_str().to_owned(),
            types: types.join(", "),
            since: filter.since.map(written).unwrap_or_default(),
            until: filter.until.map(written).unwrap_or_default(),
            dry_run: false,
        }
    }

    /// The event types and patterns in it.
    pub(super) fn types(&self) -> impl Iterator<Item = String> {
        let parts = self.types.split(|c: char| c == ',' || c.is_whitespace());
        parts.filter(|part| !part.is_empty()).map(str::to_owned)
    }

    /// What it asks for.
    pub(super) fn read(&self) -> Result<NewReplay, AppError> {
        let mut faults = carehook_app::Faults::default();
        let since = faults.take("/since", moment_of(&self.since));
        let until = faults.take("/until", moment_of(&self.until));
        let (since, until) = faults.finish(since.zip(until))?;
        Ok(NewReplay {
            state: Some(self.state.clone()),
            types: self.types().collect(),
            since,
            until,
            dry_run: self.dry_run,
        })
    }
}

/// Reads a field with a date and a time, which are meant in UTC; an empty one is no time.
fn moment_of(text: &str) -> Result<Option<Timestamp>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let at: jiff::civil::DateTime = text
        .parse()
        .map_err(|_| "must be a date and a time such as 2026-03-01T08:00")?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let at = at.map_err(|_| "must be a time within the years 1970 to 9999")?;
    Ok(Some(Timestamp(at.timestamp().as_millisecond())))
}

/// The same time as such a field has it.
fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
    at.map_or_else(
        |_| String::new(),
        |at| at.datetime().strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
    )
}
/// Says which of the types is meant, where a list would only have its place.
pub(super) fn named(error: AppError, types: &[String]) -> AppError {
    let AppError::Invalid(mut faults) = error else {
        return error;
    };
    for fault in &mut faults {
        let place = fault.pointer.strip_prefix("/types/");
        let named = place.and_then(|place| types.get(place.parse::<usize>().ok()?));
        if let Some(name) = named {
            let name = shortened(name, 80);
            fault.reason = format!("`{name}`: {}", fault.reason);
        }
    }
    AppError::Invalid(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_utc_and_written_back() {
        let at = Timestamp(1_773_656_465_000);
        assert_eq!(moment_of("2026-03-16T10:21:05"), Ok(Some(at)));
        assert_eq!(
            moment_of("2026-03-16T10:21"),
            Ok(Some(Timestamp(1_773_656_460_000)))
        );
        assert_eq!(moment_of(&written(at)), Ok(Some(at)));
        assert_eq!(moment_of("  "), Ok(None));
        for wrong in ["yesterday", "2026-13-01T00:00", "<img>"] {
            assert!(moment_of(wrong).is_err(), "{wrong}");
        }
    }
}
