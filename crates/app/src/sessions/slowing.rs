//! Slows down who fails to sign in: each failure after the third makes the next attempt wait longer.
//!
//! Counted by the address that is asked from, so that nobody keeps the operator out from elsewhere.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use carehook_core::Timestamp;
use parking_lot::Mutex;

/// Attempts that nobody has to wait for.
const FREE: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Failures are forgotten after so long without another one.
const REMEMBERED_FOR: Duration = Duration::from_mins(15);
/// Addresses that are remembered at most.
const REMEMBERED: usize = 10_000;

/// Who has failed lately.
#[derive(Default)]
pub(super) struct Slowing(Mutex<HashMap<Option<IpAddr>, Failures>>);

struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    /// When the next attempt may be made.
    fn not_before(&self) -> Timestamp {
        let doubled = self.count.checked_sub(FREE).map(|over| over.min(6));
        let wait = doubled.map_or(Duration::ZERO, |power| Duration::from_secs(1 << power));
        self.last.plus(wait.min(LONGEST_WAIT))
    }
}

impl Slowing {
    /// Begins an attempt, which counts as failed until [`Self::succeeded`]: otherwise many at a time
    /// would be one. The error is when the next one may be made.
    pub(super) fn begin(&self, source: Option<IpAddr>, now: Timestamp) -> Result<(), Timestamp> {
        let mut all = self.0.lock();
        if all.len() >= REMEMBERED {
            all.retain(|_, failures| now.since(failures.last) < REMEMBERED_FOR);
        }
        if all.len() >= REMEMBERED {
            all.clear();
        }
        let first = Failures {
            count: 0,
            last: now,
        };
        let failures = all.entry(source.map(network)).or_insert(first);
        if now.since(failures.last) >= REMEMBERED_FOR {
            failures.count = 0;
        }
        let not_before = failures.not_before();
        if now < not_before {
            return Err(not_before);
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        Ok(())
    }

    /// Forgets the failures of an address.
    pub(super) fn succeeded(&self, source: Option<IpAddr>) {
        self.0.lock().remove(&source.map(network));
    }
}

/// Who has one address of version 6 has the 2⁶⁴ beside it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_failure_after_the_third_waits_longer() {
        let slowing = Slowing::default();
        let mut now = Timestamp(1_000_000);
        let mut waits = Vec::new();
        for _ in 0..11 {
            match slowing.begin(None, now) {
                Ok(()) => waits.push(0),
                Err(then) => {
                    waits.push(then.since(now).as_secs());
                    now = then;
                    slowing.begin(None, now).unwrap();
                }
            }
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        let later = now.plus(REMEMBERED_FOR);
        slowing.begin(None, later).unwrap();
        slowing.begin(None, later).unwrap();
    }

    #[test]
    fn a_success_forgets_the_failures_of_its_network_only() {
        let slowing = Slowing::default();
        let now = Timestamp(1_000_000);
        for source in ["192.0.2.7", "2001:db8::1"] {
            for _ in 0..3 {
                slowing.begin(Some(from(source)), now).unwrap();
            }
            slowing.begin(Some(from(source)), now).unwrap_err();
        }
        slowing.begin(Some(from("2001:db8::2")), now).unwrap_err();
        slowing.begin(Some(from("2001:db8:0:1::1")), now).unwrap();
        slowing.succeeded(Some(from("::ffff:192.0.2.7")));
        slowing.begin(Some(from("192.0.2.7")), now).unwrap();
        slowing.begin(Some(from("2001:db8::1")), now).unwrap_err();
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let slowing = Slowing::default();
        let now = Timestamp(1_000_000);
        for number in 0..=u32::try_from(REMEMBERED).unwrap() {
            let source = IpAddr::from(number.to_be_bytes());
            slowing.begin(Some(source), now).unwrap();
        }
        assert!(slowing.0.lock().len() <= REMEMBERED);
    }
}
