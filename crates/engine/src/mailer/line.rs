//! The line to the mail server: dialled for the first mail of a round, kept for the others.

use lettre::Message;

use super::server::MailConfig;
use super::session::{Problem, Session};

/// A line that is open, or not yet.
pub(super) struct Line<'a> {
    config: &'a MailConfig,
    session: Option<Session>,
}

impl<'a> Line<'a> {
    pub(super) fn new(config: &'a MailConfig) -> Self {
        let session = None;
        Self { config, session }
    }

    /// Whose mails these are, and where they go.
    pub(super) fn config(&self) -> &MailConfig {
        self.config
    }

    /// Hands one mail over.
    pub(super) async fn send(&mut self, message: &Message) -> Result<(), Problem> {
        let session = if let Some(open) = &mut self.session {
            open
        } else {
            let name = self.config.from.0.email.domain();
            let opened = Session::open(&self.config.server, name).await?;
            self.session.insert(opened)
        };
        let sent = session.send(message).await;
        if matches!(sent, Err(Problem::Server(_) | Problem::Broken(_))) {
            self.session = None;
        }
        sent
    }

    /// Ends what was begun.
    pub(super) async fn hang_up(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }
}
