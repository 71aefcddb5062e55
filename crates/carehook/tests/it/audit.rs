//! `carehook audit`: beside a running server and after it; a changed trail is named.

use serde_json::{Value, json};

use crate::command::{Carehook, carehook};
use crate::server::Server;

/// An audit command on the data of a server.
fn audit(server: &Server, words: &[&str]) -> Carehook {
    carehook(&[&["audit"], words, &["--dev"]].concat()).dir(server.folder())
}

/// A server with an organization whose journal has two entries.
fn told_server() -> Server {
    let server = Server::start();
    let create = ["organizations", "create", "North", "--id", "north"];
    server.client(&create).run().good();
    let key = [
        "keys",
        "create",
        "Site",
        "--mode",
        "live",
        "--organization",
        "north",
    ];
    server.client(&key).run().good();
    server
}

fn exported(server: &Server, format: &str) -> Vec<Value> {
    let words = ["export", "--format", format, "--organization", "north"];
    let lines = audit(server, &words).run().good();
    let parse = |line: &str| serde_json::from_str(line).unwrap();
    lines.lines().map(parse).collect()
}

#[test]
fn the_trail_is_verified_beside_a_running_server_and_a_changed_one_is_named() {
    let mut server = told_server();
    let running = audit(&server, &["verify"]).run().good();
    assert!(
        running.contains("north") && running.contains("whole"),
        "{running}"
    );
    server.stop();
    let stopped = audit(&server, &["verify"]).run().good();
    assert!(stopped.ends_with("Nothing was changed.\n"), "{stopped}");
    let key = stopped.split("Public key ").nth(1).unwrap();
    let noted = audit(&server, &["verify", "--public-key", &key[..64]]);
    noted.run().good();
    let other = "ab".repeat(32);
    let forged = audit(&server, &["verify", "--public-key", &other]).run();
    let forged = forged.ends_with(7);
    let named = "BROKEN  the directory names another public key";
    assert!(forged.stdout.contains(named), "{forged}");
    for words in [
        ["verify", "--organization", "nroth"],
        ["export", "--organization", "nroth"],
    ] {
        let unknown = audit(&server, &words).run().ends_with(1);
        assert!(
            unknown
                .stderr
                .contains("no trail of an organization `nroth`"),
            "{unknown}"
        );
    }
    assert!(forged.stdout.contains("wrong signature"), "{forged}");

    let control = server.folder().join("carehook-data/control.db");
    let mut bytes = std::fs::read(&control).unwrap();
    let entry = b"api_key.created";
    let place = bytes.windows(entry.len()).position(|at| at == entry);
    bytes[place.unwrap()] ^= 1;
    std::fs::write(&control, bytes).unwrap();
    let changed = audit(&server, &["verify"]).run().ends_with(7);
    let named = "BROKEN  north, journal: entry 2 was changed";
    assert!(changed.stdout.contains(named), "{changed}");
}

#[test]
fn a_server_that_starts_on_a_changed_trail_says_so_and_signs_nothing_over_it() {
    let mut server = told_server();
    server.stop();
    let folder = server.folder().to_owned();
    // The hash of the newest entry, or what was signed of it: whichever the file has first.
    let newest = exported(&server, "ndjson")[1]["hash"].clone();
    let hash = hex::decode(newest.as_str().unwrap()).unwrap();
    let control = folder.join("carehook-data/control.db");
    let mut bytes = std::fs::read(&control).unwrap();
    let place = bytes.windows(32).position(|at| at == hash).unwrap();
    bytes[place] ^= 1;
    std::fs::write(&control, bytes).unwrap();
    let doctor = carehook(&["doctor", "--resolve", "localhost", "--dev"]);
    let told = doctor.dir(&folder).run().ends_with(8).stdout;
    let fault = "FAIL  audit trail     was changed: north, journal: the";
    assert!(told.contains(fault), "{told}");

    let mut server = Server::start_again(&folder);
    let key = ["keys", "create", "More", "--mode", "live"];
    let of = ["--organization", "north"];
    server.client(&[&key[..], &of].concat()).run().good();
    server.client(&[&key[..], &of].concat()).run().good();
    server.stop();
    let log = server.log();
    let said = "the audit trail was changed: this book is not signed any more";
    assert!(log.contains(said) && log.contains("ERROR"), "{log}");
    let found = audit(&server, &["verify"]).run().ends_with(7);
    let named = "BROKEN  north, journal: ";
    assert!(found.stdout.contains(named), "{found}");
}

#[test]
fn what_was_kept_elsewhere_shows_that_everything_is_of_an_earlier_time() {
    let mut server = told_server();
    server.stop();
    let folder = server.folder().to_owned();
    let data = folder.join("carehook-data");
    let earlier = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), earlier.path().join(file.file_name())).unwrap();
    }
    let mut server = Server::start_again(&folder);
    let key = [
        "keys",
        "create",
        "More",
        "--mode",
        "live",
        "--organization",
        "north",
    ];
    server.client(&key).run().good();
    server.stop();
    let log = server.log();
    assert!(
        log.contains("carehook-checkpoint:north:1:journal:3:"),
        "{log}"
    );
    let checkpoints = audit(&server, &["checkpoints"]).run().good();
    let export = audit(&server, &["export"]).run().good();
    for (name, text) in [("log", &log), ("lines", &checkpoints), ("export", &export)] {
        std::fs::write(earlier.path().join(name), text).unwrap();
    }
    let verify = |data: &std::path::Path, file: &str| {
        let verify = carehook(&["audit", "verify", "--data"]).arg(data);
        verify
            .arg("--checkpoint".as_ref())
            .arg(&earlier.path().join(file))
            .run()
    };
    let before = carehook(&["audit", "verify", "--data"]).arg(earlier.path());
    before.run().good();
    for file in ["log", "lines", "export"] {
        verify(&data, file).good();
        let found = verify(earlier.path(), file).ends_with(7);
        let missing = "BROKEN  north, journal: entries 3 to 3 are missing at the end";
        assert!(found.stdout.contains(missing), "{found}");
    }
    let found = verify(earlier.path(), "lines").ends_with(7);
    assert!(
        found
            .stdout
            .contains("files of an earlier time were put back"),
        "{found}"
    );
    let nothing = verify(&data, "control.db").ends_with(1);
    assert!(nothing.stderr.contains("holds no checkpoint"), "{nothing}");
}

#[test]
fn the_trail_is_exported_in_both_forms() {
    let mut server = told_server();
    server.stop();
    let lines = exported(&server, "ndjson");
    assert_eq!(lines.len(), 3, "two entries and the checkpoint");
    assert_eq!(lines[0]["action"], "organization.created");
    assert_eq!(
        lines[0]["incarnation"],
        lines[2]["checkpoint"]["incarnation"]
    );
    assert_eq!(lines[1]["action"], "api_key.created");
    assert_eq!(lines[0]["source"], "127.0.0.1", "that of the command line");
    assert_eq!(lines[1]["previous_hash"], lines[0]["hash"]);
    assert_eq!(lines[2]["checkpoint"]["hash"], lines[1]["hash"]);
    let events = exported(&server, "fhir");
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["resourceType"], "AuditEvent");
    assert_eq!(events[0]["action"], json!("C"));
    let none = [
        "export",
        "--until",
        "2020-01-01T00:00:00Z",
        "--format",
        "fhir",
    ];
    assert_eq!(audit(&server, &none).run().good(), "");
}
