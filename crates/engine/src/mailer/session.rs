//! One conversation with the mail server, and what its answers mean.
//!
//! What is wrong with the server or with our sign-in must not be taken for a refusal of one mail:
//! then a wrong password would throw all mails away.

use std::fmt::Display;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::server::{MailServer, Security};

/// For the connection, its encryption and the sign-in together.
const OPENING: Duration = Duration::from_secs(15);
/// For one mail; the server may look for viruses before it answers.
const SENDING: Duration = Duration::from_secs(30);
/// For saying good-bye.
const CLOSING: Duration = Duration::from_secs(2);
/// `421`: the server is about to close the connection (RFC 5321, 4.2.3).
const CLOSING_DOWN: u16 = 421;
const TOO_SLOW: &str = "it did not answer in time";

/// Why a mail was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The server cannot be used; no mail is to blame.
    Server(String),
    /// The conversation ended with this mail; whether it is to blame is not known.
    Broken(String),
    /// The server does not take this mail now (4xx).
    Later(u16),
    /// The server will never take this mail (5xx).
    Never(u16),
}

/// A conversation that has begun.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    /// Whether a refused mail has to be called off before the next one.
    refused: bool,
}

impl Session {
    /// Connects, encrypts and signs in, as far as the server's URL says so. `name` is what this
    /// machine calls itself.
    pub(super) async fn open(server: &MailServer, name: &str) -> Result<Self, Problem> {
        let name = ClientId::Domain(name.to_owned());
        let connection = timeout(OPENING, Box::pin(connect(server, &name))).await;
        Ok(Self {
            connection: connection.map_err(|_| Problem::Server(TOO_SLOW.to_owned()))??,
            refused: false,
        })
    }

    /// Hands one mail over.
    pub(super) async fn send(&mut self, message: &Message) -> Result<(), Problem> {
        let sent = timeout(SENDING, Box::pin(self.hand_over(message))).await;
        sent.map_err(|_| Problem::Broken(TOO_SLOW.to_owned()))?
    }

    async fn hand_over(&mut self, message: &Message) -> Result<(), Problem> {
        if self.refused {
            self.say(Rset).await.map_err(|error| of_server(&error))?;
        }
        self.refused = true;
        let envelope = message.envelope();
        let from = Mail::new(envelope.from().cloned(), Vec::new());
        // Who we are is the same for all mails.
        self.say(from).await.map_err(|error| of_server(&error))?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            self.say(to).await.map_err(|error| of_mail(&error))?;
        }
        self.say(Data).await.map_err(|error| of_mail(&error))?;
        let taken = self.connection.message(&message.formatted()).await;
        taken.map_err(|error| of_mail(&error))?;
        self.refused = false;
        Ok(())
    }

    async fn say(&mut self, command: impl Display) -> Result<(), Error> {
        self.connection.command(command).await.map(drop)
    }

    /// Ends the conversation.
    pub(super) async fn close(mut self) {
        // What was handed over is handed over, whatever the server says now.
        drop(timeout(CLOSING, self.connection.quit()).await);
    }
}

async fn connect(server: &MailServer, name: &ClientId) -> Result<AsyncSmtpConnection, Problem> {
    let tls = if server.security == Security::Implicit {
        Some(encryption(server).await?)
    } else {
        None
    };
    let address = (&*server.host, server.port);
    let connection = AsyncSmtpConnection::connect_tokio1(address, Some(OPENING), name, tls, None);
    let mut connection = connection.await.map_err(|error| of_server(&error))?;
    let upgrade = match server.security {
        Security::Implicit => false,
        Security::Required => true,
        Security::WhenOffered => connection.can_starttls(),
    };
    if upgrade {
        let upgraded = connection.starttls(encryption(server).await?, name).await;
        upgraded.map_err(|error| of_server(&error))?;
    }
    if let Some((user, password)) = &server.credentials {
        if !connection.is_encrypted() && !server.is_loopback() {
            let reason = "it offers no encryption, so that the password is not sent";
            return Err(Problem::Server(reason.to_owned()));
        }
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let signed_in = connection.auth(&mechanisms, &credentials).await;
        signed_in.map_err(|error| of_server(&error))?;
    }
    Ok(connection)
}

/// Trusts the authorities that the machine trusts; reading them takes a while.
async fn encryption(server: &MailServer) -> Result<TlsParameters, Problem> {
    let host = server.host.clone();
    let made = tokio::task::spawn_blocking(move || TlsParameters::new(host)).await;
    match made {
        Ok(made) => made.map_err(|error| of_server(&error)),
        Err(error) => Err(Problem::Server(error.to_string())),
    }
}

fn of_server(error: &Error) -> Problem {
    Problem::Server(in_words(error))
}

/// The text of an answer is left out: it may name an address or a user.
fn in_words(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("it answered {code}"),
        None => error.to_string(),
    }
}

fn of_mail(error: &Error) -> Problem {
    match error.status().map(u16::from) {
        Some(code) if code != CLOSING_DOWN && error.is_transient() => Problem::Later(code),
        Some(code) if error.is_permanent() => Problem::Never(code),
        _ => Problem::Broken(in_words(error)),
    }
}

#[cfg(test)]
mod tests;
