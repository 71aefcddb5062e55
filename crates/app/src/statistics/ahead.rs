//! When what waits will go: later than it is due, where its endpoint is held up.

use carehook_core::Endpoint;
use carehook_store::Backlog;

use crate::{App, Hold};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What is pending, by when it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// What is pending. What an endpoint would get while it is left alone after failures counts as
    /// due when that ends.
    pub backlog: Backlog,
    /// What goes when its endpoint is active again; it stands in no other figure but in that of
    /// all.
    pub when_active: u64,
}

impl App {
    /// When what waits for these endpoints will go; asks memory only.
    pub fn ahead<'a>(
        &self,
        waiting: impl IntoIterator<Item = (&'a Endpoint, &'a Backlog)>,
    ) -> Ahead {
        let mut ahead = Ahead::default();
        for (endpoint, backlog) in waiting {
            match self.hold_of(endpoint) {
                Some(Hold::Inactive) => ahead.add_inactive(backlog),
                Some(Hold::LeftAlone(until)) => {
                    let pause = until.0 - self.now().0;
                    ahead.backlog.add(&delayed(backlog, pause));
                }
                None => ahead.backlog.add(backlog),
            }
        }
        ahead
    }
}

impl Ahead {
    fn add_inactive(&mut self, backlog: &Backlog) {
        self.when_active += all_of(backlog);
        self.backlog.add(&Backlog {
            pending: backlog.pending,
            oldest: backlog.oldest,
            ..Backlog::default()
        });
    }
}

/// Everything that has a time; less than is pending, when there is more.
fn all_of(backlog: &Backlog) -> u64 {
    backlog.due + backlog.in_a_minute + backlog.in_an_hour + backlog.later
}

/// The same when nothing goes before a pause of so many milliseconds has ended. What is due in the
/// span in which it ends may go then or later, and stays in it.
fn delayed(backlog: &Backlog, pause: i64) -> Backlog {
    let Backlog {
        due,
        in_a_minute,
        in_an_hour,
        later,
        ..
    } = *backlog;
    let (in_a_minute, in_an_hour, later) = if pause <= MINUTE {
        (due + in_a_minute, in_an_hour, later)
    } else if pause <= HOUR {
        (0, due + in_a_minute + in_an_hour, later)
    } else {
        (0, 0, all_of(backlog))
    };
    Backlog {
        due: 0,
        in_a_minute,
        in_an_hour,
        later,
        ..*backlog
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_before_a_pause_has_ended() {
        let backlog = Backlog {
            due: 1,
            in_a_minute: 2,
            in_an_hour: 4,
            later: 8,
            ..Backlog::default()
        };
        for (pause, expected) in [
            (1, (0, 3, 4, 8)),
            (MINUTE, (0, 3, 4, 8)),
            (MINUTE + 1, (0, 0, 7, 8)),
            (HOUR + 1, (0, 0, 0, 15)),
        ] {
            let Backlog {
                due,
                in_a_minute,
                in_an_hour,
                later,
                ..
            } = delayed(&backlog, pause);
            assert_eq!((due, in_a_minute, in_an_hour, later), expected, "{pause}");
        }
    }
}
