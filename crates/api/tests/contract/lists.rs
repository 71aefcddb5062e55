//! Lists: pages, cursors, filters.

use std::time::Duration;

use serde_json::json;

use crate::world::{START, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";
const EVENTS: &str = "/v1/organizations/northside/events";
const DELIVERIES: &str = "/v1/organizations/northside/deliveries";

/// Reads a list page by page; gives the values of one field.
async fn walk(world: &World, path: &str, limit: usize, field: &str) -> Vec<String> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world
            .get(&format!("{path}{joint}limit={limit}{cursor}"))
            .await
            .is(200);
        let data = page.body["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        found.extend(
            data.iter()
                .map(|item| item[field].as_str().unwrap().to_owned()),
        );
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
        assert_eq!(data.len(), limit);
    }
}

#[tokio::test]
async fn every_list_is_given_whole_page_by_page() {
    let world = World::with_northside().await;
    let mut endpoints = Vec::new();
    let mut events = Vec::new();
    for _ in 0..5 {
        world.advance(Duration::from_secs(1));
        endpoints.push(world.endpoint(json!({"events": ["patient.created"]})).await);
        events.push(world.event("location.updated").await);
    }
    events.reverse();
    for limit in [1, 2, 5, 100] {
        assert_eq!(walk(&world, ENDPOINTS, limit, "id").await, endpoints);
        assert_eq!(walk(&world, EVENTS, limit, "id").await, events);
    }
    world.event("patient.created").await;
    let deliveries = walk(&world, DELIVERIES, 2, "id").await;
    assert_eq!(deliveries, walk(&world, DELIVERIES, 100, "id").await);
    assert_eq!(deliveries.len(), 5);

    for id in ["b", "a", "c"] {
        world
            .post("/v1/organizations", &json!({"id": id, "name": id}))
            .await
            .is(201);
    }
    let organizations = walk(&world, "/v1/organizations", 2, "id").await;
    assert_eq!(organizations, ["a", "b", "c", "northside"]);
    let categories = walk(&world, "/v1/event-categories", 7, "code").await;
    assert!(categories.len() > 10 && categories.is_sorted());
    let types = walk(&world, "/v1/event-types", 30, "code").await;
    assert!(types.len() > 60 && types.is_sorted());
}

#[tokio::test]
async fn bad_pages_and_unknown_parameters_are_refused() {
    let world = World::with_northside().await;
    let cursor = {
        world.event("patient.created").await;
        world.event("patient.created").await;
        world
            .get(&format!("{EVENTS}?limit=1"))
            .await
            .is(200)
            .text("next_cursor")
    };
    for path in [
        "/v1/organizations",
        "/v1/event-categories",
        "/v1/event-types",
        ENDPOINTS,
        EVENTS,
        DELIVERIES,
    ] {
        for (query, pointer) in [
            ("limit=0", "/limit"),
            ("limit=101", "/limit"),
            ("limit=-1", "/limit"),
            ("limit=ten", "/limit"),
            ("limit=", "/limit"),
            ("limit=1&limit=2", "/limit"),
            ("cursor=x", "/cursor"),
            ("cursor=", "/cursor"),
            ("offset=3", "/offset"),
            ("page%5B0%5D=3", "/page[0]"),
        ] {
            let answer = world.get(&format!("{path}?{query}")).await;
            answer.refuses(&[pointer]);
        }
        if path != EVENTS {
            let answer = world.get(&format!("{path}?cursor={cursor}")).await;
            answer.refuses(&["/cursor"]);
        }
    }
}

#[tokio::test]
async fn bad_filters_are_refused() {
    let world = World::with_northside().await;
    for (path, query, pointer) in [
        (EVENTS, "type=A", "/type"),
        (EVENTS, "mode=prod", "/mode"),
        (EVENTS, "since=yesterday", "/since"),
        (EVENTS, "until=1", "/until"),
        (EVENTS, "state=pending", "/state"),
        (DELIVERIES, "endpoint_id=1", "/endpoint_id"),
        (DELIVERIES, "event_id=a%20b", "/event_id"),
        (DELIVERIES, "event_type=*", "/event_type"),
        (DELIVERIES, "state=lost", "/state"),
        (DELIVERIES, "since=x", "/since"),
        (DELIVERIES, "until=x", "/until"),
        (DELIVERIES, "type=patient.created", "/type"),
        ("/v1/event-types", "category=A%20B", "/category"),
    ] {
        world
            .get(&format!("{path}?{query}"))
            .await
            .refuses(&[pointer]);
    }
}

#[tokio::test]
async fn events_and_deliveries_are_filtered() {
    let world = World::with_northside().await;
    let all = world.endpoint(json!({})).await;
    let patients = world.endpoint(json!({"events": ["patient.*"]})).await;
    let first = world.event("patient.created").await;
    world.advance(Duration::from_secs(10));
    world.event("location.updated").await;
    let test = json!({"type": "patient.created", "data": {}, "mode": "test"});
    world.post(EVENTS, &test).await.is(202);
    let later = START.plus(Duration::from_secs(10));
    for (query, count) in [
        (String::new(), 3),
        ("type=patient.created".to_owned(), 2),
        ("mode=test".to_owned(), 1),
        (format!("since={later}"), 2),
        (format!("until={later}"), 1),
        (format!("since={later}&mode=live"), 1),
    ] {
        assert_eq!(
            world.count(&format!("{EVENTS}?{query}")).await,
            count,
            "{query}"
        );
    }
    for (query, count) in [
        (String::new(), 3),
        (format!("endpoint_id={all}"), 2),
        (format!("endpoint_id={patients}"), 1),
        (format!("event_id={first}"), 2),
        ("event_id=unknown".to_owned(), 0),
        ("event_type=location.updated".to_owned(), 1),
        ("state=pending".to_owned(), 3),
        ("state=failed".to_owned(), 0),
        (format!("since={later}"), 1),
        (format!("until={later}"), 2),
        (
            format!("endpoint_id={all}&event_id={first}&state=pending"),
            1,
        ),
    ] {
        assert_eq!(
            world.count(&format!("{DELIVERIES}?{query}")).await,
            count,
            "{query}"
        );
    }
}
