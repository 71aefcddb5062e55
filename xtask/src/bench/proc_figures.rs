//! What the kernel knows about a process: CPU time, memory, bytes written.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

/// The kernel shows CPU time in hundredths of a second on every Linux that Rust runs on.
const TICKS: f64 = 100.0;
/// The thread that owns the database's writes.
const STORE_THREAD: &str = "carehook-store";

/// A look at a process.
#[derive(Clone, Debug, Default)]
pub(super) struct ProcFigures {
    /// User and system time, in seconds.
    pub(super) cpu: f64,
    /// The part of it that the store's own thread has used.
    pub(super) store_cpu: f64,
    pub(super) resident: u64,
    pub(super) written: u64,
}

impl ProcFigures {
    pub(super) fn of(pid: u32) -> Result<Self> {
        let threads = threads(pid)?;
        Ok(Self {
            cpu: cpu_time(&read(pid, "stat")?).context("stat has an unknown form")?,
            store_cpu: threads.get(STORE_THREAD).copied().unwrap_or(0.0),
            resident: field(&read(pid, "status")?, "VmRSS:").context("no VmRSS")? * 1_024,
            written: field(&read(pid, "io")?, "write_bytes:").context("no write_bytes")?,
        })
    }
}

fn read(pid: u32, name: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{name}");
    fs::read_to_string(&path).with_context(|| format!("read {path}"))
}

/// CPU time by the names of threads.
fn threads(pid: u32) -> Result<BTreeMap<String, f64>> {
    let mut times = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while it is looked at.
        let Ok(text) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        if let (Some(name), Some(time)) = (name_of(&text), cpu_time(&text)) {
            *times.entry(name.to_owned()).or_default() += time;
        }
    }
    Ok(times)
}

fn name_of(stat: &str) -> Option<&str> {
    let (_, rest) = stat.split_once('(')?;
    rest.rsplit_once(')').map(|(name, _)| name)
}

/// Fields 14 and 15 of `stat`; the name before them may hold blanks.
fn cpu_time(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}

/// The number after a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (carehook-store (x)) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 4";

    #[test]
    fn cpu_time_is_user_and_system_time_in_seconds() {
        assert_eq!(cpu_time(STAT), Some(3.0));
        assert_eq!(name_of(STAT), Some("carehook-store (x)"));
        assert_eq!(cpu_time("nonsense"), None);
    }

    #[test]
    fn fields_are_found_by_their_names() {
        let text = "VmPeak:\t  9 kB\nVmRSS:\t  1234 kB\nread_bytes: 5\nwrite_bytes: 77\n";
        assert_eq!(field(text, "VmRSS:"), Some(1_234));
        assert_eq!(field(text, "write_bytes:"), Some(77));
        assert_eq!(field(text, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_figures() {
        let figures = ProcFigures::of(std::process::id()).unwrap();
        assert!(figures.resident > 100_000);
    }
}
