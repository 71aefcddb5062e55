//! `carehook publish`: events from a file to a running server.
//!
//! **Safe to repeat.** Every event goes out with an id, and the server takes an id only once in 24
//! hours. An event that has none gets one derived from its text, and from how many times that text
//! has occurred before in the same input: so a run that broke off can be started again, and two
//! equal lines are still two events. `--again` derives from chance instead.

mod batch;
mod ids;
mod input;
mod progress;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::client::{Call, Client, ClientError, ClientFlags, OrganizationFlag};
use crate::exit::Exit;
use crate::output;
use batch::Batch;
use ids::Ids;
use input::{Input, Line};
use progress::Progress;
use report::Report;

/// How often one batch is sent while the server is busy, or away after it was there.
const ATTEMPTS: u32 = 8;
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Args)]
#[command(after_help = "\
The input is one event, a JSON array of events, or NDJSON: one event on each line, such as
  {\"type\": \"patient.created\", \"data\": {\"id\": \"pat_1\"}}

It is safe to run the same command again, for instance after it broke off: the server takes each
event's id only once in 24 hours, and an event without an id gets one that follows from its text.

Exit codes: 0 all events were accepted, 6 the server refused some (they are listed by line).")]
pub(crate) struct Arguments {
    /// A file with events; `-` reads them from stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    of: OrganizationFlag,
    /// Publish again what was published before: events without an id get a new one
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    server: ClientFlags,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let mut publisher = Publisher {
        client,
        organization: arguments.of.organization,
        ids: Ids::new(arguments.again),
        report: Report::default(),
        batch: Batch::default(),
        answered: false,
    };
    let mut input = Input::open(&arguments.file)?;
    let progress = Progress::new(input.size());
    let result = publisher.publish(&mut input, &progress).await;
    progress.finish();
    // What was accepted before a failure is worth knowing.
    if publisher.report.has_news() || result.is_ok() {
        output::line(&publisher.report)?;
    }
    result?;
    Ok(publisher.report.exit())
}

struct Publisher {
    client: Client,
    organization: String,
    ids: Ids,
    report: Report,
    batch: Batch,
    /// Whether the server has answered before: then it is worth waiting for.
    answered: bool,
}

impl Publisher {
    async fn publish(&mut self, input: &mut Input, progress: &Progress) -> anyhow::Result<()> {
        let mut position = 0;
        while let Some(line) = input.next_line()? {
            if self.take(line, progress).await? {
                // What is answered ends where this line begins.
                progress.at(position, &self.report);
            }
            position = input.position();
        }
        self.flush(progress).await
    }

    /// Puts an event into the batch; tells whether the batch before it had to be sent.
    async fn take(&mut self, line: Line, progress: &Progress) -> anyhow::Result<bool> {
        let Line { number, event } = line;
        let mut was_sent = false;
        match event.and_then(|event| self.ids.identified(&event)) {
            Err(reason) => {
                let refused = self.report.refuse(number, &reason);
                progress.note(refused);
            }
            Ok(event) => {
                if !self.batch.has_room_for(&event) {
                    self.flush(progress).await?;
                    was_sent = true;
                }
                self.batch.push(number, event);
            }
        }
        Ok(was_sent)
    }

    /// Sends the batch, and again what the server could not take yet: its ids make that safe.
    async fn flush(&mut self, progress: &Progress) -> anyhow::Result<()> {
        let path = ["organizations", &self.organization, "events", "batch"];
        let mut batch = std::mem::take(&mut self.batch);
        let mut attempts_left = ATTEMPTS;
        while !batch.is_empty() {
            attempts_left -= 1;
            let call = Call::post(&path).body(batch.body());
            let pause = match self.client.send(call).await {
                Ok(answer) => {
                    self.answered = true;
                    let added = self.report.add(&batch, &answer.body, attempts_left)?;
                    added
                        .refused
                        .iter()
                        .for_each(|line| progress.note(Some(line)));
                    batch = batch.only(&added.put_off);
                    PAUSE
                }
                Err(error) => match self.pause_after(&error).filter(|_| attempts_left > 0) {
                    Some(pause) => pause,
                    None => return Err(error.into()),
                },
            };
            if !batch.is_empty() {
                tokio::time::sleep(pause).await;
            }
        }
        Ok(())
    }

    fn pause_after(&self, error: &ClientError) -> Option<Duration> {
        match error {
            ClientError::Refused(problem) if problem.is_passing() => {
                let asked = problem.retry_after_seconds.map(Duration::from_secs);
                Some(asked.unwrap_or(PAUSE).min(LONGEST_PAUSE))
            }
            ClientError::Unreachable { .. } if self.answered => Some(PAUSE),
            _ => None,
        }
    }
}
