//! `migrate` and `doctor`.

use crate::command::{Outcome, carehook};
use crate::server::{Folder, OPERATOR_KEY, Server};

fn doctor(arguments: &[&str], folder: &std::path::Path) -> Outcome {
    // A name that is never asked for over the network.
    let words = [
        &[
            "doctor",
            "--resolve",
            "localhost",
            "--listen",
            "127.0.0.1:0",
        ],
        arguments,
    ];
    carehook(&words.concat()).dir(folder).run()
}

#[test]
fn migrate_makes_the_files_and_then_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = || {
        carehook(&["migrate", "--dev"])
            .dir(folder.path())
            .run()
            .good()
    };
    let first = migrate();
    assert!(first.starts_with("FILE "), "{first}");
    assert!(
        first.contains("control.db") && first.contains(" new "),
        "{first}"
    );
    assert!(
        first.ends_with("The data in ./carehook-data is up to date.\n"),
        "{first}"
    );
    let second = migrate();
    assert!(!second.contains(" new "), "{second}");
}

#[test]
fn migrate_leaves_the_data_of_a_running_server_alone() {
    let server = Server::start();
    let outcome = carehook(&["migrate", "--dev"])
        .dir(server.folder())
        .run()
        .ends_with(4);
    assert!(
        outcome.stderr.contains("in use by another process"),
        "{outcome}"
    );
}

#[test]
fn doctor_names_every_missing_setting_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = doctor(&[], folder.path()).ends_with(8);
    for line in [
        "FAIL  master key      not set",
        "FAIL  operator key    not set",
        "FAIL  data directory  not set",
        "-> set CAREHOOK_MASTER_KEY to the output of `head -c 32 /dev/urandom | base64`",
        "ok    address policy  refuses https://127.0.0.1/",
        "Not ready. Failed: 3",
    ] {
        assert!(
            outcome.stdout.contains(line),
            "{line} is missing in\n{outcome}"
        );
    }
}

#[test]
fn doctor_and_a_start_warn_of_links_that_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |listen: &str, url: &str| {
        let words = ["doctor", "--resolve", "localhost", "--listen", listen];
        let call = carehook(&words).dir(folder.path());
        call.env("CAREHOOK_PUBLIC_URL", url).run().stdout
    };
    let told = doctor("0.0.0.0:0", "");
    let warning = "WARN  public URL      not set: links in deliveries lead to http://0.0.0.0:0";
    assert!(told.contains(warning), "{told}");
    for (listen, url) in [
        ("127.0.0.1:0", ""),
        ("[::1]:0", ""),
        ("0.0.0.0:0", "https://hooks.example.com"),
    ] {
        let told = doctor(listen, url);
        assert!(told.contains("ok    public URL      "), "{told}");
    }
    // A start warns before it finds that it has no keys.
    let words = ["serve", "--listen", "0.0.0.0:0"];
    let started = carehook(&words).dir(folder.path()).run();
    assert!(started.stderr.contains("CAREHOOK_PUBLIC_URL"), "{started}");
    let words = ["serve", "--listen", "127.0.0.1:0"];
    let started = carehook(&words).dir(folder.path()).run();
    assert!(!started.stderr.contains("CAREHOOK_PUBLIC_URL"), "{started}");
}

#[test]
fn doctor_and_a_start_warn_where_browsers_keep_no_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let told = |words: &[&str], listen: &str, url: &str| {
        let words = [words, &["--listen", listen]].concat();
        let call = carehook(&words).dir(folder.path());
        call.env("CAREHOOK_PUBLIC_URL", url).run()
    };
    for (listen, url, keeps) in [
        ("0.0.0.0:0", "", false),
        ("0.0.0.0:0", "http://hooks.example.com", false),
        ("127.0.0.1:0", "http://hooks.example.com", false),
        ("0.0.0.0:0", "https://hooks.example.com", true),
        ("0.0.0.0:0", "http://localhost:8080", true),
        ("127.0.0.1:0", "", true),
    ] {
        let doctors = told(&["doctor", "--resolve", "localhost"], listen, url).stdout;
        let line = if keeps {
            "ok    console"
        } else {
            "WARN  console"
        };
        assert!(doctors.contains(line), "{listen} {url}: {doctors}");
        let started = told(&["serve"], listen, url);
        let warned = started.stderr.contains("nobody can sign in to the console");
        assert_eq!(warned, !keeps, "{listen} {url}: {started}");
    }
    let public = [("CAREHOOK_PUBLIC_URL", "http://hooks.example.com")];
    let server = Server::start_in(Folder::Own(folder), &["--dev"], &public);
    let said = "Browsers keep a sign-in only over https";
    assert!(server.banner.contains(said), "{}", server.banner);
    assert!(!Server::start().banner.contains(said));
}

#[test]
fn doctor_looks_into_the_data_and_at_the_disk() {
    let mut server = Server::start();
    let folder = server.folder().to_owned();
    let running = doctor(&["--dev"], &folder).good();
    assert!(
        running.contains("ok    data            in use by a running server"),
        "{running}"
    );
    server.stop();
    let stopped = doctor(&["--dev"], &folder).good();
    for line in [
        "opened by the master key",
        "carehook-data, for its owner only",
        "ok    disk sync       median ",
        "ok    clock           20",
        "WARN  address policy  allows https://127.0.0.1/ http://example.com/",
    ] {
        assert!(stopped.contains(line), "{line} is missing in\n{stopped}");
    }
}

#[test]
fn doctor_finds_a_wrong_master_key_and_misspelled_variables() {
    let mut server = Server::start();
    server.stop();
    let words = [
        "doctor",
        "--resolve",
        "localhost",
        "--dev",
        "--listen",
        "127.0.0.1:0",
    ];
    let outcome = carehook(&words)
        .dir(server.folder())
        .env(
            "CAREHOOK_MASTER_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        )
        .env("CAREHOOK_OPERATOR_KEY", OPERATOR_KEY)
        .env("CAREHOOK_RETRY_SHEDULE", "5")
        .run()
        .ends_with(8);
    let key = "the master key is not the one that this data directory was made with";
    assert!(outcome.stdout.contains(key), "{outcome}");
    let variable = "WARN  environment     means nothing to this version: CAREHOOK_RETRY_SHEDULE";
    assert!(outcome.stdout.contains(variable), "{outcome}");
    assert!(!outcome.stdout.contains(OPERATOR_KEY), "{outcome}");
}
