//! `carehook tokens mint`: a token on stdout, and nothing else, so that a script can take it.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use carehook_app::{NewToken, TokenOrganization};
use carehook_core::Clock;
use clap::Args;

use crate::config::{Environment, Settings};
use crate::exit::Exit;
use crate::output::{self, local_time};

#[derive(Args)]
#[command(after_help = "\
The secret is CAREHOOK_JWT_SECRET, or jwt_secret in the configuration file; the server must have
the same one. A token cannot be taken back before it ends: keep its time short.

Scopes: publish, read, read:payload, manage, keys, audit, admin, catalogue:write,
webhooks:read (read and read:payload), webhooks:write (read and manage).
`admin` for all organizations is the operator's right.

Example:
  TOKEN=$(carehook tokens mint --organization north --scope 'webhooks:read webhooks:write')")]
pub(crate) struct Arguments {
    /// The organization's id; '*' stands for all of them
    #[arg(long, value_name = "ORG")]
    organization: TokenOrganization,
    /// What the token allows; several are separated by blanks, or given one by one
    #[arg(long, value_name = "SCOPE", required = true, value_parser = scopes)]
    scope: Vec<Scopes>,
    /// Who the token is for; what is done with it is recorded under this name
    #[arg(long, value_name = "NAME", default_value = "carehook-cli", value_parser = subject)]
    subject: String,
    /// When it ends: seconds, or a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    expires_in: Duration,
    /// A configuration file in TOML; the environment wins over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The scopes of one flag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Scopes(Vec<&'static str>);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        organization,
        scope,
        subject,
        expires_in,
        config,
    } = arguments;
    let settings = Settings::resolve_file(config.as_deref(), &Environment::read()?)?;
    let issued_at = Clock::system().wall();
    let new = NewToken {
        subject: subject.clone(),
        organization: organization.clone(),
        scopes: distinct(scope),
        issued_at,
        expires_at: issued_at.plus(*expires_in),
    };
    let token = new.sign(settings.token_secret()?);
    output::line(token.expose())?;
    if io::stderr().is_terminal() {
        output::note(format_args!(
            "For {} in {organization}, until {}: {}",
            new.subject,
            local_time(&new.expires_at.to_string()),
            new.scopes.join(" "),
        ));
    }
    Ok(Exit::Done)
}

fn distinct(scopes: &[Scopes]) -> Vec<String> {
    let mut distinct = Vec::new();
    for scope in scopes.iter().flat_map(|Scopes(scopes)| scopes) {
        if !distinct.iter().any(|known| known == scope) {
            distinct.push((*scope).to_owned());
        }
    }
    distinct
}

fn scopes(text: &str) -> Result<Scopes, String> {
    let known: Vec<&'static str> = NewToken::scopes().collect();
    let scopes: Result<Vec<&'static str>, String> = text
        .split_whitespace()
        .map(|scope| {
            let found = known.iter().find(|known| **known == scope);
            found
                .copied()
                .ok_or_else(|| format!("`{scope}` is not one of {}", known.join(", ")))
        })
        .collect();
    match scopes? {
        none if none.is_empty() => Err(format!("at least one of {} is needed", known.join(", "))),
        scopes => Ok(Scopes(scopes)),
    }
}

fn subject(text: &str) -> Result<String, &'static str> {
    if NewToken::is_subject(text) {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 255 characters")
    }
}

/// More than a hundred years count as a mistake.
fn lifetime(text: &str) -> Result<Duration, &'static str> {
    const WRONG: &str = "is not a time such as 3600, 90s, 15m, 1h or 30d";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u32 = digits.parse().map_err(|_| WRONG)?;
    let unit: u32 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(WRONG),
    };
    match number.checked_mul(unit) {
        None | Some(0) => Err(WRONG),
        Some(seconds) => Ok(Duration::from_secs(seconds.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_with_or_without_a_unit() {
        for (text, seconds) in [
            ("1", 1),
            ("90s", 90),
            ("15m", 900),
            ("1h", 3600),
            ("30d", 2_592_000),
        ] {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "0",
            "0h",
            "h",
            "1.5h",
            "-1",
            "+",
            "1 h",
            "1w",
            "1hh",
            "99999999d",
            "1H",
        ] {
            assert!(lifetime(text).is_err(), "{text}");
        }
    }

    #[test]
    fn scopes_are_separated_by_blanks_and_known() {
        let read = scopes(" read  read:payload ").unwrap();
        assert_eq!(read, Scopes(vec!["read", "read:payload"]));
        let again = [read, scopes("publish read").unwrap()];
        assert_eq!(distinct(&again), ["read", "read:payload", "publish"]);
        let refused = scopes("read reed").err().unwrap();
        assert!(refused.starts_with("`reed` is not one of "), "{refused}");
        assert!(scopes("  ").is_err());
    }
}
