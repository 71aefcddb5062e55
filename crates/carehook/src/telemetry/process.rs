//! Figures about the process itself, under the names that Prometheus clients agree on.

use std::fs;
use std::sync::OnceLock;
use std::time::Instant;

use metrics::{describe_gauge, gauge};

const MEMORY: &str = "process_resident_memory_bytes";
const CPU: &str = "process_cpu_seconds_total";
const OPEN_FILES: &str = "process_open_fds";
const MAX_FILES: &str = "process_max_fds";
const UPTIME: &str = "carehook_uptime_seconds_total";

static STARTED: OnceLock<Instant> = OnceLock::new();

pub(super) fn describe() {
    STARTED.get_or_init(Instant::now);
    describe_gauge!(MEMORY, "Resident memory");
    describe_gauge!(CPU, "User and system CPU time");
    describe_gauge!(OPEN_FILES, "Open file descriptors");
    describe_gauge!(MAX_FILES, "Most file descriptors that may be open");
    describe_gauge!(UPTIME, "Time since the start");
    describe_gauge!("carehook_build_info", "The version that runs");
}

/// Reads what the system says now; a figure that it does not tell is left out.
pub(super) fn observe() {
    let set = |name: &'static str, value: Option<f64>| {
        if let Some(value) = value {
            gauge!(name).set(value);
        }
    };
    set(MEMORY, resident_bytes());
    set(CPU, cpu_seconds());
    set(OPEN_FILES, open_files());
    set(MAX_FILES, max_files().map(as_figure));
    set(
        UPTIME,
        STARTED.get().map(|started| started.elapsed().as_secs_f64()),
    );
}

/// Most file descriptors that this process may open.
pub(crate) fn max_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(as_figure(kibibytes * 1024))
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (user, system) = cpu_ticks(&stat)?;
    let ticks_per_second = as_figure(rustix::param::clock_ticks_per_second());
    Some(as_figure(user + system) / ticks_per_second)
}

/// Fields 14 and 15 of proc(5); the name before them, in brackets, may hold blanks.
fn cpu_ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn open_files() -> Option<f64> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    Some(as_figure(entries.count() as u64))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures are read by eyes and sums"
)]
fn as_figure(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "1 (a) b) S 2 3 4 5 6 7 8 9 10 11 120 34 0 0 20";
        assert_eq!(cpu_ticks(stat), Some((120, 34)));
        assert_eq!(cpu_ticks("1 (a"), None);
    }
}
