//! The clock: receivers refuse signatures that are five minutes off.

use std::fs;
use std::path::Path;
use std::time::Duration;

use carehook_core::{Clock, Timestamp};

use super::finding::Finding;

/// When this was written: no earlier time is true.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);
const LATEST: Timestamp = Timestamp(4_102_444_800_000);
/// File times are coarse.
const SLACK: Duration = Duration::from_mins(1);

pub(super) fn check(directory: Option<&Path>) -> Finding {
    let newest = directory.and_then(newest_file_time);
    judge(Clock::system().wall(), newest)
}

fn judge(now: Timestamp, newest: Option<Timestamp>) -> Finding {
    let subject = "clock";
    let advice = "switch time synchronisation on (`timedatectl set-ntp true`)";
    if !(EARLIEST..LATEST).contains(&now) {
        return Finding::failed(subject, format!("{now} cannot be right"), advice);
    }
    match newest {
        Some(newest) if newest.since(now) > SLACK => Finding::warning(
            subject,
            format!("{now} is before the newest data, which is of {newest}"),
            advice,
        ),
        _ => Finding::fine(subject, now.to_string()),
    }
}

fn newest_file_time(directory: &Path) -> Option<Timestamp> {
    let entries = fs::read_dir(directory).ok()?;
    let times = entries.filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok());
    times.map(Timestamp::from).max()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn a_clock_outside_of_reason_fails_and_one_behind_the_data_warns() {
        let now = EARLIEST.plus(Duration::from_hours(24));
        let later = |seconds| Some(now.plus(Duration::from_secs(seconds)));
        assert_eq!(judge(Timestamp(0), None).grade, Grade::Failed);
        assert_eq!(judge(now, None).grade, Grade::Fine);
        assert_eq!(judge(now, later(30)).grade, Grade::Fine);
        assert_eq!(judge(now, later(3_600)).grade, Grade::Warning);
    }
}
