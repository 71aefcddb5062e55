//! The identity provider that people sign in with.

use carehook_app::{OIDC_RETURN_PATH, OidcConfig};
use carehook_deliver::{DeliverConfig, Deliverer};

use super::finding::Finding;
use crate::config::Settings;

const SUBJECT: &str = "sign-in";

pub(super) async fn check(settings: &Settings) -> Finding {
    match settings.oidc() {
        Ok(None) => Finding::fine(SUBJECT, "with the operator's password alone"),
        Ok(Some(config)) => try_out(&config, settings).await,
        Err(error) => Finding::failed(SUBJECT, error.to_string(), "a server does not start so"),
    }
}

/// Reads what the provider says of itself; nobody is signed in.
async fn try_out(config: &OidcConfig, settings: &Settings) -> Finding {
    let issuer = &config.issuer;
    let checked = match Deliverer::new(DeliverConfig::default()) {
        Ok(deliverer) => config.check(&deliverer).await,
        Err(error) => Err(error.to_string()),
    };
    let base = settings.public_url.as_ref();
    let base = base.map(|url| url.value.as_str().trim_end_matches('/').to_owned());
    let base = base.unwrap_or_else(|| format!("http://{}", settings.listen.value));
    match checked {
        Ok(()) => Finding::fine(
            SUBJECT,
            format!("{issuer} answers, and leads back to {base}{OIDC_RETURN_PATH}"),
        ),
        Err(reason) if config.only => Finding::failed(
            SUBJECT,
            format!("{issuer} cannot be used: {reason}"),
            "nobody can sign in: look at CAREHOOK_OIDC_ISSUER, or set CAREHOOK_OIDC_ONLY to false",
        ),
        Err(reason) => Finding::warning(
            SUBJECT,
            format!("{issuer} cannot be used: {reason}"),
            "the password still works: look at CAREHOOK_OIDC_ISSUER",
        ),
    }
}
