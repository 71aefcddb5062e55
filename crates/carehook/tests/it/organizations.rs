//! `carehook organizations`: settings made, changed and shown against a running server.

use serde_json::{Value, json};

use crate::server::Server;

/// What `organizations get` prints, each line as its words.
fn shown(server: &Server) -> Vec<String> {
    let table = server.client(&["organizations", "get", "north"]).run();
    let table = table.good();
    let lines = table.lines();
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.contains("_at "))
        .collect()
}

#[test]
fn an_organization_is_made_with_settings_which_are_shown_and_changed() {
    let server = Server::start();
    let ask = |words: &str| -> Value {
        let words: Vec<&str> = words.split(' ').chain(["--output", "json"]).collect();
        server.client(&words).run().json()
    };
    let made = ask(
        "organizations create North --id north --payload-days 7 --schema-check reject \
         --events-per-second 20 --ownership-challenge on",
    );
    let retention = json!({"payload_days": 7, "metadata_days": 365, "audit_years": 6});
    assert_eq!(made["retention"], retention);
    let expected = [
        "id north",
        "name North",
        "retention.payload_days 7",
        "retention.metadata_days 365",
        "retention.audit_years 6",
        "schema_check reject",
        "rate_limits.requests_per_hour -",
        "rate_limits.events_per_second 20",
        "ownership_challenge yes",
    ];
    assert_eq!(shown(&server), expected);

    ask(
        "organizations update north --metadata-days 30 --audit-years 10 --schema-check warn \
         --requests-per-hour 600 --events-per-second none --ownership-challenge off",
    );
    let expected = [
        "id north",
        "name North",
        "retention.payload_days 7",
        "retention.metadata_days 30",
        "retention.audit_years 10",
        "schema_check warn",
        "rate_limits.requests_per_hour 600",
        "rate_limits.events_per_second -",
        "ownership_challenge no",
    ];
    assert_eq!(shown(&server), expected);
    ask("organizations update north --name South");
    assert_eq!(shown(&server)[1..3], ["name South", expected[2]]);
}

#[test]
fn a_setting_that_cannot_be_is_refused_with_its_name() {
    let server = Server::start();
    let words = [
        "organizations",
        "create",
        "North",
        "--payload-days",
        "40",
        "--metadata-days",
        "30",
    ];
    let refused = server.client(&words).run();
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("/retention"), "{refused}");
}
