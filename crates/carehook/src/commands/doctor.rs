//! `carehook doctor`: looks at everything that a server needs, and says what to do.

mod clock;
mod data;
mod disk;
mod finding;
mod keys;
mod machine;
mod mail;
mod network;
mod provider;
mod trail;

use clap::Args;

use crate::config::{Environment, ServerFlags, Settings};
use crate::exit::Exit;
use crate::output;
use finding::{Finding, Grade};

#[derive(Args)]
#[command(after_help = "\
Give it the same flags and environment as `carehook serve`. It changes nothing; to time the disk it
writes a small file into the data directory and removes it.

Exit codes: 0 a server can start, possibly with warnings; 8 a check failed; 3 the configuration
cannot be read.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerFlags,
    /// The host name that the name server is asked for
    #[arg(long, value_name = "NAME", default_value = "example.com")]
    resolve: String,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    let settings = Settings::resolve(&arguments.server, &environment)?;
    let mut findings = Vec::new();
    findings.extend(keys::check(&settings));
    findings.extend(keys::unknown_variables(&environment));
    let directory = data::check(&settings, &mut findings);
    if let Some(directory) = &directory {
        findings.extend(disk::check(directory));
        findings.extend(trail::check(directory));
    }
    findings.push(clock::check(directory.as_deref()));
    findings.push(machine::open_files());
    findings.push(machine::listen_address(&settings));
    findings.push(machine::public_url(&settings));
    findings.push(machine::console(&settings));
    findings.extend(network::check(&settings, &arguments.resolve).await);
    findings.push(mail::check(&settings).await);
    findings.push(provider::check(&settings).await);
    print(&findings)?;
    let failed = findings
        .iter()
        .any(|finding| finding.grade == Grade::Failed);
    Ok(if failed { Exit::Unhealthy } else { Exit::Done })
}

fn print(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        output::line(finding)?;
    }
    let count = |grade| {
        findings
            .iter()
            .filter(|finding| finding.grade == grade)
            .count()
    };
    let (failed, warnings) = (count(Grade::Failed), count(Grade::Warning));
    output::line(match (failed, warnings) {
        (0, 0) => "\nEverything is fine.".to_owned(),
        (0, warnings) => format!("\nA server can start. Warnings: {warnings}."),
        (failed, warnings) => format!("\nNot ready. Failed: {failed}, warnings: {warnings}."),
    })?;
    Ok(())
}
