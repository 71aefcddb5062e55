//! A day in the height of a line: one bar for each hour, delivered below and failed above.

use std::fmt;

use askama::filters::HtmlSafe;
use carehook_app::Chart;

use crate::figures::grouped;

const HEIGHT: u64 = 20;
const BAR: usize = 3;
const STEP: usize = 4;

/// A small chart of attempts, for a row of a table.
pub(crate) struct Sparkline {
    /// Delivered and not delivered, for each step.
    bars: Vec<(u64, u64)>,
}

impl Sparkline {
    /// What was counted, by its steps.
    pub(crate) fn of(chart: &Chart) -> Self {
        let bars = chart.counts.iter();
        Self {
            bars: bars
                .map(|step| (step.delivered, step.retried + step.failed))
                .collect(),
        }
    }

    /// What it shows, in words.
    fn words(&self) -> String {
        let sum = |of: fn(&(u64, u64)) -> u64| self.bars.iter().map(of).sum::<u64>();
        match (sum(|bar| bar.0), sum(|bar| bar.1)) {
            (0, 0) => "No attempts in the last 24 hours".to_owned(),
            (delivered, failed) => format!(
                "Attempts of the last 24 hours, by the hour: {} delivered, {} failed",
                grouped(delivered),
                grouped(failed)
            ),
        }
    }
}

/// Pixels of a part of the highest bar; what is there at all is seen.
fn pixels(part: u64, highest: u64) -> u64 {
    (part * HEIGHT / highest.max(1)).max(u64::from(part > 0))
}

impl fmt::Display for Sparkline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.bars.len() * STEP;
        let highest = self.bars.iter().map(|bar| bar.0 + bar.1).max();
        let highest = highest.unwrap_or_default();
        write!(
            f,
            "<svg class=\"chart spark\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\">\
             <title>{}</title>\
             <line class=\"grid\" x1=\"0\" y1=\"{HEIGHT}\" x2=\"{width}\" y2=\"{HEIGHT}\"/>",
            self.words()
        )?;
        for (place, (delivered, failed)) in self.bars.iter().enumerate() {
            let x = place * STEP;
            let failed = pixels(*failed, highest);
            let delivered = pixels(*delivered, highest).min(HEIGHT - failed);
            for (class, height, y) in [
                ("delivered", delivered, HEIGHT - delivered),
                ("failed", failed, HEIGHT - delivered - failed),
            ] {
                if height > 0 {
                    write!(
                        f,
                        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" \
                         width=\"{BAR}\" height=\"{height}\"/>"
                    )?;
                }
            }
        }
        f.write_str("</svg>")
    }
}

// Numbers and words of our own.
impl HtmlSafe for Sparkline {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_drawn_in_bars_and_told_in_words() {
        let spark = Sparkline {
            bars: vec![(0, 0), (1_500, 500), (0, 1)],
        };
        let svg = spark.to_string();
        assert!(svg.contains("1,500 delivered, 501 failed"), "{svg}");
        assert!(
            svg.contains(r#"<rect class="delivered" x="4" y="5" width="3" height="15"/>"#),
            "{svg}"
        );
        assert!(
            svg.contains(r#"<rect class="failed" x="4" y="0" width="3" height="5"/>"#),
            "{svg}"
        );
        // One in two thousand is still seen.
        assert!(
            svg.contains(r#"<rect class="failed" x="8" y="19" width="3" height="1"/>"#),
            "{svg}"
        );
    }

    #[test]
    fn a_day_without_attempts_says_so() {
        let spark = Sparkline { bars: vec![(0, 0)] };
        let svg = spark.to_string();
        assert!(svg.contains("No attempts"), "{svg}");
        assert!(!svg.contains("<rect"), "{svg}");
    }

    #[test]
    fn no_bar_is_higher_than_the_chart() {
        let spark = Sparkline {
            bars: vec![(9_999, 1), (1, 9_999)],
        };
        let svg = spark.to_string();
        assert!(
            svg.contains(r#"<rect class="failed" x="0" y="0" width="3" height="1"/>"#),
            "{svg}"
        );
        assert!(!svg.contains("y=\"-"), "{svg}");
    }
}
