//! The disk: room, and the time of a sync, which is the time of a publish.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::finding::Finding;

/// Below this the server will soon refuse to publish.
const LEAST_BYTES: u64 = 256 * 1024 * 1024;
const COMFORTABLE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const SYNCS: usize = 20;
const SLOW_SYNC: Duration = Duration::from_millis(20);

pub(super) fn check(directory: &Path) -> [Finding; 2] {
    [room(directory), sync_time(directory)]
}

fn room(directory: &Path) -> Finding {
    let subject = "disk space";
    match rustix::fs::statvfs(directory) {
        Err(error) => Finding::failed(subject, error.to_string(), "is the disk mounted?"),
        Ok(system) => graded_room(system.f_bavail.saturating_mul(system.f_frsize)),
    }
}

fn graded_room(free: u64) -> Finding {
    let subject = "disk space";
    let detail = format!("{} free", in_units(free));
    let advice = "make room: a full disk refuses publishes, deliveries go on";
    match free {
        ..LEAST_BYTES => Finding::failed(subject, detail, advice),
        LEAST_BYTES..COMFORTABLE_BYTES => Finding::warning(subject, detail, advice),
        _ => Finding::fine(subject, detail),
    }
}

fn in_units(bytes: u64) -> String {
    const UNITS: [(&str, u32); 3] = [("TiB", 40), ("GiB", 30), ("MiB", 20)];
    let unit = UNITS.into_iter().find(|(_, bits)| bytes >> bits > 0);
    let (name, bits) = unit.unwrap_or(("KiB", 10));
    let tenths = (u128::from(bytes) * 10) >> bits;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

fn sync_time(directory: &Path) -> Finding {
    let subject = "disk sync";
    match time_syncs(directory) {
        Err(error) => {
            let advice = "the server's user must be able to write into the data directory";
            Finding::failed(subject, error.to_string(), advice)
        }
        Ok(mut times) => {
            times.sort_unstable();
            let median = times[times.len() / 2];
            let slowest = times[times.len() - 1];
            let detail = format!("median {median:.1?}, slowest of {SYNCS} {slowest:.1?}");
            if median > SLOW_SYNC {
                let advice = "every publish waits for one: use a local SSD, not a network disk";
                Finding::warning(subject, detail, advice)
            } else {
                Finding::fine(subject, detail)
            }
        }
    }
}

/// Times what the store does at each commit: append a few pages and sync them.
fn time_syncs(directory: &Path) -> io::Result<Vec<Duration>> {
    let path = directory.join(format!("doctor-{}.tmp", std::process::id()));
    let result = File::create_new(&path).and_then(|mut file| {
        let mut times = Vec::with_capacity(SYNCS);
        for _ in 0..SYNCS {
            let started = Instant::now();
            file.write_all(&[0x5a; 8192])?;
            file.sync_data()?;
            times.push(started.elapsed());
        }
        Ok(times)
    });
    let removed = std::fs::remove_file(&path);
    let times = result?;
    removed?;
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_fails() {
        assert_eq!(graded_room(1 << 20).grade, Grade::Failed);
        assert_eq!(graded_room(1 << 30).grade, Grade::Warning);
        assert_eq!(graded_room(1 << 40).grade, Grade::Fine);
    }

    #[test]
    fn sizes_are_shown_in_the_largest_unit_that_fits() {
        assert_eq!(in_units(1_536), "1.5 KiB");
        assert_eq!(in_units(5 << 30), "5.0 GiB");
        assert_eq!(in_units(u64::MAX), "16777215.9 TiB");
    }

    #[test]
    fn timing_the_disk_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(time_syncs(folder.path()).unwrap().len(), SYNCS);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
