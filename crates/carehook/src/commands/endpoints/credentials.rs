//! Flags for what a receiver asks for; certificates and keys are read from files.

use std::collections::BTreeMap;
use std::fs;

use clap::Args;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// What the receiver asks of those who post to it.
#[derive(Args)]
pub(super) struct Credentials {
    /// A user name and password that deliveries sign in with
    #[arg(long, value_name = "USER:PASSWORD", conflicts_with = "bearer", value_parser = read_basic)]
    basic: Option<(String, String)>,
    /// A token that deliveries sign in with
    #[arg(long, value_name = "TOKEN")]
    bearer: Option<String>,
    /// A file with the certificate (PEM) that deliveries show to the receiver
    #[arg(long, value_name = "FILE", requires = "client_key", value_parser = read_file)]
    client_certificate: Option<String>,
    /// The file with its key
    #[arg(long, value_name = "FILE", requires = "client_certificate", value_parser = read_file)]
    client_key: Option<String>,
    /// A file with certificate authorities (PEM) to trust besides those of the server's machine
    #[arg(long, value_name = "FILE", value_parser = read_file)]
    ca: Option<String>,
}

/// The fields of a request; none that was not given.
impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            basic,
            bearer,
            client_certificate,
            client_key,
            ca,
        } = self;
        let mut fields = serializer.serialize_map(None)?;
        if let Some((username, password)) = basic {
            let basic = [
                ("type", "basic"),
                ("username", username),
                ("password", password),
            ];
            fields.serialize_entry("authentication", &BTreeMap::from(basic))?;
        }
        if let Some(token) = bearer {
            let bearer = BTreeMap::from([("type", "bearer"), ("token", token)]);
            fields.serialize_entry("authentication", &bearer)?;
        }
        let tls = [
            ("client_certificate", client_certificate),
            ("client_key", client_key),
            ("ca", ca),
        ];
        let given = tls.into_iter();
        let given = given.filter_map(|(name, text)| Some((name, text.as_ref()?)));
        let given: BTreeMap<_, _> = given.collect();
        if !given.is_empty() {
            fields.serialize_entry("tls", &given)?;
        }
        fields.end()
    }
}

fn read_basic(text: &str) -> Result<(String, String), &'static str> {
    let (username, password) = text
        .split_once(':')
        .ok_or("credentials are written as `user:password`")?;
    Ok((username.to_owned(), password.to_owned()))
}

fn read_file(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("read `{path}`: {error}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        credentials: Credentials,
    }

    fn sent(flags: &[&str]) -> Result<String, clap::Error> {
        let all = [&["test"], flags].concat();
        let Command { credentials } = Command::try_parse_from(all)?;
        Ok(serde_json::to_string(&credentials).unwrap())
    }

    #[test]
    fn flags_become_the_fields_of_a_request() {
        assert_eq!(sent(&[]).unwrap(), "{}");
        let basic = sent(&["--basic", "ana:pass:word"]).unwrap();
        let expected = r#"{"password":"pass:word","type":"basic","username":"ana"}"#;
        assert_eq!(basic, format!(r#"{{"authentication":{expected}}}"#));
        let bearer = sent(&["--bearer", "t"]).unwrap();
        assert_eq!(
            bearer,
            r#"{"authentication":{"token":"t","type":"bearer"}}"#
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "-----BEGIN").unwrap();
        let ca = sent(&["--ca", file.to_str().unwrap()]).unwrap();
        assert_eq!(ca, r#"{"tls":{"ca":"-----BEGIN"}}"#);
    }

    #[test]
    fn flags_that_do_not_go_together_are_refused() {
        for flags in [
            &["--basic", "a:b", "--bearer", "t"][..],
            &["--basic", "ab"],
            &["--client-certificate", "/dev/null"],
            &["--ca", "/nowhere/ca.pem"],
        ] {
            assert!(sent(flags).is_err(), "{flags:?}");
        }
    }
}
