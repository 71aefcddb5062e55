//! The master key: where it comes from, and how a running server goes over to another one.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{Carehook, carehook};
use crate::server::{Folder, Server};

/// 32 bytes that nobody else uses.
const NEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn serve(folder: &Path, variables: &[(&str, &str)]) -> Carehook {
    let words = [
        "serve",
        "--data",
        "carehook-data",
        "--listen",
        "127.0.0.1:0",
    ];
    let command = carehook(&words)
        .dir(folder)
        .env("CAREHOOK_OPERATOR_KEY", "op_0123456789");
    let with = |command: Carehook, (name, value): &(&str, &str)| command.env(name, value);
    variables.iter().fold(command, with)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_goes_over_to_the_next_key_while_events_come_in() {
    let mut server = Server::start();
    let api = server.api();
    api.post("", &json!({"id": "north", "name": "North"})).await;
    let data = server.folder().join("carehook-data");
    let rotate = || server.client(&["keys", "rotate-master"]).run();
    let missing = rotate();
    assert!(
        missing
            .stderr
            .contains("the next master key cannot be used"),
        "{missing}"
    );
    fs::write(data.join("master.key.next"), NEXT).unwrap();
    api.publish("evt-0").await;
    let command = server.client(&["keys", "rotate-master"]);
    let rotating = tokio::task::spawn_blocking(move || command.run());
    for number in 1..200 {
        api.publish(&format!("evt-{number}")).await;
    }
    let rotated = rotating.await.unwrap().good();
    assert!(rotated.contains("data_keys"), "{rotated}");
    let again = rotate();
    assert!(again.stderr.contains("in use already"), "{again}");
    for log in [server.log(), again.to_string()] {
        assert!(!log.contains(NEXT), "{log}");
    }
    server.stop();
    let words = ["audit", "export", "--dev", "--format", "ndjson"];
    let trail = carehook(&words).dir(server.folder()).run().good();
    let of_rotation = trail
        .lines()
        .filter(|line| line.contains("master_key.rotated"));
    let [entry] = of_rotation.collect::<Vec<_>>()[..] else {
        panic!("one entry, not that of the refused one: {trail}");
    };
    let entry: Value = serde_json::from_str(entry).unwrap();
    assert_eq!(entry["organization"], "installation");
    assert_eq!(entry["actor"], "operator");
    assert_eq!(entry["source"], "127.0.0.1");

    // Before the configuration was changed, the server finds the next key by itself.
    let mut server = Server::start_again(server.folder());
    let list = [
        "events",
        "list",
        "--all",
        "--organization",
        "north",
        "-o",
        "json",
    ];
    let events = server.client(&list).run().json();
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 200);
    assert!(events.iter().all(|event| event["data"] != Value::Null));
    assert!(
        server.log().contains("the master key was rotated"),
        "{}",
        server.log()
    );
    server.stop();

    let old = fs::read_to_string(data.join("master.key")).unwrap();
    let refused = serve(server.folder(), &[("CAREHOOK_MASTER_KEY", old.trim())]).run();
    let reason = "the master key is not the one that this data directory was made with";
    assert!(refused.stderr.contains(reason), "{refused}");
    assert!(refused.stderr.contains("CAREHOOK_MASTER_KEY"), "{refused}");
    fs::rename(data.join("master.key.next"), data.join("master.key")).unwrap();
    let mut server = Server::start_again(server.folder());
    assert!(!server.log().contains("rotated"));
    server.stop();
}

#[test]
fn a_master_key_comes_from_a_file_or_a_command() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), format!("{NEXT}\n")).unwrap();
    let start = |name, value| {
        let flags = ["--data", "data"];
        let given = Folder::Given(folder.path().to_owned());
        Server::start_in(given, &flags, &[(name, value)]).stop();
    };
    start("CAREHOOK_MASTER_KEY_FILE", "key");
    start("CAREHOOK_MASTER_KEY_COMMAND", "cat key");
    start("CAREHOOK_MASTER_KEY", NEXT);
}

#[test]
fn a_master_key_that_cannot_be_had_is_refused_with_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), "canary").unwrap();
    for (name, value, reason) in [
        (
            "CAREHOOK_MASTER_KEY_FILE",
            "nowhere",
            "cannot read nowhere: No such file",
        ),
        (
            "CAREHOOK_MASTER_KEY_FILE",
            "key",
            "key: a master key is 32 bytes in base64",
        ),
        ("CAREHOOK_MASTER_KEY_COMMAND", "false", "`false` failed"),
        (
            "CAREHOOK_MASTER_KEY_COMMAND",
            "cat key",
            "`cat` printed no key: a master key is",
        ),
    ] {
        let refused = serve(folder.path(), &[(name, value)]).run().ends_with(3);
        let expected = format!("error: {name}: {reason}");
        assert!(refused.stderr.starts_with(&expected), "{refused}");
        assert!(!refused.stderr.contains("canary"), "{refused}");
    }
    let two = [
        ("CAREHOOK_MASTER_KEY", NEXT),
        ("CAREHOOK_MASTER_KEY_FILE", "key"),
    ];
    let refused = serve(folder.path(), &two).run().ends_with(3);
    let expected = "error: CAREHOOK_MASTER_KEY and CAREHOOK_MASTER_KEY_FILE: a master key comes \
        from one place: keep one of them\n";
    assert_eq!(refused.stderr, expected);
}
