//! How long a mail, or the mail server, is left alone after a failure.

use std::time::Duration;

use carehook_core::Timestamp;

const SHORTEST: Duration = Duration::from_mins(1);
/// Also how often a mailer without a server looks for mails to give up.
pub(super) const LONGEST: Duration = Duration::from_hours(1);
/// After this time a mail that nobody takes is given up.
const GIVE_UP: Duration = Duration::from_hours(7 * 24);

/// Doubles from a minute to an hour.
pub(super) fn pause_after(times: u32) -> Duration {
    let factor = 1u32.checked_shl(times).unwrap_or(u32::MAX);
    SHORTEST.saturating_mul(factor).min(LONGEST)
}

/// What failed at this time or before is given up.
pub(super) fn too_old(now: Timestamp) -> Timestamp {
    let millis = i64::try_from(GIVE_UP.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_a_minute_to_an_hour_and_no_further() {
        let minutes = [0, 1, 2, 5, 6, 31, 32, u32::MAX].map(|n| pause_after(n).as_secs() / 60);
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_week_is_too_old() {
        let week = 7 * 24 * 3_600_000;
        assert_eq!(too_old(Timestamp(week + 5)), Timestamp(5));
        assert_eq!(too_old(Timestamp(i64::MIN)), Timestamp(i64::MIN));
    }
}
