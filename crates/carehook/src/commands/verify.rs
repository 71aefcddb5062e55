//! `carehook verify`: was this received request signed with this secret?

mod headers;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use carehook_core::{Clock, Secret, SignatureError, TOLERANCE, Timestamp, Verifier};
use clap::Args;

use crate::exit::Exit;
use crate::output;
use headers::Headers;

#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 the request is genuine, 7 it is not, 1 it cannot be judged.

The secret is `whsec_…` as it was shown with the endpoint, or a public key `whpk_…`.
The body must be the bytes as they arrived: JSON that was parsed and written again
has another signature.

Example, with a request that curl or a proxy has kept:
  carehook verify --secret whsec_… --headers headers.txt --body body.json")]
pub(crate) struct Arguments {
    /// The endpoint's secret or public key
    #[arg(long)]
    secret: String,
    /// The request's headers: lines `Name: value`, or a JSON object
    #[arg(long, value_name = "FILE")]
    headers: PathBuf,
    /// The request's body; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// Judges as if it were this time, such as 2026-01-02T03:04:05Z; for old requests
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// How far the request's timestamp may be from that time
    #[arg(long, value_name = "SECONDS", default_value_t = TOLERANCE.as_secs())]
    tolerance: u64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let text = read(&arguments.headers).context("read the headers")?;
    let headers = Headers::parse(&text)?;
    let body = read(&arguments.body).context("read the body")?;
    let verifier = Verifier::parse(&Secret::new(arguments.secret.as_str()))
        .context("the secret cannot be used")?;
    let now = arguments.at.unwrap_or_else(|| Clock::system().wall());
    match verdict(&verifier, &headers, &body, now, arguments.tolerance) {
        Ok(()) => {
            output::line(format_args!("Verified: {} is genuine.", headers.id))?;
            Ok(Exit::Done)
        }
        Err(reason) => {
            output::note(format_args!("NOT verified: {reason}"));
            Ok(Exit::NotVerified)
        }
    }
}

/// Judges time and signature one after the other, so that the tolerance can be chosen.
fn verdict(
    verifier: &Verifier,
    headers: &Headers,
    body: &[u8],
    now: Timestamp,
    tolerance: u64,
) -> Result<(), String> {
    let seconds: i64 = headers
        .timestamp
        .parse()
        .map_err(|_| SignatureError::Timestamp.to_string())?;
    let Headers {
        id,
        timestamp,
        signatures,
    } = headers;
    let signed_at = Timestamp(seconds.saturating_mul(1000));
    verifier
        .verify((id, timestamp, signatures), body, signed_at)
        .map_err(|error| error.to_string())?;
    let away = seconds.abs_diff(now.seconds());
    if away > tolerance {
        return Err(format!(
            "the signature fits, but the request was signed at {signed_at}, {away} s away from \
             {now}; more than the tolerance of {tolerance} s (see --at and --tolerance)"
        ));
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("read stdin")?;
        return Ok(bytes);
    }
    if path.is_dir() {
        bail!("{} is a directory", path.display());
    }
    fs::read(path).with_context(|| path.display().to_string())
}
