//! How much is done for each measurement.

/// The sizes of one run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Effort {
    /// How it was asked for.
    pub(super) flag: &'static str,
    /// Times that each side of a comparison is measured.
    pub(super) rounds: usize,
    /// Events of one round.
    pub(super) events: u64,
    /// Seconds of one round at a steady rate.
    pub(super) seconds: u64,
    /// Pending deliveries for memory and restart.
    pub(super) backlog: u64,
    /// Stored events for the cost of a grown store.
    pub(super) stored: u64,
    /// Stored deliveries for what pages ask for.
    pub(super) pages: u64,
    /// Organizations with 50 endpoints each, where endpoints are many.
    pub(super) clinics: u64,
    /// Organizations with one endpoint each, where organizations are many.
    pub(super) organizations: u64,
}

impl Effort {
    pub(super) const QUICK: Self = Self {
        flag: "--quick",
        rounds: 2,
        events: 8_000,
        seconds: 2,
        backlog: 50_000,
        stored: 60_000,
        pages: 60_000,
        clinics: 20,
        organizations: 200,
    };
    pub(super) const DEFAULT: Self = Self {
        flag: "",
        rounds: 5,
        events: 30_000,
        seconds: 5,
        backlog: 200_000,
        stored: 600_000,
        pages: 1_000_000,
        clinics: 20,
        organizations: 1_000,
    };
    pub(super) const FULL: Self = Self {
        flag: "--full",
        rounds: 5,
        events: 60_000,
        seconds: 10,
        backlog: 1_000_000,
        stored: 2_000_000,
        pages: 1_000_000,
        clinics: 200,
        organizations: 1_000,
    };
}
