//! The line to the mail server: dialled for the first mail of a round, kept for the others.

use lettre::Message;

use super::server::MailConfig;
use super::session::{Problem, Session};

/// A line that is open, or not yet.
pub(super) struct Line<'a> {
    config: &'a MailConfig,
    session: Option<Session>,
}

impl MailConfig {
    /// Whether the server can be used, sign-in included; no mail is sent.
    pub async fn check(&self) -> Result<(), String> {
        match Session::open(&self.server, self.from.0.email.domain()).await {
            Ok(session) => {
                session.close().await;
                Ok(())
            }
            Err(Problem::Server(reason) | Problem::Broken(reason)) => Err(reason),
            Err(Problem::Later(code) | Problem::Never(code)) => Err(format!("it answered {code}")),
        }
    }
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
