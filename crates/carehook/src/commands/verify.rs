//! `carehook verify`: was this received request signed with this secret?

mod expected;
mod headers;
mod signatures;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use carehook_core::{Clock, Dialect, Secret, TOLERANCE, Timestamp};
use clap::Args;
use http::HeaderMap;

use crate::exit::Exit;
use crate::output;
use expected::Expected;
use signatures::Signature;

#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 the request is genuine, 7 it is not, 1 it cannot be judged.

The secret is the one that was shown with the endpoint, or a public key `whpk_…`.
The body must be the bytes as they arrived: JSON that was parsed and written again
has another signature.
The dialect's own signature is checked, and that of Standard Webhooks; all that
the request has must fit.

Examples, with a request that curl or a proxy has kept:
  carehook verify --secret whsec_… --headers headers.txt --body body.json
  carehook verify --secret whsec_… --headers headers.txt --body body.json --ignore-age")]
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
    /// Whose signature to check: `auto` sees it by the headers
    #[arg(long, value_enum, default_value_t = Expected::Auto)]
    dialect: Expected,
    /// Judges as if it were this time, such as 2026-01-02T03:04:05Z; for stored requests
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// How far the request's timestamp may be from that time
    #[arg(long, value_name = "SECONDS", default_value_t = TOLERANCE.as_secs())]
    tolerance: u64,
    /// Accepts a request of any age; for stored requests
    #[arg(long, conflicts_with_all = ["at", "tolerance"])]
    ignore_age: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let text = read(&arguments.headers).context("read the headers")?;
    let headers = headers::parse(&text)?;
    let body = read(&arguments.body).context("read the body")?;
    let secret = Secret::new(arguments.secret.as_str());
    let dialect = arguments.dialect.resolve(&headers);
    let signatures = signatures::judge(dialect, &secret, &headers, &body)?;
    let fault = fault_of(dialect, &signatures).or_else(|| age_fault(arguments, &signatures));
    if let Some(fault) = fault {
        output::note(format_args!("NOT verified: {fault}"));
        return Ok(Exit::NotVerified);
    }
    let id = event_id(&headers);
    let names: Vec<&str> = signatures.iter().map(|signature| signature.name).collect();
    output::line(format_args!(
        "Verified: {id} is genuine ({}).",
        names.join(" and ")
    ))?;
    Ok(Exit::Done)
}

/// Decoda and ECG have no id among their own headers.
fn event_id(headers: &HeaderMap) -> &str {
    let known = ["webhook-id", "x-webhook-id"];
    let mut ids = known.into_iter().filter_map(|name| headers.get(name));
    let id = ids.find_map(|value| value.to_str().ok());
    id.unwrap_or("the request")
}

/// What does not fit; and, when something else does, what that tells.
fn fault_of(dialect: Dialect, signatures: &[Signature]) -> Option<String> {
    let faults: Vec<_> = signatures.iter().filter_map(|s| s.fault.as_ref()).collect();
    if faults.is_empty() {
        return None;
    }
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let mut text = texts.join("\n  and ");
    for fitting in signatures.iter().filter(|s| s.fault.is_none()) {
        let Signature { header, name, .. } = fitting;
        let comment = fitting.comment(dialect, &faults);
        write!(text, "\n  but {header} fits ({name}). {comment}")
            .expect("writing to a string cannot fail");
    }
    Some(text)
}

/// Judges the age after the signatures, so that the tolerance can be chosen.
fn age_fault(arguments: &Arguments, signatures: &[Signature]) -> Option<String> {
    if arguments.ignore_age {
        return None;
    }
    let now = arguments.at.unwrap_or_else(|| Clock::system().wall());
    let times = signatures.iter().filter_map(|s| Some((s, s.signed_at?)));
    let away = |time: Timestamp| time.seconds().abs_diff(now.seconds());
    let (signature, time) = times.max_by_key(|(_, time)| away(*time))?;
    let seconds = away(time);
    (seconds > arguments.tolerance).then(|| {
        format!(
            "{} fits, but the request was signed at {time}, {seconds} s away from {now}; more than \
             the tolerance of {} s\n  A request that somebody has kept and sends again looks like \
             this. For one that you keep: --at, --tolerance or --ignore-age",
            signature.header, arguments.tolerance,
        )
    })
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
