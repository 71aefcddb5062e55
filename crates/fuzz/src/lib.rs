//! Fuzz targets: plain functions of bytes that must return, whatever the bytes are.
//!
//! A target panics when something is wrong, so that any driver can run it: the one in `driver`
//! mutates a committed corpus and knows nothing of coverage, and needs nothing but stable Rust;
//! libFuzzer and AFL take the same functions (`fuzz_target!(|data: &[u8]| (target.run)(data))`).

#![expect(clippy::unwrap_used, reason = "a target reports by panicking")]

pub mod driver;
mod mutation;
mod targets;

/// Something that reads bytes of strangers.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Reads them; panics when something is wrong.
    pub run: fn(&[u8]),
    /// Words that the bytes are likely to have.
    pub words: &'static [&'static str],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    targets::urls::TARGET,
    targets::headers::TARGET,
    targets::cursors::TARGET,
    targets::keys::TARGET,
    targets::signatures::TARGET,
    targets::providers::TARGET,
    targets::records::TARGET,
    targets::bodies::TARGET,
    targets::schemas::TARGET,
];
