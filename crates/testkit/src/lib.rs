//! Actors for tests: receivers that do as they are told, hostile ones, a name server, an identity provider, and what a kill leaves.
//!
//! All of them listen on a free port of the loopback and stop when they are dropped.
//! Waiting is by signal and bounded; a bound that passes fails the test.

mod authority;
mod hostile;
mod identity_provider;
mod json_printer;
mod judges;
mod killed_process;
mod mail_server;
mod name_server;
mod python_client;
mod receiver;
mod token_issuer;
mod token_judge;

pub use authority::{Authority, Identity};
pub use hostile::{Behaviour, HostileReceiver};
pub use identity_provider::{ClientProof, Conduct, IdentityProvider, Route, Signing};
pub use json_printer::JsonPrinter;
pub use judges::{Judge, JudgeVerdict};
pub use killed_process::copy_as_killed;
pub use mail_server::{MailServer, MailSetup, MailTls, TakenMail};
pub use name_server::{NameServer, Reply};
pub use python_client::run_python_client;
pub use receiver::{Answer, Received, Receiver, TlsSetup};
pub use token_issuer::{KeyKind, TokenIssuer, base64url, signed_token};
pub use token_judge::{ForeignToken, TokenJudge};
