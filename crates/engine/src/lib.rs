//! Everything that is driven by time: which delivery is attempted when, and what becomes of it.
//!
//! The [`Engine`] holds no truth. What it keeps in memory is a cache of the store and may be lost
//! at any line: deliveries are found again by their due times. Deciding is done by the
//! `scheduler`, a state machine without I/O; the `driver` carries its decisions out.

mod alarm;
mod attempt;
mod challenger;
mod driver;
mod engine;
mod janitor;
mod key_uses;
mod mailer;
mod observe;
mod receivers;
mod replayer;
mod scheduler;
mod statistics;

pub use engine::{Engine, EngineConfig};
pub use mailer::{MailConfig, MailSender, MailSenderError, MailServer, MailServerError};
