//! How far back a chart goes: a part of the address.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use carehook_app::Span;
use carehook_core::Timestamp;
use http::request::Parts;
use serde::Deserialize;

/// How far back a chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    Hour,
    Day,
    Week,
    Month,
}

/// The range that the address names as `?range=`, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked(Option<Range>);

impl Asked {
    /// The range of a chart about something that began then: unless another one is asked for, 24
    /// hours, or the hour that holds all of it.
    pub(crate) fn of_what_began(self, began: Timestamp, now: Timestamp) -> Range {
        const HOUR: i64 = 3_600_000;
        let is_young = now.0.saturating_sub(began.0) < HOUR;
        let usual = if is_young { Range::Hour } else { Range::Day };
        self.0.unwrap_or(usual)
    }
}

#[derive(Deserialize)]
struct Named {
    range: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let named = Query::<Named>::try_from_uri(&parts.uri).ok();
        let named = named.and_then(|Query(Named { range })| range);
        let known = Range::ALL.into_iter().find(|range| {
            let in_address = named.as_deref();
            in_address == Some(range.in_address())
        });
        Ok(Self(known))
    }
}

impl Range {
    /// All of them, the shortest first.
    pub(crate) const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The value in the address.
    pub(crate) fn in_address(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// What the link to it says.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }

    /// What the use cases call it.
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Hour => Span::Hour,
            Self::Day => Span::Day,
            Self::Week => Span::Week,
            Self::Month => Span::Month,
        }
    }

    /// In a sentence.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Hour => "the last hour",
            Self::Day => "the last 24 hours",
            Self::Week => "the last 7 days",
            Self::Month => "the last 30 days",
        }
    }

    /// As a title.
    pub(crate) fn in_title(self) -> &'static str {
        match self {
            Self::Hour => "The last hour",
            Self::Day => "The last 24 hours",
            Self::Week => "The last 7 days",
            Self::Month => "The last 30 days",
        }
    }

    /// What one step is.
    pub(super) fn step(self) -> &'static str {
        match self {
            Self::Hour => "per minute",
            Self::Day => "per 5 minutes",
            Self::Week => "per hour",
            Self::Month => "per day (UTC)",
        }
    }

    /// Words below the chart, evenly spread from its beginning to its end.
    pub(super) fn ages(self) -> &'static [&'static str] {
        match self {
            Self::Hour => &["60 min ago", "45 min", "30 min", "15 min", "now"],
            Self::Day => &["24 h ago", "18 h", "12 h", "6 h", "now"],
            Self::Week => &["7 d ago", "6 d", "5 d", "4 d", "3 d", "2 d", "1 d", "now"],
            Self::Month => &["30 d ago", "20 d", "10 d", "now"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(address: &str) -> Asked {
        let request = http::Request::get(address).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Ok(range) = Asked::from_request_parts(&mut parts, &()).await;
        range
    }

    #[tokio::test]
    async fn the_address_names_the_range_and_nonsense_is_none() {
        for range in Range::ALL {
            let address = format!("/console?range={}&mode=test", range.in_address());
            assert_eq!(of(&address).await, Asked(Some(range)));
        }
        assert_eq!(of("/console").await, Asked(None));
        assert_eq!(of("/console?range=%3Cimg%3E").await, Asked(None));
    }

    #[test]
    fn what_is_young_is_seen_from_near_unless_asked() {
        let began = Timestamp(1_773_656_465_000);
        for (minutes, range) in [(0, Range::Hour), (59, Range::Hour), (60, Range::Day)] {
            let now = Timestamp(began.0 + minutes * 60_000);
            assert_eq!(Asked(None).of_what_began(began, now), range, "{minutes}");
            let asked = Asked(Some(Range::Week));
            assert_eq!(asked.of_what_began(began, now), Range::Week);
        }
    }
}
