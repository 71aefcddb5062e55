//! Runs a target on a corpus and on changes of it, and keeps what makes it fail.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::Target;
use crate::mutation::mutated;

/// An input that takes longer is a fault: somebody would send many of them.
///
/// Well above what a sync of a busy disk takes.
pub const SLOW: Duration = Duration::from_secs(5);

/// How much is run.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// This many inputs.
    Inputs(u64),
    /// For this long.
    Time(Duration),
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// How many inputs were run.
    pub inputs: u64,
    /// The slowest.
    pub slowest: Duration,
    /// The first input that failed, and how.
    pub failure: Option<(Vec<u8>, String)>,
}

/// The committed inputs of a target, in the order of their names.
pub fn corpus(target: &Target) -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name);
    let entries = fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).with_context(|| path.display().to_string());
    paths.iter().map(read).collect()
}

/// Runs the samples, then changes of them that follow from the seed.
pub fn run(target: &Target, samples: &[Vec<u8>], seed: u64, amount: Amount) -> Report {
    let mut random = StdRng::seed_from_u64(seed);
    let started = Instant::now();
    let mut report = Report {
        inputs: 0,
        slowest: Duration::ZERO,
        failure: None,
    };
    let mut samples_left = samples.iter();
    let goes_on = |inputs: u64| match amount {
        Amount::Inputs(count) => inputs < count,
        Amount::Time(time) => started.elapsed() < time,
    };
    while goes_on(report.inputs) {
        let next = samples_left.next().cloned();
        let input = next.unwrap_or_else(|| mutated(target, samples, &mut random));
        let before = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let took = before.elapsed();
        report.inputs += 1;
        // The first run makes what all share.
        if report.inputs > 1 {
            report.slowest = report.slowest.max(took);
        }
        let failure = match outcome {
            Err(panic) => Some(told(panic.as_ref())),
            Ok(()) if took > SLOW && report.inputs > 1 => Some(format!("it took {took:?}")),
            Ok(()) => None,
        };
        if let Some(failure) = failure {
            report.failure = Some((input, failure));
            break;
        }
    }
    report
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;

    #[test]
    fn every_target_survives_its_corpus_and_some_changes_of_it() {
        for target in TARGETS {
            let samples = corpus(target).unwrap();
            assert!(!samples.is_empty(), "{}", target.name);
            let report = run(target, &samples, 1, Amount::Inputs(150));
            let failure = report
                .failure
                .map(|(input, why)| format!("{}: {why}: {}", target.name, input.escape_ascii()));
            assert_eq!(failure, None);
            assert_eq!(report.inputs, 150);
        }
    }

    #[test]
    fn a_failing_input_is_kept_and_found_again_by_its_seed() {
        let target = Target {
            name: "x",
            run: |bytes| assert!(!bytes.windows(2).any(|pair| pair == b"!!"), "two of them"),
            words: &["!"],
        };
        let samples = vec![b"a!b".to_vec()];
        let first = run(&target, &samples, 7, Amount::Inputs(10_000));
        let (input, why) = first.failure.unwrap();
        assert!(input.windows(2).any(|pair| pair == b"!!"));
        assert_eq!(why, "two of them");
        let again = run(&target, &samples, 7, Amount::Inputs(10_000));
        assert_eq!(
            (again.inputs, again.failure.unwrap().0),
            (first.inputs, input)
        );
    }
}
