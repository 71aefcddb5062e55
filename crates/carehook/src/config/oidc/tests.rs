//! An identity provider is set as a whole or not at all.

use std::io::Write as _;

use super::super::environment::Environment;
use super::super::flags::{DataFlags, ServerFlags};
use super::*;

const ISSUER: (&str, &str) = ("CAREHOOK_OIDC_ISSUER", "https://id.example.com");
const CLIENT: (&str, &str) = ("CAREHOOK_OIDC_CLIENT_ID", "carehook");
const SECRET: (&str, &str) = ("CAREHOOK_OIDC_CLIENT_SECRET", "canary");
const PEOPLE: (&str, &str) = ("CAREHOOK_OIDC_PEOPLE", "@clinic.example");
const PUBLIC_URL: (&str, &str) = ("CAREHOOK_PUBLIC_URL", "https://hooks.example.com");

fn settings(data: DataFlags, variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let flags = ServerFlags { data, listen: None };
    Settings::resolve(&flags, &Environment::of(variables))
}

fn oidc(dev: bool, variables: &[(&str, &str)]) -> Result<Option<OidcConfig>, String> {
    let flags = DataFlags {
        dev,
        ..DataFlags::default()
    };
    let settings = settings(flags, variables).map_err(|error| error.to_string())?;
    settings.oidc().map_err(|error| error.to_string())
}

fn refusal(dev: bool, variables: &[(&str, &str)]) -> String {
    oidc(dev, variables).expect_err("it is refused")
}

#[test]
fn all_that_belongs_together_makes_a_provider() {
    assert!(oidc(false, &[PUBLIC_URL]).unwrap().is_none());
    let all = [ISSUER, CLIENT, SECRET, PEOPLE, PUBLIC_URL];
    let config = oidc(false, &all).unwrap().unwrap();
    assert_eq!(config.issuer.as_str(), "https://id.example.com");
    assert_eq!(config.client_secret.unwrap().expose(), "canary");
    assert!(!config.only);
    let public = oidc(false, &[ISSUER, CLIENT, PEOPLE, PUBLIC_URL]);
    assert!(public.unwrap().unwrap().client_secret.is_none());
    let only = ("CAREHOOK_OIDC_ONLY", "true");
    let only = oidc(true, &[ISSUER, CLIENT, PEOPLE, only]);
    assert!(only.unwrap().unwrap().only, "a trial needs no public URL");
}

#[test]
fn a_half_is_refused_and_what_is_missing_is_named() {
    for (variables, named) in [
        (vec![ISSUER, PEOPLE, PUBLIC_URL], "CAREHOOK_OIDC_CLIENT_ID"),
        (vec![ISSUER, CLIENT, PUBLIC_URL], "CAREHOOK_OIDC_PEOPLE"),
        (vec![ISSUER, CLIENT, PEOPLE], "CAREHOOK_PUBLIC_URL"),
        (vec![CLIENT], "CAREHOOK_OIDC_ISSUER"),
        (vec![SECRET], "CAREHOOK_OIDC_ISSUER"),
        (vec![PEOPLE], "CAREHOOK_OIDC_ISSUER"),
        (vec![("CAREHOOK_OIDC_ONLY", "true")], "CAREHOOK_OIDC_ISSUER"),
    ] {
        let text = refusal(false, &variables);
        assert!(text.starts_with(&format!("{named} is not set")), "{text}");
        let ready = settings(DataFlags::default(), &variables).unwrap().ready();
        let text = ready.err().unwrap().to_string();
        assert!(text.contains(&format!("{named} is not set")), "{text}");
    }
}

#[test]
fn plain_http_is_for_trials_on_this_machine() {
    let plain = ("CAREHOOK_OIDC_ISSUER", "http://127.0.0.1:7/realm");
    let all = [plain, CLIENT, PEOPLE, PUBLIC_URL];
    assert!(oidc(true, &all).unwrap().is_some());
    let text = refusal(false, &all);
    assert!(
        text.starts_with("CAREHOOK_OIDC_ISSUER: must begin"),
        "{text}"
    );
}

#[test]
fn the_secret_comes_from_one_place_and_a_file_may_end_with_a_line_feed() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"canary\n").unwrap();
    let path = file.path().to_str().unwrap();
    let in_file = ("CAREHOOK_OIDC_CLIENT_SECRET_FILE", path);
    let config = oidc(false, &[ISSUER, CLIENT, PEOPLE, PUBLIC_URL, in_file]);
    let secret = config.unwrap().unwrap().client_secret.unwrap();
    assert_eq!(secret.expose(), "canary");
    let text = refusal(
        false,
        &[ISSUER, CLIENT, PEOPLE, PUBLIC_URL, in_file, SECRET],
    );
    assert!(text.contains("comes from one place"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    let nowhere = ("CAREHOOK_OIDC_CLIENT_SECRET_FILE", "/nowhere/secret");
    let text = refusal(false, &[ISSUER, CLIENT, PEOPLE, PUBLIC_URL, nowhere]);
    assert!(text.contains("cannot read /nowhere/secret"), "{text}");
}

#[test]
fn the_file_says_the_same_and_the_environment_wins() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = "oidc_issuer = \"https://id.example.com\"\noidc_client_id = \"file\"\n\
        oidc_client_secret = \"in the file\"\noidc_people = [\"a@b.example\", \"group:x\"]\n\
        oidc_only = true\npublic_url = \"https://hooks.example.com\"\n";
    file.write_all(text.as_bytes()).unwrap();
    let of = |variables: &[(&str, &str)]| {
        let data = DataFlags {
            config: Some(file.path().to_owned()),
            ..DataFlags::default()
        };
        let settings = settings(data, variables).unwrap();
        settings.oidc().unwrap().unwrap()
    };
    let config = of(&[]);
    assert_eq!(config.client_id, "file");
    assert_eq!(config.people.to_string(), "a@b.example,group:x");
    assert!(config.only);
    let config = of(&[CLIENT, SECRET, ("CAREHOOK_OIDC_ONLY", "false")]);
    assert_eq!(config.client_id, "carehook");
    assert_eq!(config.client_secret.unwrap().expose(), "canary");
    assert!(!config.only);
}
