//! What can be wrong with the configuration.

use std::io;
use std::path::PathBuf;

use super::setting::Origin;

/// A setting is missing or wrong; the text says which one, where, and what would be right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("read the configuration file {}", path.display())]
    ReadFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The parser's message shows the line and names the key.
    #[error("the configuration file {} is not valid\n{message}", path.display())]
    ParseFile { path: PathBuf, message: String },
    #[error("the environment variable {variable} is not valid text (UTF-8)")]
    NotText { variable: String },
    #[error("{origin}: {reason}")]
    Invalid { origin: Origin, reason: String },
    #[error("{}: a master key comes from one place: keep one of them", origins(.0))]
    SeveralKeys(Vec<Origin>),
    #[error("{}", list(.0))]
    Missing(Vec<Missing>),
    #[error("{0}: PostgreSQL is not supported yet; use an embedded store with --data DIR")]
    Database(Origin),
    #[error("{action} {}", path.display())]
    KeyFile {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// A setting that has to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Data,
    MasterKey,
    OperatorKey,
    TokenSecret,
    MailSender,
    OidcIssuer,
    OidcClientId,
    OidcPeople,
    OidcPublicUrl,
}

impl Missing {
    fn advice(self) -> &'static str {
        match self {
            Self::Data => {
                "no data directory: set CAREHOOK_DATA or --data to the directory that keeps all data"
            }
            Self::MasterKey => {
                "CAREHOOK_MASTER_KEY is not set (nor CAREHOOK_MASTER_KEY_FILE or _COMMAND): it encrypts \
                 all data; make one with `head -c 32 /dev/urandom | base64`, and keep a copy: without \
                 it the data is lost"
            }
            Self::OperatorKey => {
                "CAREHOOK_OPERATOR_KEY is not set: it is the API key with all rights; make one with \
                 `head -c 32 /dev/urandom | base64`"
            }
            Self::MailSender => {
                "CAREHOOK_MAIL_FROM is not set, but CAREHOOK_SMTP_URL is: set it to the address that \
                 mails about failures come from"
            }
            Self::OidcIssuer => {
                "CAREHOOK_OIDC_ISSUER is not set, but other settings of the identity provider are: set \
                 it to the provider's issuer, or unset every CAREHOOK_OIDC_ setting"
            }
            Self::OidcClientId => {
                "CAREHOOK_OIDC_CLIENT_ID is not set, but CAREHOOK_OIDC_ISSUER is: set it to what this \
                 server is called there"
            }
            Self::OidcPeople => {
                "CAREHOOK_OIDC_PEOPLE is not set, but CAREHOOK_OIDC_ISSUER is: set it to who may enter, \
                 such as anna@clinic.example,@it.clinic.example,group:carehook-admins"
            }
            Self::OidcPublicUrl => {
                "CAREHOOK_PUBLIC_URL is not set, but CAREHOOK_OIDC_ISSUER is: the identity provider \
                 leads people back there"
            }
            Self::TokenSecret => {
                "CAREHOOK_JWT_SECRET is not set: tokens are signed with it; set it to that of the \
                 server, or make one for both with `head -c 32 /dev/urandom | base64`"
            }
        }
    }

    /// Whether a trial makes it itself.
    fn is_made_in_trials(self) -> bool {
        match self {
            Self::Data | Self::MasterKey | Self::OperatorKey => true,
            Self::TokenSecret
            | Self::MailSender
            | Self::OidcIssuer
            | Self::OidcClientId
            | Self::OidcPeople
            | Self::OidcPublicUrl => false,
        }
    }
}

impl ConfigError {
    pub(crate) fn missing_data_directory() -> Self {
        Self::Missing(vec![Missing::Data])
    }
}

fn origins(origins: &[Origin]) -> String {
    let texts: Vec<String> = origins.iter().map(ToString::to_string).collect();
    texts.join(" and ")
}

fn list(missing: &[Missing]) -> String {
    let advice = missing.iter().map(|missing| missing.advice());
    let hint = "to try Carehook without any of this, run `carehook serve --dev`";
    let hint = missing
        .iter()
        .all(|missing| missing.is_made_in_trials())
        .then_some(hint);
    let lines: Vec<&str> = advice.chain(hint).collect();
    lines.join("\n       ")
}
