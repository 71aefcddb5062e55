//! The drawings: a column for each step, readable one by one where the pointer is.
//!
//! A drawing is as wide as its page; what is written beside it is HTML, so that letters keep their
//! size on a phone.

use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;
use carehook_app::Counts;

use crate::figures::grouped;
use crate::words::time_taken;

/// Units of a step in the drawing.
const STEP: usize = 10;
/// Units of the height.
const HEIGHT: u64 = 1_000;
/// What is there at all is this high, to be seen.
const SEEN: u64 = 12;

/// A column of the drawing: what it says, and what is drawn.
struct Column {
    place: usize,
    /// When it begins, for scripts to write in the reader's zone.
    at: String,
    words: String,
    shape: Shape,
}

enum Shape {
    /// Class and height of each part, the lowest first.
    Bars([(&'static str, u64); 3]),
    /// The heights of the lines, which are drawn apart.
    Levels([u64; 3]),
}

/// A drawing with its scale.
pub(super) struct Plot {
    steps: usize,
    columns: Vec<Column>,
    /// What it shows, in words.
    label: String,
    /// What stands beside it, the highest first.
    pub(super) scale: [String; 3],
}

/// One step with its beginning, as RFC 3339 and as people read it.
pub(super) struct Step<'a> {
    pub(super) at: String,
    pub(super) read: String,
    pub(super) counts: &'a Counts,
}

/// The end of a scale: a number that is easily halved and read.
fn round_up(highest: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        let ends = [2, 4, 6, 10].map(|end| unit.saturating_mul(end));
        if let Some(end) = ends.into_iter().find(|end| *end >= highest) {
            return end;
        }
        unit = unit.saturating_mul(10);
    }
}

/// Units of the height, of `end`.
fn high(part: u64, end: u64) -> u64 {
    let exact = u128::from(part) * u128::from(HEIGHT) / u128::from(end.max(1));
    let high = u64::try_from(exact).unwrap_or(HEIGHT);
    high.max(if part > 0 { SEEN } else { 0 }).min(HEIGHT)
}

impl Plot {
    /// Attempts by their outcome, stacked.
    pub(super) fn attempts(steps: &[Step<'_>], label: String) -> Self {
        let highest = steps.iter().map(|step| step.counts.attempts()).max();
        let end = round_up(highest.unwrap_or_default());
        let columns = steps.iter().enumerate();
        let columns = columns.filter(|(_, step)| step.counts.attempts() > 0);
        let columns = columns.map(|(place, step)| {
            let counts = step.counts;
            Column {
                place,
                at: step.at.clone(),
                words: format!(
                    "{}: {} delivered, {} failed and retried, {} failed for good",
                    step.read, counts.delivered, counts.retried, counts.failed
                ),
                shape: Shape::Bars([
                    ("delivered", high(counts.delivered, end)),
                    ("retried", high(counts.retried, end)),
                    ("failed", high(counts.failed, end)),
                ]),
            }
        });
        Self {
            steps: steps.len(),
            columns: columns.collect(),
            label,
            scale: [end, end / 2, 0].map(grouped),
        }
    }

    /// How long attempts took: three percentiles, as lines.
    pub(super) fn latency(steps: &[Step<'_>], label: String) -> Self {
        let levels: Vec<_> = steps.iter().map(|step| percentiles(step.counts)).collect();
        let millis = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let highest = levels.iter().flatten().map(|[_, _, most]| millis(*most));
        let end = round_up(highest.max().unwrap_or_default());
        let known = levels.iter().zip(steps).enumerate();
        let columns = known.filter_map(|(place, (level, step))| {
            let took = level.as_ref()?;
            let [half, most, nearly] = took.map(time_taken);
            Some(Column {
                place,
                at: step.at.clone(),
                words: format!("{}: p50 {half}, p95 {most}, p99 {nearly}", step.read),
                shape: Shape::Levels(took.map(|took| high(millis(took), end))),
            })
        });
        let written = |millis| time_taken(Duration::from_millis(millis));
        Self {
            steps: steps.len(),
            columns: columns.collect(),
            label,
            scale: [written(end), written(end / 2), "0".to_owned()],
        }
    }
}

/// The 50th, 95th and 99th percentile; `None` without attempts.
pub(super) fn percentiles(counts: &Counts) -> Option<[Duration; 3]> {
    let of = |percent| counts.durations.percentile(percent);
    Some([of(50)?, of(95)?, of(99)?])
}

impl Column {
    fn draw(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.place * STEP;
        let Self { at, words, .. } = self;
        write!(
            f,
            "<g><title data-at=\"{at}\">{words}</title>\
             <rect class=\"hit\" x=\"{x}\" y=\"0\" width=\"{STEP}\" height=\"{HEIGHT}\"/>"
        )?;
        if let Shape::Bars(parts) = &self.shape {
            let mut top = HEIGHT;
            for (class, height) in parts.iter().filter(|(_, height)| *height > 0) {
                // Parts that are drawn higher than they are may not fit.
                let height = (*height).min(top);
                top -= height;
                let (x, width) = (x + 1, STEP - 2);
                write!(
                    f,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" \
                     height=\"{height}\"/>"
                )?;
            }
        }
        f.write_str("</g>")
    }
}

impl Plot {
    /// A line, level for each step, with gaps where nothing is known.
    fn line(&self, f: &mut fmt::Formatter<'_>, (class, which): (&str, usize)) -> fmt::Result {
        write!(
            f,
            "<path class=\"line {class}\" vector-effect=\"non-scaling-stroke\" d=\""
        )?;
        let mut after = None;
        for column in &self.columns {
            let Shape::Levels(levels) = &column.shape else {
                continue;
            };
            let y = HEIGHT - levels.get(which).copied().unwrap_or_default();
            let (x, end) = (column.place * STEP, (column.place + 1) * STEP);
            let word = if after == Some(column.place) {
                'L'
            } else {
                'M'
            };
            write!(f, "{word}{x} {y}H{end}")?;
            after = Some(column.place + 1);
        }
        f.write_str("\"/>")
    }

    fn is_lines(&self) -> bool {
        let first = self.columns.first().map(|column| &column.shape);
        matches!(first, Some(Shape::Levels(_)))
    }
}

impl fmt::Display for Plot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.steps * STEP;
        write!(
            f,
            "<svg class=\"chart\" viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" \
             role=\"img\" aria-label=\"{}\">",
            self.label
        )?;
        for y in [0, HEIGHT / 2, HEIGHT] {
            write!(
                f,
                "<line class=\"grid\" vector-effect=\"non-scaling-stroke\" x1=\"0\" y1=\"{y}\" \
                 x2=\"{width}\" y2=\"{y}\"/>"
            )?;
        }
        for column in &self.columns {
            column.draw(f)?;
        }
        if self.is_lines() {
            for line in [("p50", 0), ("p95", 1), ("p99", 2)] {
                self.line(f, line)?;
            }
        }
        f.write_str("</svg>")
    }
}

// Numbers, times and words of our own.
impl HtmlSafe for Plot {}

#[cfg(test)]
mod tests;
