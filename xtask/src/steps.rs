//! Runs named steps one after the other, prints each one's duration, and says what to do when one fails.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// The steps that have run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Runs one step; `advice` tells what to do when it fails.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        advice: &str,
        step: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = step();
        let taken = start.elapsed();
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("<== {name}: {verdict} in {:.1} s", taken.as_secs_f64());
        self.done.push((name, taken));
        outcome.with_context(|| format!("step `{name}` failed.\nWhat to do: {advice}\nCause"))
    }

    /// Prints all steps with their durations.
    pub(crate) fn print_summary(&self) {
        println!("All steps passed:");
        for (name, taken) in &self.done {
            println!("  {:>7.1} s  {name}", taken.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failing_step_says_its_name_the_advice_and_the_cause() {
        let error = Steps::default()
            .run("format", "run `cargo fmt`", || bail!("two files differ"))
            .unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("step `format` failed"), "{text}");
        assert!(text.contains("What to do: run `cargo fmt`"), "{text}");
        assert!(text.ends_with("two files differ"), "{text}");
    }

    #[test]
    fn each_step_is_remembered_in_order() {
        let mut steps = Steps::default();
        steps.run("first", "", || Ok(())).unwrap();
        steps.run("second", "", || Ok(())).unwrap();
        let names: Vec<&str> = steps.done.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["first", "second"]);
    }
}
