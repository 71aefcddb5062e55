//! The mail server that tells of failed deliveries.

use carehook_engine::MailConfig;

use super::finding::Finding;
use crate::config::Settings;

const SUBJECT: &str = "mail server";

pub(super) async fn check(settings: &Settings) -> Finding {
    match settings.mail() {
        Some(config) => try_out(&config).await,
        None => Finding::fine(SUBJECT, "not set: nobody is told of failures by mail"),
    }
}

/// Opens a conversation and ends it; no mail is sent.
async fn try_out(config: &MailConfig) -> Finding {
    let server = &config.server;
    match config.check().await {
        Ok(()) => Finding::fine(
            SUBJECT,
            format!("{server} takes mails from {}", config.from),
        ),
        Err(reason) => Finding::warning(
            SUBJECT,
            format!("{server} cannot be used: {reason}"),
            "mails about failures wait for it, for 7 days at most: look at CAREHOOK_SMTP_URL",
        ),
    }
}
