//! How far a publish is: a bar on a terminal, nothing elsewhere.

use std::fmt;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::report::Report;
use crate::output;

const BAR: &str = "{bar:32.cyan/dim} {percent:>3} %  {msg}  {elapsed}, {eta} left";
const SPINNER: &str = "{spinner} {msg}  {elapsed}";

pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar when the size of the input is known, else a spinner.
    pub(super) fn new(size: Option<u64>) -> Self {
        let is_shown = std::io::stderr().is_terminal();
        let bar = match (is_shown, size) {
            (false, _) => ProgressBar::hidden(),
            (true, Some(size)) => ProgressBar::new(size).with_style(style(BAR)),
            (true, None) => ProgressBar::new_spinner().with_style(style(SPINNER)),
        };
        if is_shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        bar.tick();
        Self { bar }
    }

    pub(super) fn at(&self, position: u64, report: &Report) {
        self.bar.set_position(position);
        self.bar.set_message(report.short());
    }

    /// Prints a line above the bar.
    pub(super) fn note(&self, text: Option<impl fmt::Display>) {
        if let Some(text) = text {
            self.bar.suspend(|| output::note(text));
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates are constants")
        .progress_chars("━━─")
}
