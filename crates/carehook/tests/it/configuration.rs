//! Settings: what is missing, what is wrong, where each value comes from.

use std::fs;

use crate::command::carehook;

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn a_server_without_settings_names_each_and_says_how_to_make_it() {
    insta::assert_snapshot!(carehook(&["serve"]).run(), @r"
    exit 3
    error: no data directory: set CAREHOOK_DATA or --data to the directory that keeps all data
           CAREHOOK_MASTER_KEY is not set (nor CAREHOOK_MASTER_KEY_FILE or _COMMAND): it encrypts all data; make one with `head -c 32 /dev/urandom | base64`, and keep a copy: without it the data is lost
           CAREHOOK_OPERATOR_KEY is not set: it is the API key with all rights; make one with `head -c 32 /dev/urandom | base64`
           to try Carehook without any of this, run `carehook serve --dev`
    ");
}

#[test]
fn postgres_is_refused_with_the_reason() {
    insta::assert_snapshot!(carehook(&["serve", "--database", "postgres://db"]).run(), @r"
    exit 3
    error: --database: PostgreSQL is not supported yet; use an embedded store with --data DIR
    ");
}

#[test]
fn a_master_key_of_another_length_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = carehook(&["serve", "--data", "d", "--listen", "127.0.0.1:0"])
        .dir(folder.path())
        .env("CAREHOOK_MASTER_KEY", "c2hvcnQ=")
        .env("CAREHOOK_OPERATOR_KEY", "op_0123456789")
        .run();
    insta::assert_snapshot!(outcome, @r"
    exit 3
    error: CAREHOOK_MASTER_KEY: a master key is 32 bytes in base64; make one with `head -c 32 /dev/urandom | base64`
    ");
}

#[test]
fn an_unknown_key_in_the_file_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("c.toml"),
        "log = \"warn\"\nlisten_on = 1\n",
    )
    .unwrap();
    let outcome = carehook(&["config", "show", "--config", "c.toml"])
        .dir(folder.path())
        .run()
        .ends_with(3);
    let expected = "error: the configuration file c.toml is not valid\nline 2: unknown field \
        `listen_on`, expected one of `listen`, ";
    assert!(outcome.stderr.starts_with(expected), "{outcome}");
}

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = "retry_schedule = [5, 300]\nlog = \"warn\"\noperator_key = \"op_canary_in_file\"\n\
        jwks_url = \"https://id.example.com/k\"\n";
    fs::write(folder.path().join("c.toml"), file).unwrap();
    let words = [
        "config",
        "show",
        "--config",
        "c.toml",
        "--listen",
        "0.0.0.0:9000",
    ];
    let outcome = carehook(&words)
        .dir(folder.path())
        .env("CAREHOOK_MASTER_KEY", MASTER_KEY)
        .env(
            "CAREHOOK_JWT_SECRET",
            "a-canary-that-is-long-enough-to-sign",
        )
        .env("CAREHOOK_ALLOW_TARGETS", "10.0.0.0/8, 192.168.1.7")
        .env("CAREHOOK_LOG", "debug")
        .run();
    insta::assert_snapshot!(outcome, @r"
    exit 0
    SETTING             VALUE                      FROM                    VARIABLE
    listen              0.0.0.0:9000               --listen                CAREHOOK_LISTEN
    data                not set                    default                 CAREHOOK_DATA
    operator_key        set, not shown             c.toml: operator_key    CAREHOOK_OPERATOR_KEY
    master_key          set, not shown             CAREHOOK_MASTER_KEY     CAREHOOK_MASTER_KEY
    master_key_next     not set                    default                 CAREHOOK_MASTER_KEY_NEXT
    jwt_secret          set, not shown             CAREHOOK_JWT_SECRET     CAREHOOK_JWT_SECRET
    jwks_url            https://id.example.com/k   c.toml: jwks_url        CAREHOOK_JWKS_URL
    allow_targets       10.0.0.0/8,192.168.1.7/32  CAREHOOK_ALLOW_TARGETS  CAREHOOK_ALLOW_TARGETS
    allow_http          false                      default                 CAREHOOK_ALLOW_HTTP
    retry_schedule      5,300                      c.toml: retry_schedule  CAREHOOK_RETRY_SCHEDULE
    public_url          not set                    default                 CAREHOOK_PUBLIC_URL
    trusted_proxies     none                       default                 CAREHOOK_TRUSTED_PROXIES
    frame_ancestors     none                       default                 CAREHOOK_FRAME_ANCESTORS
    oidc_issuer         not set                    default                 CAREHOOK_OIDC_ISSUER
    oidc_client_id      not set                    default                 CAREHOOK_OIDC_CLIENT_ID
    oidc_client_secret  not set                    default                 CAREHOOK_OIDC_CLIENT_SECRET
    oidc_people         not set                    default                 CAREHOOK_OIDC_PEOPLE
    oidc_name           not set                    default                 CAREHOOK_OIDC_NAME
    oidc_only           false                      default                 CAREHOOK_OIDC_ONLY
    smtp_url            not set                    default                 CAREHOOK_SMTP_URL
    mail_from           not set                    default                 CAREHOOK_MAIL_FROM
    log                 debug                      CAREHOOK_LOG            CAREHOOK_LOG
    ");
}
