//! Times as pages show them: a `<time>` that says the exact moment, and is read in UTC or, where
//! scripts run, in the reader's zone.

use std::fmt;

use askama::filters::HtmlSafe;
use carehook_core::Timestamp;

/// A moment on a page.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(at) = jiff::Timestamp::from_millisecond(self.0.0) else {
            return f.write_str("at an unknown time");
        };
        let exact = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let read = at.strftime("%e %b %Y, %H:%M:%S UTC");
        write!(
            f,
            "<time datetime=\"{exact}\" title=\"{exact}\">{read}</time>"
        )
    }
}

// Digits, letters and signs of our own.
impl HtmlSafe for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_exact_for_machines_and_readable_without_scripts() {
        assert_eq!(
            Moment(Timestamp(1_773_656_465_007)).to_string(),
            "<time datetime=\"2026-03-16T10:21:05.007Z\" title=\"2026-03-16T10:21:05.007Z\">\
             16 Mar 2026, 10:21:05 UTC</time>"
        );
    }
}
