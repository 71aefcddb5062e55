//! Waiting for a replay: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::One;
use crate::client::{Call, Client};
use crate::output::Record;

/// How often the server is asked.
const PAUSE: Duration = Duration::from_millis(500);
const BAR: &str = "{bar:32.cyan/dim} {percent:>3} %  {msg}  {elapsed}, {eta} left";

/// Asks until the job has ended.
pub(super) async fn until_ended(
    client: &Client,
    one: &One,
    mut job: Record,
) -> anyhow::Result<Record> {
    let Some(id) = job.text_of("id").map(str::to_owned) else {
        return Ok(job);
    };
    let bar = bar();
    while job.text_of("state") == Some("running") {
        show(&bar, &job);
        tokio::time::sleep(PAUSE).await;
        let call = Call::get(&one.path(&["replays", &id]));
        job = client.record(call).await?;
    }
    bar.finish_and_clear();
    Ok(job)
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(BAR)
        .expect("the template is a constant")
        .progress_chars("━━─");
    let bar = ProgressBar::new(0).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, job: &Record) {
    let count = |field| job.number(field).unwrap_or_default();
    let (sent, failed) = (count("sent"), count("failed"));
    bar.set_length(count("counted"));
    bar.set_position(sent + failed + count("cancelled"));
    bar.set_message(format!("{sent} sent, {failed} failed"));
}
