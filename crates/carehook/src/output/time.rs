//! Times as people read them: in their own zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An RFC 3339 time of the server in the reader's zone; any other text stays as it is.
pub(crate) fn local_time(text: &str) -> String {
    in_zone(text, &TimeZone::system())
}

fn in_zone(text: &str, zone: &TimeZone) -> String {
    let Ok(time) = text.parse::<Timestamp>() else {
        return text.to_owned();
    };
    let local = time.to_zoned(zone.clone());
    local.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_the_readers_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let shown = in_zone("2026-01-02T23:04:05.678Z", &zone);
        assert_eq!(shown, "2026-01-03 01:04:05 +02");
        assert_eq!(in_zone("never", &zone), "never");
    }
}
