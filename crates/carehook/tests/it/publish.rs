//! Publishing from files.

use std::fmt::Write as _;
use std::fs;

use crate::server::{OPERATOR_KEY, Server};

fn server() -> Server {
    let server = Server::start();
    let words = ["organizations", "create", "Northside", "--id", "north"];
    server.client(&words).run().good();
    server
}

fn event(number: usize) -> String {
    format!(r#"{{"type": "patient.created", "data": {{"id": "pat_{number}"}}}}"#)
}

const TO_NORTH: [&str; 2] = ["--organization", "north"];

fn events_of(server: &Server) -> usize {
    let list = ["events", "list", "--all", "--output", "json"];
    let list = server.client(&[&list[..], &TO_NORTH].concat()).run().json();
    list.as_array().unwrap().len()
}

#[test]
fn a_file_of_lines_is_published_in_batches_and_refused_lines_are_named() {
    let server = server();
    let mut text = String::new();
    for number in 1..=2_500 {
        match number {
            7 => text.push_str("{\"type\": \"patient.created\"\n"),
            1_200 => text.push_str("{\"type\": \"patient.exploded\", \"data\": {}}\n"),
            _ => writeln!(text, "{}", event(number)).unwrap(),
        }
    }
    let file = server.folder().join("events.ndjson");
    fs::write(&file, text).unwrap();
    let publish = [&["publish", file.to_str().unwrap()], &TO_NORTH[..]].concat();
    let outcome = server.client(&publish).run().ends_with(6);
    assert_eq!(
        outcome.stdout,
        "Published 2,498 events: 0 deliveries to make; 2 refused.\n"
    );
    let refused: Vec<&str> = outcome.stderr.lines().collect();
    assert!(
        refused[0].starts_with("line 7: EOF while parsing an object"),
        "{outcome}"
    );
    assert!(refused[1].starts_with("line 1200: /type: "), "{outcome}");
    assert_eq!(refused.len(), 2, "{outcome}");

    let outcome = server.client(&publish).run().ends_with(6);
    assert_eq!(
        outcome.stdout,
        "Published 0 events: 0 deliveries to make; 2,498 had been published before; 2 refused.\n"
    );
    assert_eq!(events_of(&server), 2_498);
}

#[test]
fn equal_lines_are_two_events_and_again_publishes_them_once_more() {
    let server = server();
    let text = format!("{0}\n{0}\n", event(1));
    let publish = |flags: &[&str]| {
        let words = [&["publish"], &TO_NORTH[..], flags].concat();
        server.client(&words).input(text.clone()).run().good()
    };
    assert!(publish(&[]).starts_with("Published 2 events:"));
    assert!(publish(&[]).contains("2 had been published before"));
    assert!(publish(&["--again"]).starts_with("Published 2 events:"));
    assert_eq!(events_of(&server), 4);
}

#[test]
fn an_array_is_published_and_its_refused_events_are_named_by_line() {
    let server = server();
    let text = format!("[\n  {},\n  {{\"type\": 7}}\n]\n", event(1));
    let words = [&["publish", "-"], &TO_NORTH[..]].concat();
    let outcome = server.client(&words).input(text).run().ends_with(6);
    assert_eq!(
        outcome.stdout,
        "Published 1 event: 0 deliveries to make; 1 refused.\n"
    );
    assert!(outcome.stderr.starts_with("line 3: "), "{outcome}");
}

#[test]
fn an_unknown_organization_and_a_wrong_key_end_it_at_once() {
    let server = server();
    let words = ["publish", "--organization", "south"];
    let outcome = server.client(&words).input(event(1)).run().ends_with(6);
    assert!(
        outcome.stderr.starts_with("error: the server refused: "),
        "{outcome}"
    );
    assert_eq!(outcome.stdout, "");
    let words = [&["publish", "--key", "wrong"], &TO_NORTH[..]].concat();
    let outcome = server.client(&words).input(event(1)).run().ends_with(6);
    assert!(
        outcome
            .stderr
            .contains("(401)\n       the key in CAREHOOK_KEY or --key is not")
    );
}

#[test]
fn a_missing_file_is_named() {
    let server = server();
    let words = [&["publish", "no-such-file"], &TO_NORTH[..]].concat();
    let outcome = server.client(&words).run().ends_with(1);
    assert_eq!(
        outcome.stderr,
        "error: open no-such-file: No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_terminal_shows_how_far_it_is() {
    let server = server();
    let file = server.folder().join("events.ndjson");
    let text: String = (0..3_000).map(|number| event(number) + "\n").collect();
    fs::write(&file, text).unwrap();
    let command = format!(
        "{} publish --organization north {}",
        env!("CARGO_BIN_EXE_carehook"),
        file.display()
    );
    // `script` gives it a terminal.
    let output = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("CAREHOOK_URL", server.url())
        .env("CAREHOOK_KEY", OPERATOR_KEY)
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains(" % ") && shown.contains("s left"), "{shown}");
    assert!(
        shown.contains("Published 3,000 events: 0 deliveries to make."),
        "{shown}"
    );
}
