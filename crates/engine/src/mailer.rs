//! Mails about failures: takes what the store owes and hands it to the mail server.
//!
//! A mail is forgotten only when the server has taken it, refused it for good, or not taken it for
//! a week. A crash in between sends it again, with the same `Message-ID`. While the server
//! cannot be used nothing is written: the mailer pauses, longer each time, and begins anew.

mod letter;
mod line;
mod pauses;
mod server;
mod session;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use carehook_core::{AttemptId, Clock, MailAddress, Timestamp};
use carehook_store::{DueMail, Failure, Store, StoreError};
use lettre::Message;
use lettre::message::Mailbox;
use tokio_util::sync::CancellationToken;

use crate::attempt::chain;
use crate::engine::EngineShared;
use crate::observe::MailFigures;
use letter::letter;
use line::Line;
use pauses::{LONGEST, pause_after, too_old};
use session::Problem;

pub use server::{MailConfig, MailSender, MailSenderError, MailServer, MailServerError};

/// Mails that are taken from the store in one go.
const PAGE: usize = 50;
/// The wall clock may jump, so it is looked at least this often.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// What a stop leaves to the mail in hand; one that is cut off is sent again after the next start.
const LAST_MAIL: Duration = Duration::from_secs(5);

/// The one task that sends mails.
pub(crate) struct Mailer {
    store: Store,
    clock: Clock,
    /// `None`: mails are kept until a server is configured, or until they are given up.
    config: Option<MailConfig>,
    stop: CancellationToken,
    shared: Arc<EngineShared>,
    /// Mails that were sent, and that the store could not yet be told of.
    unended: HashSet<AttemptId>,
    /// How often in a row the server could not be used, and until when it is left alone.
    outage: Option<(u32, Timestamp)>,
    told_of_missing_server: bool,
    figures: MailFigures,
}

/// Why the mailer goes no further for now.
struct Stuck;

impl Mailer {
    pub(crate) fn new(
        (store, clock): (Store, Clock),
        config: Option<MailConfig>,
        stop: CancellationToken,
        shared: Arc<EngineShared>,
    ) -> Self {
        Self {
            store,
            clock,
            config,
            stop,
            shared,
            unended: HashSet::new(),
            outage: None,
            told_of_missing_server: false,
            figures: MailFigures::register(),
        }
    }

    /// Sends what is due until it is told to stop.
    pub(crate) async fn run(mut self) {
        let stop = self.stop.clone();
        let cut_off = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_MAIL).await;
        };
        tokio::select! {
            () = self.work() => {}
            () = cut_off => tracing::warn!("a mail was cut off and is sent after the next start"),
        }
    }

    async fn work(&mut self) {
        while !self.stop.is_cancelled() {
            let wake = self.round().await;
            let pause = wake.since(self.clock.now()).min(LONGEST_SLEEP);
            tokio::select! {
                () = self.shared.mail_news.notified() => {}
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Works off what is due; when to look again.
    async fn round(&mut self) -> Timestamp {
        let now = self.clock.now();
        let later = now.plus(LONGEST);
        let Some(config) = self.config.clone() else {
            self.tell_of_missing_server(now).await;
            self.give_up_old(now).await;
            return later;
        };
        match self.outage {
            Some((_, until)) if now < until => return until,
            _ => {}
        }
        let mut line = Line::new(&config);
        let worked = self.work_off(&mut line, now).await;
        line.hang_up().await;
        if let Ok(next) = worked {
            return next.unwrap_or(later);
        }
        self.give_up_old(now).await;
        self.outage.map_or(later, |(_, until)| until)
    }

    /// Sends page after page; when the next mail is due.
    async fn work_off(
        &mut self,
        line: &mut Line<'_>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Stuck> {
        loop {
            let page = self.store.due_mails(now, PAGE).await;
            let page = page.map_err(|error| self.store_fails(&error))?;
            if page.mails.is_empty() || self.stop.is_cancelled() {
                return Ok(page.next_due);
            }
            for mail in page.mails {
                if self.stop.is_cancelled() {
                    return Ok(None);
                }
                self.settle(line, mail).await?;
            }
        }
    }

    async fn settle(&mut self, line: &mut Line<'_>, mail: DueMail) -> Result<(), Stuck> {
        let about = mail.about;
        if self.unended.contains(&about) {
            return self.end(about).await;
        }
        let Some((failure, message)) = self.compose(line.config(), mail.failure) else {
            self.figures.dropped();
            return self.end(about).await;
        };
        let sent = line.send(&message).await;
        if !matches!(sent, Err(Problem::Server(_) | Problem::Broken(_))) {
            self.recovered();
        }
        match sent {
            Ok(()) => {
                self.figures.sent();
                self.unended.insert(about);
                self.end(about).await
            }
            Err(Problem::Server(reason)) => {
                self.figures.delayed();
                Err(self.server_fails(&reason))
            }
            Err(Problem::Broken(reason)) => {
                // Others go first next time: one mail must not keep them back for ever.
                self.delay(&failure, mail.tries, &reason).await?;
                Err(self.server_fails(&reason))
            }
            Err(Problem::Later(code)) => {
                let reason = format!("the mail server answered {code}");
                self.delay(&failure, mail.tries, &reason).await
            }
            Err(Problem::Never(code)) => {
                self.refused(&failure, &format!("the mail server answered {code}"))
                    .await
            }
        }
    }

    /// Lets a mail wait; one that has waited for too long is dropped.
    async fn delay(&mut self, failure: &Failure, tries: u32, reason: &str) -> Result<(), Stuck> {
        let now = self.clock.now();
        if failure.attempt.started_at <= too_old(now) {
            return self.refused(failure, reason).await;
        }
        self.figures.delayed();
        tracing::info!(
            delivery = %failure.delivery.id,
            reason,
            "a mail about a failure is delayed"
        );
        let until = now.plus(pause_after(tries));
        let delayed = self.store.delay_mail(failure.attempt.id, until).await;
        delayed.map_err(|error| self.store_fails(&error))
    }

    async fn refused(&mut self, failure: &Failure, reason: &str) -> Result<(), Stuck> {
        self.figures.dropped();
        tracing::warn!(
            endpoint = %failure.endpoint.id,
            delivery = %failure.delivery.id,
            reason,
            "a mail about a failure is dropped"
        );
        self.end(failure.attempt.id).await
    }

    /// The mail as it is sent now; `None` when there is nobody to send it to any more.
    fn compose(&self, config: &MailConfig, failure: Option<Failure>) -> Option<(Failure, Message)> {
        let failure = failure?;
        let address: MailAddress = failure.endpoint.notification_email.as_ref()?.parse().ok()?;
        let to = Mailbox::new(None, address.as_str().parse().ok()?);
        let made = letter(&failure, (&config.from, to), self.clock.wall());
        match made {
            Ok(message) => Some((failure, message)),
            Err(error) => {
                tracing::error!(endpoint = %failure.endpoint.id, %error, "a mail cannot be written");
                None
            }
        }
    }

    async fn end(&mut self, about: AttemptId) -> Result<(), Stuck> {
        let ended = self.store.end_mail(about).await;
        ended.map_err(|error| self.store_fails(&error))?;
        self.unended.remove(&about);
        Ok(())
    }

    /// Ends mails that nobody has taken for too long: what is due for that long has failed for
    /// even longer.
    async fn give_up_old(&mut self, now: Timestamp) {
        loop {
            let old = match self.store.due_mails(too_old(now), PAGE).await {
                Ok(page) if page.mails.is_empty() => return,
                Ok(page) => page.mails,
                Err(error) => {
                    self.store_fails(&error);
                    return;
                }
            };
            for mail in old {
                tracing::error!(
                    delivery = %mail.about.delivery(),
                    "no mail server took a mail about a failure for 7 days: it is given up"
                );
                self.figures.dropped();
                if self.end(mail.about).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn tell_of_missing_server(&mut self, now: Timestamp) {
        if self.told_of_missing_server {
            return;
        }
        let waiting = self.store.due_mails(now, 1).await;
        if waiting.is_ok_and(|page| !page.mails.is_empty()) {
            self.told_of_missing_server = true;
            tracing::warn!(
                "mails about failures wait, and are given up after 7 days: \
                 set CAREHOOK_SMTP_URL and CAREHOOK_MAIL_FROM"
            );
        }
    }

    fn recovered(&mut self) {
        if self.outage.take().is_some() {
            tracing::info!("the mail server takes mails again");
        }
        *self.shared.mail_problem.lock() = None;
    }

    fn server_fails(&mut self, reason: &str) -> Stuck {
        tracing::error!(
            reason,
            "the mail server cannot be used: mails about failures wait"
        );
        self.pause(format!("the mail server cannot be used: {reason}"))
    }

    fn store_fails(&mut self, error: &StoreError) -> Stuck {
        tracing::error!(error = %chain(error), "the store refused the mailer");
        self.pause(chain(error))
    }

    fn pause(&mut self, problem: String) -> Stuck {
        let times = self.outage.map_or(0, |(times, _)| times);
        let until = self.clock.now().plus(pause_after(times));
        self.outage = Some((times.saturating_add(1), until));
        *self.shared.mail_problem.lock() = Some(problem);
        Stuck
    }
}
