//! How much of the machine was taken by work that does not belong to a run.

use std::fs;
use std::time::Instant;

use anyhow::{Context as _, Result};

/// The kernel counts in hundredths of a second.
const TICKS: f64 = 100.0;

/// The begin of a run.
pub(super) struct OtherWork {
    start: Instant,
    busy: f64,
    own: f64,
}

impl OtherWork {
    pub(super) fn begin() -> Result<Self> {
        Ok(Self {
            start: Instant::now(),
            busy: busy()?,
            own: own()?,
        })
    }

    /// The average number of cores that others have kept busy, once all children have ended.
    pub(super) fn cores(&self) -> Result<f64> {
        let others = (busy()? - self.busy) - (own()? - self.own);
        Ok(others.max(0.0) / self.start.elapsed().as_secs_f64())
    }
}

/// Seconds of CPU time of everything on this machine.
fn busy() -> Result<f64> {
    let text = fs::read_to_string("/proc/stat").context("read /proc/stat")?;
    busy_of(&text).context("/proc/stat has an unknown form")
}

/// All but the time that is idle or waits for a disk; guests are part of user time.
fn busy_of(stat: &str) -> Option<f64> {
    let fields = stat.lines().next()?.split_whitespace().skip(1);
    let fields: Vec<f64> = fields.map_while(|field| field.parse().ok()).collect();
    let [
        user,
        nice,
        system,
        _idle,
        _waiting,
        irq,
        soft_irq,
        steal,
        ..,
    ] = fields[..]
    else {
        return None;
    };
    Some((user + nice + system + irq + soft_irq + steal) / TICKS)
}

/// Seconds of CPU time of this process and of its children that have ended.
fn own() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/stat").context("read /proc/self/stat")?;
    own_of(&text).context("/proc/self/stat has an unknown form")
}

fn own_of(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields = rest.split(' ').skip(11).take(4);
    let fields: Vec<f64> = fields.map_while(|field| field.parse().ok()).collect();
    (fields.len() == 4).then(|| fields.iter().sum::<f64>() / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_and_waiting_are_not_work() {
        let stat = "cpu  100 20 30 5000 600 7 8 35 0 0\ncpu0 1 2 3\n";
        assert_eq!(busy_of(stat), Some(2.0));
        assert_eq!(busy_of("nonsense"), None);
    }

    #[test]
    fn children_count_as_own_work() {
        let stat = "42 (xtask) S 1 2 3 4 5 6 7 8 9 10 100 50 250 100 20 0 4";
        assert_eq!(own_of(stat), Some(5.0));
        assert_eq!(own_of("42 (xtask) S 1"), None);
    }
}
