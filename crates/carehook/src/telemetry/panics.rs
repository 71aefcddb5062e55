//! Panics in the log: where, never what they say, because that may hold anything that was at hand.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::thread;

use metrics::{counter, describe_counter};

const PANICS: &str = "carehook_panics_total";

pub(super) fn describe() {
    describe_counter!(PANICS, "Panics: faults in the program");
    counter!(PANICS).increment(0);
}

/// Writes panics into the log from now on, without what they say.
pub(crate) fn silence_panics() {
    panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    counter!(PANICS).increment(1);
    let place = panic.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("unknown");
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    // Names of functions and lines; there when `RUST_BACKTRACE` asks for it.
    let trace = Backtrace::capture();
    let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
    tracing::error!(
        place,
        thread,
        trace,
        "a panic; what it said is left out, because it may hold data"
    );
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::*;

    const CANARY: &str = "canary4711";

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The log of a panic that says something private, at the most talkative level.
    fn log_of(panics: impl FnOnce() + Send) -> String {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone());
        silence_panics();
        let ended = thread::scope(|scope| {
            let run = || with_default(log.finish(), panics);
            let thread = thread::Builder::new().name("at-work".to_owned());
            thread.spawn_scoped(scope, run).unwrap().join()
        });
        drop(panic::take_hook());
        assert!(ended.is_err());
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_panic_is_logged_with_its_place_and_without_what_it_said() {
        let shown: Result<(), _> = black_box(Err(CANARY));
        for log in [
            log_of(|| panic!("a patient called {CANARY}")),
            log_of(|| panic::panic_any(CANARY.to_owned())),
            log_of(|| shown.expect("something that holds")),
        ] {
            assert!(log.contains("telemetry/panics.rs:"), "{log}");
            assert!(log.contains("at-work") && log.contains("ERROR"), "{log}");
            assert!(!log.contains(CANARY), "{log}");
        }
    }
}
