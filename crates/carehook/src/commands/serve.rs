//! `carehook serve`: the server, until a signal or a failure of the store.

mod banner;

use std::process;

use clap::Args;

use crate::config::{Environment, ServerFlags, Settings};
use crate::exit::Exit;
use crate::output;
use crate::server::{Server, Signals, raise_file_limit};
use crate::telemetry::{Metrics, silence_panics, start_logs};
use banner::Banner;

#[derive(Args)]
#[command(after_help = "\
A setting comes from the configuration file, the environment, or a flag; the later wins.
Besides those above, the environment has:
  CAREHOOK_OPERATOR_KEY    the API key with all rights
  CAREHOOK_MASTER_KEY      base64 of 32 bytes; encrypts all data
  CAREHOOK_MASTER_KEY_FILE, CAREHOOK_MASTER_KEY_COMMAND
                           instead: a file that holds it, or a program with arguments that prints it
  CAREHOOK_MASTER_KEY_NEXT, …_NEXT_FILE, …_NEXT_COMMAND
                           the key that `carehook keys rotate-master` goes over to
  CAREHOOK_JWT_SECRET      accepts bearer tokens (JWT) signed with it (HS256); 32 bytes or more
  CAREHOOK_JWKS_URL        accepts those of the keys there: RS256, ES256, EdDSA
  CAREHOOK_ALLOW_TARGETS   networks that deliveries may reach although they are not public
  CAREHOOK_ALLOW_HTTP      true allows targets without TLS that get no data of patients, full also others
  CAREHOOK_RETRY_SCHEDULE  seconds to wait after each failed attempt, such as 5,300,1800
  CAREHOOK_PUBLIC_URL      how clients reach this server, for links; it is never a target
  CAREHOOK_TRUSTED_PROXIES networks of proxies before this server, whose X-Forwarded-For is believed
  CAREHOOK_FRAME_ANCESTORS whose pages may show the console in a frame, such as https://app.example.com
  CAREHOOK_OIDC_ISSUER     the identity provider that people sign in to the console with
  CAREHOOK_OIDC_CLIENT_ID, CAREHOOK_OIDC_CLIENT_SECRET, CAREHOOK_OIDC_CLIENT_SECRET_FILE
                           what this server is called there, and what proves it
  CAREHOOK_OIDC_PEOPLE     who may enter, such as anna@clinic.example,@it.example,group:admins
  CAREHOOK_OIDC_NAME       what the provider is called on the page
  CAREHOOK_OIDC_ONLY       true switches the operator's password off
  CAREHOOK_SMTP_URL        the mail server that tells of failed deliveries, such as smtps://user:password@host
  CAREHOOK_MAIL_FROM       whom those mails come from
  CAREHOOK_LOG             what is logged, such as warn or info,carehook_engine=debug
In the file the names are in lower case and without CAREHOOK_. `carehook config show` shows all.

SIGTERM and Ctrl-C finish what is in flight, within 25 seconds; a second one ends at once.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: ServerFlags,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    let settings = Settings::resolve(&arguments.flags, &environment)?;
    start_logs(&settings.log.value);
    silence_panics();
    for variable in environment.unknown() {
        tracing::warn!(
            variable,
            "this environment variable means nothing to this version"
        );
    }
    raise_file_limit();
    if settings.lacks_public_url() {
        tracing::warn!(
            address = %settings.listen.value,
            "links in deliveries lead to the address that the server listens on: set \
             CAREHOOK_PUBLIC_URL to the URL that clients reach it by"
        );
    }
    if settings.lacks_tls() {
        tracing::warn!(
            "nobody can sign in to the console from another machine: browsers keep the sign-in over \
             https only; put TLS in front of the server and set CAREHOOK_PUBLIC_URL to its https URL"
        );
    }
    let mut signals = Signals::listen()?;
    let lacks_tls = settings.lacks_tls();
    let (config, generated) = settings.ready()?;
    let mut banner = Banner::new(&config, generated);
    banner.lacks_tls(lacks_tls);
    let server = Server::start(config, Metrics::install()?).await?;
    banner.listens_on(server.address());
    banner.first_visit(server.first_visit().await?);
    output::line(&banner)?;
    tracing::info!(address = %server.address(), "listening");
    let end = tokio::select! {
        signal = signals.next() => {
            tracing::info!(signal, "stopping: finishing what is in flight");
            Exit::Done
        }
        reason = server.failed() => {
            tracing::error!(reason, "stopping; a restart recovers");
            Exit::Failed
        }
    };
    tokio::select! {
        () = server.stop() => tracing::info!("stopped"),
        signal = signals.next() => {
            tracing::warn!(signal, "ending at once");
            end_at_once();
        }
    }
    Ok(end)
}

/// Whoever asks twice does not want to wait for anything, not even for threads to end. The store
/// is made for this: what was acknowledged is on disk.
#[expect(clippy::exit, reason = "returning would wait for what is in flight")]
fn end_at_once() {
    process::exit(i32::from(Exit::Failed as u8));
}
