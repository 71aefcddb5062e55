//! Which layer wins, what is refused, and what is shown.

use std::io::Write as _;
use std::path::Path;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    server: ServerFlags,
}

/// 32 bytes that nobody uses.
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn resolve(flags: &[&str], variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let words = [&["carehook"], flags].concat();
    let line = Line::try_parse_from(words).unwrap();
    Settings::resolve(&line.server, &Environment::of(variables))
}

fn refusal(flags: &[&str], variables: &[(&str, &str)]) -> String {
    resolve(flags, variables).err().unwrap().to_string()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn flag(path: &Path) -> [&str; 2] {
    ["--config", path.to_str().unwrap()]
}

#[test]
fn the_later_of_file_environment_and_flags_wins() {
    let file = file("listen = \"127.0.0.1:1\"\n");
    let in_file = flag(file.path());
    let listen = |flags: &[&str], variables: &[(&str, &str)]| {
        let listen = resolve(flags, variables).unwrap().listen;
        (listen.value.port(), listen.origin.to_string())
    };
    let environment = [("CAREHOOK_LISTEN", "127.0.0.1:2")];
    let key = format!("{}: listen", file.path().display());
    assert_eq!(listen(&[], &[]), (8080, "default".into()));
    assert_eq!(listen(&in_file, &[]), (1, key));
    assert_eq!(
        listen(&in_file, &environment),
        (2, "CAREHOOK_LISTEN".into())
    );
    let all = [&in_file[..], &["--listen", "127.0.0.1:3"]].concat();
    assert_eq!(listen(&all, &environment), (3, "--listen".into()));
}

#[test]
fn a_wrong_value_is_refused_with_its_place() {
    let cases = [
        (
            "CAREHOOK_LISTEN",
            ":8080",
            "is not an address and port such as 127.0.0.1:8080",
        ),
        (
            "CAREHOOK_ALLOW_TARGETS",
            "10.0.0.0/8,x",
            "`x` is not a network such as",
        ),
        (
            "CAREHOOK_ALLOW_HTTP",
            "maybe",
            "`maybe` is not false, true or full",
        ),
        (
            "CAREHOOK_RETRY_SCHEDULE",
            "5;300",
            "a list of whole seconds such as 5,300",
        ),
        (
            "CAREHOOK_PUBLIC_URL",
            "hooks.example.com",
            "is not a URL such as https://",
        ),
        (
            "CAREHOOK_PUBLIC_URL",
            "ftp://a.example",
            "does not begin with https://",
        ),
        (
            "CAREHOOK_SMTP_URL",
            "mail.example.com",
            "must be a URL such as smtps://user:password@",
        ),
        (
            "CAREHOOK_MAIL_FROM",
            "somebody",
            "must be a mail address such as",
        ),
        (
            "CAREHOOK_OPERATOR_KEY",
            "with blank",
            "visible ASCII characters",
        ),
        (
            "CAREHOOK_JWT_SECRET",
            "thirty-one bytes are not enough",
            "a secret for tokens has at least 32 bytes; make one with",
        ),
        (
            "CAREHOOK_JWKS_URL",
            "id.example.com/keys",
            "is not a URL such as https://",
        ),
        (
            "CAREHOOK_JWKS_URL",
            "https://a:b@id.example.com/keys",
            "must not hold a user name or password",
        ),
        (
            "CAREHOOK_OIDC_ISSUER",
            "http://id.example.com",
            "must begin with https://",
        ),
        (
            "CAREHOOK_OIDC_PEOPLE",
            "anna@clinic.example,anna",
            "`anna` is neither an address",
        ),
        ("CAREHOOK_OIDC_ONLY", "yes", "`yes` is not true or false"),
        ("CAREHOOK_OIDC_CLIENT_ID", "a\nb", "control character"),
    ];
    for (variable, value, reason) in cases {
        let text = refusal(&[], &[(variable, value)]);
        assert!(text.starts_with(&format!("{variable}: ")), "{text}");
        assert!(text.contains(reason), "{text}");
    }
}

#[test]
fn a_refused_key_is_not_repeated() {
    assert!(!refusal(&[], &[("CAREHOOK_OPERATOR_KEY", "canary key")]).contains("canary"));
    assert!(!refusal(&[], &[("CAREHOOK_JWT_SECRET", "canary")]).contains("canary"));
    assert!(!refusal(&[], &[("CAREHOOK_SMTP_URL", "smtp://canary@b")]).contains("canary"));
    let text = refusal(&[], &[("CAREHOOK_MASTER_KEY", "canary")]);
    assert!(
        text.starts_with("CAREHOOK_MASTER_KEY: a master key is 32 bytes in base64"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_postgres_url_is_refused_wherever_it_stands() {
    let wanted = "PostgreSQL is not supported yet";
    assert!(refusal(&["--database", "postgres://a"], &[]).contains(wanted));
    assert!(refusal(&[], &[("CAREHOOK_DATABASE_URL", "postgres://a")]).contains(wanted));
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let text = resolve(&[], &[])
        .unwrap()
        .ready()
        .err()
        .unwrap()
        .to_string();
    for name in [
        "CAREHOOK_DATA",
        "--data",
        "CAREHOOK_MASTER_KEY",
        "CAREHOOK_OPERATOR_KEY",
    ] {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn the_secret_for_tokens_loses_the_line_feed_of_its_file() {
    let secret = "thirty-two bytes, as they stand.";
    let of = |text: &str| {
        let settings = resolve(&[], &[("CAREHOOK_JWT_SECRET", text)]).unwrap();
        settings.token_secret().unwrap().clone()
    };
    assert!(of(&format!("{secret}\n")) == of(secret));
}

#[test]
fn without_a_secret_no_tokens_are_made_and_the_error_says_what_to_set() {
    let settings = resolve(&["--dev"], &[]).unwrap();
    let text = settings.token_secret().err().unwrap().to_string();
    assert!(text.starts_with("CAREHOOK_JWT_SECRET is not set"), "{text}");
    assert!(!text.contains("--dev"), "a trial has none either: {text}");
}

#[test]
fn development_opens_the_loopback_and_keeps_what_is_set() {
    let settings = resolve(&["--dev"], &[("CAREHOOK_ALLOW_TARGETS", "10.1.2.3")]).unwrap();
    let networks: Vec<String> = settings
        .allow_targets
        .value
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(networks, ["10.1.2.3/32", "127.0.0.0/8", "::1/128"]);
    assert_eq!(settings.allow_http.value, PlainHttp::Everything);
    let settings = resolve(&["--dev"], &[("CAREHOOK_ALLOW_HTTP", "false")]).unwrap();
    assert_eq!(settings.allow_http.value, PlainHttp::Refused);
    let settings = resolve(&[], &[]).unwrap();
    assert_eq!(settings.allow_http.value, PlainHttp::Refused);
    let settings = resolve(&[], &[("CAREHOOK_ALLOW_HTTP", "true")]).unwrap();
    assert_eq!(settings.allow_http.value, PlainHttp::WithoutData);
}

#[test]
fn an_empty_schedule_in_the_file_means_no_retries() {
    let file = file("retry_schedule = []\n");
    let settings = resolve(&flag(file.path()), &[]).unwrap();
    assert_eq!(
        settings.retry_schedule.unwrap().value.seconds(),
        &[] as &[u32]
    );
}

#[test]
fn a_mail_server_needs_a_sender() {
    let server = (
        "CAREHOOK_SMTP_URL",
        "smtps://canary:canary@mail.example.com",
    );
    let sender = ("CAREHOOK_MAIL_FROM", "hooks@example.com");
    let text = resolve(&[], &[server])
        .unwrap()
        .ready()
        .err()
        .unwrap()
        .to_string();
    assert!(text.contains("CAREHOOK_MAIL_FROM is not set"), "{text}");
    let text = resolve(&[], &[server, sender])
        .unwrap()
        .ready()
        .err()
        .unwrap()
        .to_string();
    assert!(!text.contains("MAIL_FROM"), "{text}");
    assert!(resolve(&[], &[server]).unwrap().mail().is_none());
    let mail = resolve(&[], &[server, sender]).unwrap().mail().unwrap();
    assert_eq!(mail.server.to_string(), "smtps://***@mail.example.com:465");
}

#[test]
fn what_is_shown_holds_no_secret() {
    let variables = [
        ("CAREHOOK_OPERATOR_KEY", "canary-operator"),
        ("CAREHOOK_MASTER_KEY", MASTER_KEY),
        ("CAREHOOK_JWT_SECRET", "canary-that-is-32-bytes-and-more"),
        ("CAREHOOK_PUBLIC_URL", "https://a:canary@hooks.example.com"),
        ("CAREHOOK_OIDC_CLIENT_SECRET", "canary-client"),
        (
            "CAREHOOK_SMTP_URL",
            "smtps://canary:canary@mail.example.com",
        ),
    ];
    let shown = resolve(&[], &variables).unwrap().shown();
    let is_private = |text: &str| text.contains("canary") || text.contains(MASTER_KEY);
    assert!(shown.iter().all(|row| !is_private(&row.value)));
    let key = shown.iter().find(|row| row.name == "operator_key").unwrap();
    assert_eq!(
        (&*key.value, &*key.origin),
        ("set, not shown", "CAREHOOK_OPERATOR_KEY")
    );
}

#[test]
fn every_shown_variable_sets_what_it_is_shown_for() {
    for row in resolve(&[], &[]).unwrap().shown() {
        let value = match row.name {
            "listen" => "127.0.0.1:7",
            "allow_targets" | "trusted_proxies" => "10.0.0.0/8",
            "frame_ancestors" => "https://app.example.com",
            "allow_http" | "oidc_only" => "true",
            "retry_schedule" => "7",
            "master_key" | "master_key_next" => MASTER_KEY,
            "jwt_secret" => "thirty-two bytes, and a few more of them",
            "jwks_url" | "public_url" => "https://hooks.example.com",
            "smtp_url" => "smtp://mail.example.com",
            "mail_from" => "hooks@example.com",
            "oidc_issuer" => "https://id.example.com",
            "oidc_people" => "@clinic.example",
            _ => "debug",
        };
        let shown = resolve(&[], &[(&row.variable, value)]).unwrap().shown();
        let set = shown.iter().find(|shown| shown.name == row.name).unwrap();
        assert_eq!(set.origin, row.variable);
    }
}
