//! `carehook keys`: made, used, listed and revoked against a running server.

use serde_json::Value;

use crate::server::Server;

const OF: [&str; 2] = ["--organization", "north"];

#[test]
fn a_key_is_shown_once_used_and_revoked() {
    let server = Server::start();
    let ask = |words: &[&str]| -> Value {
        let words = [words, &["--output", "json"]].concat();
        server.client(&words).run().json()
    };
    ask(&["organizations", "create", "North", "--id", "north"]);
    let create = [
        "keys",
        "create",
        "Booking site",
        "--mode",
        "test",
        "--permissions",
        "patients:read,appointments:write",
        "--scopes",
        "read,keys",
        "--rate-limit",
        "50",
    ];
    let made = ask(&[&create[..], &OF].concat());
    let (id, text) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(text.starts_with("pk_test_"));
    assert_eq!(made["scopes"], serde_json::json!(["read", "keys"]));
    assert_eq!(made["rate_limit"], 50);
    assert!(made["last_used_at"].is_null());

    let list = [&["keys", "list"], &OF[..]].concat();
    let with_it = [&list[..], &["--key", text]].concat();
    let seen = server.client(&with_it).run().good();
    assert!(
        seen.contains("Booking site") && seen.contains(&text[..12]),
        "{seen}"
    );
    assert!(!seen.contains(&text[12..]));
    let foreign = ["organizations", "list", "--key", text];
    let refused = server.client(&foreign).run();
    assert!(refused.stderr.contains("(403)"), "{refused}");

    let revoke = [&["keys", "revoke", id], &OF[..]].concat();
    let revoked = server.client(&revoke).run().ends_with(0);
    assert_eq!(revoked.stderr.trim(), format!("Revoked key {id}."));
    let refused = server.client(&with_it).run();
    assert!(refused.stderr.contains("(401)"), "{refused}");
    let listed = ask(&list);
    assert!(listed[0]["revoked_at"].is_string(), "{listed}");
    assert!(listed[0]["last_used_at"].is_string(), "{listed}");
}

#[test]
fn an_operator_key_is_made_used_listed_and_revoked() {
    let server = Server::start();
    let ask = |words: &[&str]| -> Value {
        let words = [words, &["--output", "json"]].concat();
        server.client(&words).run().json()
    };
    ask(&["organizations", "create", "North", "--id", "north"]);
    let create = ["keys", "create", "Deployment", "--operator"];
    let made = ask(&[&create[..], &["--scopes", "read,keys"]].concat());
    let (id, text) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(text.starts_with("op_"));
    assert_eq!(made["scopes"], serde_json::json!(["read", "keys"]));

    let list = ["keys", "list", "--operator"];
    let with_it = [&list[..], &["--key", text]].concat();
    let seen = server.client(&with_it).run().good();
    assert!(seen.contains("Deployment") && seen.contains(&text[..7]));
    assert!(!seen.contains(&text[7..]));
    let read = ["organizations", "get", "north", "--key", text];
    assert!(server.client(&read).run().good().contains("North"));
    let more = ["organizations", "create", "South", "--key", text];
    let refused = server.client(&more).run();
    assert!(refused.stderr.contains("(403)"), "{refused}");

    let revoke = ["keys", "revoke", id, "--operator"];
    let revoked = server.client(&revoke).run().ends_with(0);
    assert_eq!(revoked.stderr.trim(), format!("Revoked key {id}."));
    let refused = server.client(&read).run();
    assert!(refused.stderr.contains("(401)"), "{refused}");
    let listed = ask(&list);
    assert!(listed[0]["revoked_at"].is_string(), "{listed}");
    for words in [
        &["keys", "list"][..],
        &["keys", "list", "--operator", "--organization", "north"],
        &["keys", "create", "x", "--operator", "--mode", "live"],
        &["keys", "create", "x", "--organization", "north"],
    ] {
        server.client(words).run().ends_with(2);
    }
}

#[test]
fn a_link_to_set_the_consoles_password_is_made_with_the_operators_key() {
    let server = Server::start();
    let made = server.client(&["sign-in-link", "--output", "json"]).run();
    let made = made.json();
    let url = made["url"].as_str().unwrap();
    let (_, text) = url.split_once("/console/welcome?link=").unwrap();
    assert_eq!(text.len(), 43);
    assert!(made["expires_at"].is_string(), "{made}");
    let told = server.client(&["sign-in-link"]).run().good();
    assert!(told.contains("/console/welcome?link="), "{told}");
}
