//! Waiting for an erasure: a line on a terminal that tells how far it is, nothing elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::client::{Call, Client, OrganizationFlag};
use crate::output::Record;

/// How often the server is asked.
const PAUSE: Duration = Duration::from_millis(500);
const SPINNER: &str = "{spinner} {msg}  {elapsed}";

/// Asks until the job has ended.
pub(super) async fn until_ended(
    client: &Client,
    of: &OrganizationFlag,
    mut job: Record,
) -> anyhow::Result<Record> {
    let Some(id) = job.text_of("id").map(str::to_owned) else {
        return Ok(job);
    };
    let line = line();
    while job.text_of("state") == Some("running") {
        line.set_message(erased(&job));
        tokio::time::sleep(PAUSE).await;
        let call = Call::get(&of.path(&["erasures", &id]));
        job = client.record(call).await?;
    }
    line.finish_and_clear();
    Ok(job)
}

fn line() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(SPINNER).expect("the template is a constant");
    let line = ProgressBar::new_spinner().with_style(style);
    line.enable_steady_tick(Duration::from_millis(200));
    line
}

fn erased(job: &Record) -> String {
    let events = job.number_of("counts", "events").unwrap_or_default();
    match events {
        1 => "1 event erased".to_owned(),
        events => format!("{events} events erased"),
    }
}
