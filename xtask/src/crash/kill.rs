//! The ways in which the server is killed.

use std::fmt;
use std::time::Duration;

use super::chance::Chance;

/// What databases call to have the disk keep what was written.
pub(super) const SYNCS: &str = "fsync,fdatasync";

/// When the server dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kill {
    /// So long after it listens.
    Running(Duration),
    /// So long after it was started, listening or not.
    Starting(Duration),
    /// At its n-th sync, counted from its start: recovery syncs as well.
    AtSync(u64),
}

/// What a kill hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hit {
    /// A server that was listening.
    Listening,
    /// A server that was still starting.
    Starting,
}

impl Kill {
    /// The kinds take turns; the moment is left to chance.
    pub(super) fn choose(number: u32, chance: &mut Chance) -> Self {
        let millis = |chance: &mut Chance, to| Duration::from_millis(chance.between(0, to));
        match number % 6 {
            1 | 4 => Self::Running(millis(chance, 900)),
            2 | 5 => Self::AtSync(chance.between(20, 300)),
            3 => Self::Starting(millis(chance, 60)),
            _ => Self::AtSync(chance.between(1, 12)),
        }
    }

    /// How `strace` does it.
    pub(super) fn injection(self) -> Option<String> {
        match self {
            Self::AtSync(n) => Some(format!("{SYNCS}:signal=KILL:when={n}")),
            Self::Running(_) | Self::Starting(_) => None,
        }
    }

    /// Counts what was hit.
    pub(super) fn summary(hits: &[Hit]) -> String {
        let starting = hits.iter().filter(|hit| **hit == Hit::Starting).count();
        let listening = hits.len() - starting;
        format!(
            "{:<14}{:>9}   ({listening} while it served, {starting} while it started)",
            "kills",
            hits.len()
        )
    }
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(after) => write!(f, "{} ms after it listened", after.as_millis()),
            Self::Starting(after) => write!(f, "{} ms after it was started", after.as_millis()),
            Self::AtSync(n) => write!(f, "at its sync number {n}"),
        }
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listening => "was serving",
            Self::Starting => "was starting",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_kills_have_every_kind() {
        let mut chance = Chance::new(Some(1));
        let kills: Vec<Kill> = (1..=6).map(|n| Kill::choose(n, &mut chance)).collect();
        let count = |is: fn(&Kill) -> bool| kills.iter().filter(|kill| is(kill)).count();
        assert_eq!(count(|kill| matches!(kill, Kill::Running(_))), 2);
        assert_eq!(count(|kill| matches!(kill, Kill::Starting(_))), 1);
        assert_eq!(count(|kill| matches!(kill, Kill::AtSync(n) if *n <= 12)), 1);
        assert_eq!(count(|kill| matches!(kill, Kill::AtSync(_))), 3);
    }

    #[test]
    fn only_a_kill_at_a_sync_needs_a_tracer() {
        let injection = Kill::AtSync(7).injection();
        assert_eq!(
            injection.as_deref(),
            Some("fsync,fdatasync:signal=KILL:when=7")
        );
        assert_eq!(Kill::Running(Duration::ZERO).injection(), None);
    }
}
