//! The client commands against a running server.

use carehook_testkit::Receiver;
use serde_json::Value;

use crate::server::Server;

const NORTH: [&str; 2] = ["--organization", "north"];

/// Runs a client command in JSON.
fn ask(server: &Server, words: &[&str]) -> Value {
    server
        .client(&[words, &["--output", "json"]].concat())
        .run()
        .json()
}

/// Waits until the only delivery is as wanted: what a receiver has got is recorded a moment later.
fn delivery_when(server: &Server, is_wanted: impl Fn(&Value) -> bool) -> String {
    let list = [&["deliveries", "list"], &NORTH[..]].concat();
    loop {
        let delivery = ask(server, &list)[0].take();
        if is_wanted(&delivery) {
            return delivery["id"].as_str().unwrap().to_owned();
        }
    }
}

fn table(server: &Server, words: &[&str]) -> String {
    server.client(words).run().good()
}

#[test]
fn organizations_are_made_listed_renamed_and_deleted() {
    let server = Server::start();
    let made = ask(
        &server,
        &["organizations", "create", "Northside", "--id", "north"],
    );
    assert_eq!(
        (&made["id"], &made["name"]),
        (&"north".into(), &"Northside".into())
    );
    let words = ["organizations", "update", "north", "--name", "North"];
    assert_eq!(ask(&server, &words)["name"], "North");
    let list = table(&server, &["organizations", "list"]);
    assert!(
        list.starts_with("ID     NAME   CREATED\nnorth  North  20"),
        "{list}"
    );
    assert!(list.trim_end().ends_with(" UTC"), "{list}");
    let delete = ["organizations", "delete", "north"];
    for typed in ["", "nort\n", "yes\n"] {
        let refused = server.client(&delete).input(typed).run().ends_with(2);
        assert!(refused.stderr.contains("Nothing was deleted"), "{refused}");
    }
    server
        .client(&["organizations", "get", "north"])
        .run()
        .good();
    server.client(&delete).input("north\n").run().good();
    let gone = server
        .client(&["organizations", "get", "north"])
        .run()
        .ends_with(6);
    assert!(gone.stderr.contains("(404)"), "{gone}");
}

#[test]
fn a_list_is_followed_to_its_end_only_when_asked() {
    let server = Server::start();
    for name in ["a", "b", "c"] {
        ask(&server, &["organizations", "create", name, "--id", name]);
    }
    let list = ["organizations", "list", "--limit", "2"];
    let first = server.client(&list).run().ends_with(0);
    assert_eq!(first.stdout.lines().count(), 3);
    assert!(
        first
            .stderr
            .starts_with("There is more: add --all, or --cursor "),
        "{first}"
    );
    let cursor = first.stderr.trim().rsplit(' ').next().unwrap();
    let rest = table(&server, &[&list[..], &["--cursor", cursor]].concat());
    assert!(rest.lines().nth(1).unwrap().starts_with('c'), "{rest}");
    let all = table(&server, &[&list[..], &["--all"]].concat());
    assert_eq!(all.lines().count(), 4, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_tested_changed_and_deleted() {
    let server = Server::start();
    let receiver = Receiver::start().await;
    ask(
        &server,
        &["organizations", "create", "Northside", "--id", "north"],
    );
    let url = receiver.url();
    let create = [
        "endpoints",
        "create",
        &url,
        "--events",
        "patient.*,appointment.created",
    ];
    let flags = [
        "--header",
        "X-Clinic: north",
        "--timeout-ms",
        "2000",
        "--retry-schedule",
        "5,60",
    ];
    let endpoint = ask(&server, &[&create[..], &flags, &NORTH].concat());
    assert_eq!(
        endpoint["events"],
        serde_json::json!(["patient.*", "appointment.created"])
    );
    assert_eq!(endpoint["retry_schedule"], serde_json::json!([5, 60]));
    let id = endpoint["id"].as_str().unwrap();

    let test = ["endpoints", "test", id, "--type", "payment.succeeded"];
    let sent = ask(&server, &[&test[..], &NORTH].concat());
    let request = receiver.wait_for(1).await.remove(0);
    assert_eq!(
        request.headers["webhook-id"],
        sent["event_id"].as_str().unwrap()
    );
    assert_eq!(request.headers["x-clinic"], "north");

    let update = [
        "endpoints",
        "update",
        id,
        "--active",
        "false",
        "--name",
        "Old",
    ];
    assert_eq!(
        ask(&server, &[&update[..], &NORTH].concat())["active"],
        false
    );
    let list = table(&server, &[&["endpoints", "list"], &NORTH[..]].concat());
    let columns: Vec<&str> = list.lines().nth(1).unwrap().split("  ").collect();
    assert_eq!(columns[0], id);
    assert_eq!(columns.last(), Some(&"no"));
    table(
        &server,
        &[&["endpoints", "delete", id], &NORTH[..]].concat(),
    );
    assert_eq!(
        table(&server, &[&["endpoints", "list"], &NORTH[..]].concat()),
        "none\n"
    );
}

#[test]
fn a_secret_is_shown_and_rotated() {
    let server = Server::start();
    ask(
        &server,
        &["organizations", "create", "Northside", "--id", "north"],
    );
    let create = [
        "endpoints",
        "create",
        "http://127.0.0.1:9000/",
        "--events",
        "*",
    ];
    let endpoint = ask(&server, &[&create[..], &NORTH].concat());
    let id = endpoint["id"].as_str().unwrap();
    let secret = |action: &str| ask(&server, &[&["endpoints", action, id], &NORTH[..]].concat());
    assert_eq!(secret("secret")["secret"], endpoint["secret"]);
    let rotated = secret("rotate");
    assert_ne!(rotated["secret"], endpoint["secret"]);
    let shown = table(
        &server,
        &[&["endpoints", "secret", id], &NORTH[..]].concat(),
    );
    let old = endpoint["secret"].as_str().unwrap();
    assert!(
        shown.contains("PREVIOUS SECRET") && shown.contains(old),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_shown_with_its_attempts_retried_and_cancelled() {
    let server = Server::start();
    let receiver = Receiver::start().await.answers([500]);
    let api = server.api();
    api.endpoint(&receiver.url()).await;
    api.publish("evt-1").await;
    receiver.wait_for(1).await;
    let id = delivery_when(&server, |delivery| delivery["attempt_count"] == 1);
    ask(
        &server,
        &[&["deliveries", "retry", &id], &NORTH[..]].concat(),
    );
    receiver.wait_for(2).await;
    delivery_when(&server, |delivery| delivery["state"] == "delivered");

    let event = ask(&server, &[&["events", "get", "evt-1"], &NORTH[..]].concat());
    assert_eq!(event["data"], serde_json::json!({"id": "evt-1"}));
    let shown = table(&server, &[&["deliveries", "get", &id], &NORTH[..]].concat());
    assert!(
        shown.starts_with(&format!("id               {id}\n")),
        "{shown}"
    );
    assert!(shown.contains("\n\nATTEMPT  STARTED"), "{shown}");
    assert!(shown.contains("  rejected   500 "), "{shown}");
    let cancel = [&["deliveries", "cancel", &id], &NORTH[..]].concat();
    let refused = server.client(&cancel).run().ends_with(6);
    assert!(refused.stderr.contains("(409)"), "{refused}");
}

#[test]
fn a_refused_field_is_named() {
    let server = Server::start();
    ask(
        &server,
        &["organizations", "create", "Northside", "--id", "north"],
    );
    let create = [
        "endpoints",
        "create",
        "https://10.0.0.1/",
        "--events",
        "patient.*",
    ];
    let outcome = server
        .client(&[&create[..], &NORTH].concat())
        .run()
        .ends_with(6);
    assert!(outcome.stderr.contains("(422)\n       /url: "), "{outcome}");
}

#[test]
fn lists_are_filtered() {
    let server = Server::start();
    ask(
        &server,
        &["organizations", "create", "Northside", "--id", "north"],
    );
    let events = "{\"id\": \"a\", \"type\": \"patient.created\", \"data\": {}}\n\
        {\"id\": \"b\", \"type\": \"message.sent\", \"data\": {}, \"mode\": \"test\"}\n";
    let publish = [&["publish"], &NORTH[..]].concat();
    server.client(&publish).input(events).run().good();
    let found = |filter: &[&str]| {
        let list = ask(&server, &[&["events", "list"], &NORTH[..], filter].concat());
        let ids = list
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["id"].as_str().unwrap());
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(&["--type", "patient.created"]), "a");
    assert_eq!(found(&["--mode", "test"]), "b");
    assert_eq!(found(&["--since", "2026-01-01T00:00:00Z"]), "b a");
    assert_eq!(found(&["--until", "2026-01-01T00:00:00Z"]), "");
    let none = [
        "deliveries",
        "list",
        "--since",
        "2026-01-01T00:00:00Z",
        "--type",
        "message.sent",
    ];
    assert_eq!(table(&server, &[&none[..], &NORTH].concat()), "none\n");
}
