//! Organizations.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn an_organization_is_made_shown_renamed_and_deleted() {
    let world = World::with_northside().await;
    let path = "/v1/organizations/northside";
    assert_eq!(
        world.get(path).await.is(200).text("name"),
        "Northside Clinic"
    );
    let renamed = world.patch(path, &json!({"name": "North"})).await.is(200);
    assert_eq!(renamed.text("name"), "North");
    world.patch(path, &json!({})).await.is(200);
    let deleted = world.delete(path).await.is(204);
    assert!(deleted.bytes.is_empty());
    world.get(path).await.problem(404, "not-found");
    world.delete(path).await.problem(404, "not-found");
}

#[tokio::test]
async fn settings_have_defaults_and_change_one_by_one() {
    let world = World::with_northside().await;
    let path = "/v1/organizations/northside";
    let defaults = json!({
        "retention": {"payload_days": 30, "metadata_days": 365, "audit_years": 6},
        "schema_check": "off",
        "rate_limits": {"requests_per_hour": null, "events_per_second": null},
        "ownership_challenge": false,
    });
    let settings = |body: &serde_json::Value| {
        let names = defaults.as_object().unwrap().keys();
        names
            .map(|name| (name.clone(), body[name].clone()))
            .collect::<serde_json::Value>()
    };
    assert_eq!(settings(&world.get(path).await.body), defaults);
    let change = json!({
        "retention": {"payload_days": 7},
        "schema_check": "warn",
        "rate_limits": {"requests_per_hour": 10, "events_per_second": 5},
        "ownership_challenge": true,
    });
    world.patch(path, &change).await.is(200);
    let change = json!({"rate_limits": {"requests_per_hour": null}});
    let changed = world.patch(path, &change).await.is(200);
    let expected = json!({
        "retention": {"payload_days": 7, "metadata_days": 365, "audit_years": 6},
        "schema_check": "warn",
        "rate_limits": {"requests_per_hour": null, "events_per_second": 5},
        "ownership_challenge": true,
    });
    assert_eq!(settings(&changed.body), expected);
    let new = json!({"name": "South", "retention": {"audit_years": 10}});
    let made = world.post("/v1/organizations", &new).await.is(201);
    assert_eq!(made.body["retention"]["audit_years"], 10);
}

#[tokio::test]
async fn bad_settings_are_named_and_change_nothing() {
    let world = World::with_northside().await;
    let path = "/v1/organizations/northside";
    let before = world.get(path).await.body;
    for (change, pointers) in [
        (
            json!({"retention": {"payload_days": 0}}),
            &["/retention/payload_days"][..],
        ),
        (
            json!({"retention": {"payload_days": 3651}}),
            &["/retention/payload_days"],
        ),
        (
            json!({"retention": {"payload_days": 40, "metadata_days": 39}}),
            &["/retention/metadata_days"],
        ),
        (
            json!({"retention": {"audit_years": null}}),
            &["/retention/audit_years"],
        ),
        (json!({"retention": {"years": 1}}), &["/retention/years"]),
        (json!({"retention": null}), &["/retention"]),
        (json!({"schema_check": "on"}), &["/schema_check"]),
        (
            json!({"rate_limits": {"events_per_second": 0}}),
            &["/rate_limits/events_per_second"],
        ),
        (
            json!({"rate_limits": {"requests_per_hour": "x"}}),
            &["/rate_limits/requests_per_hour"],
        ),
        (json!({"ownership_challenge": 1}), &["/ownership_challenge"]),
    ] {
        world.patch(path, &change).await.refuses(pointers);
    }
    assert_eq!(world.get(path).await.body, before);
}

#[tokio::test]
async fn an_id_is_made_up_when_missing_and_unique() {
    let world = World::with_northside().await;
    let made = world
        .post("/v1/organizations", &json!({"name": "South"}))
        .await
        .is(201);
    let id = made.text("id");
    assert!(id.starts_with("org_") && id.len() == 36, "{id}");
    let again = json!({"id": "northside", "name": "Other"});
    world
        .post("/v1/organizations", &again)
        .await
        .problem(409, "conflict");
    let kept = world.get("/v1/organizations/northside").await.is(200);
    assert_eq!(kept.text("name"), "Northside Clinic");
}

#[tokio::test]
async fn bad_organizations_are_refused_and_not_stored() {
    let world = World::start();
    for (body, pointers) in [
        (json!({}), &["/name"][..]),
        (json!({"name": null}), &["/name"]),
        (json!({"name": ""}), &["/name"]),
        (json!({"name": "x".repeat(201)}), &["/name"]),
        (json!({"name": "a\u{7}b"}), &["/name"]),
        (json!({"name": 7}), &["/name"]),
        (json!({"name": "x", "id": "a/b"}), &["/id"]),
        (json!({"name": "x", "id": ".."}), &["/id"]),
        (json!({"name": "x", "id": ""}), &["/id"]),
        (json!({"id": "a b"}), &["/id", "/name"]),
        (json!({"name": "x", "plan": "gold"}), &["/plan"]),
        (json!([]), &[""]),
        (json!("x"), &[""]),
    ] {
        world
            .post("/v1/organizations", &body)
            .await
            .refuses(pointers);
    }
    assert_eq!(world.count("/v1/organizations").await, 0);
}

#[tokio::test]
async fn a_rename_is_checked() {
    let world = World::with_northside().await;
    let path = "/v1/organizations/northside";
    world
        .patch(path, &json!({"name": null}))
        .await
        .refuses(&["/name"]);
    world
        .patch(path, &json!({"id": "southside"}))
        .await
        .refuses(&["/id"]);
    world
        .patch("/v1/organizations/nobody", &json!({"name": "x"}))
        .await
        .is(404);
}
