//! URLs of endpoints: names are resolved and every address is judged before anything is stored.

use carehook_deliver::DeliverConfig;
use carehook_testkit::{NameServer, Reply};
use serde_json::json;

use crate::world::World;

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

async fn world_with(names: &NameServer) -> World {
    let world = World::with_targets(DeliverConfig {
        dns_servers: Some(vec![names.address()]),
        ..DeliverConfig::default()
    });
    let body = json!({"id": "northside", "name": "Northside Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    world
}

fn at(url: &str) -> serde_json::Value {
    json!({"url": url, "events": ["*"]})
}

#[tokio::test]
async fn a_name_is_accepted_only_with_public_addresses() {
    let names = NameServer::start()
        .await
        .answers("good.example.com", [Reply::address([93, 184, 216, 34])])
        .answers("inside.example.com", [Reply::address([10, 0, 0, 1])]);
    let world = world_with(&names).await;
    world
        .post(ENDPOINTS, &at("https://good.example.com/"))
        .await
        .is(201);
    world
        .post(ENDPOINTS, &at("https://inside.example.com/"))
        .await
        .refuses(&["/url"]);
    world
        .post(ENDPOINTS, &at("https://unknown.example.com/"))
        .await
        .refuses(&["/url"]);
    world
        .post(ENDPOINTS, &at("http://good.example.com/"))
        .await
        .refuses(&["/url"]);
    assert_eq!(world.count(ENDPOINTS).await, 1);
}

#[tokio::test]
async fn our_own_name_server_being_down_is_our_fault() {
    let names = NameServer::start()
        .await
        .answers("any.example.com", [Reply::ServerFailure]);
    let world = world_with(&names).await;
    let answer = world.post(ENDPOINTS, &at("https://any.example.com/")).await;
    let answer = answer.problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(world.count(ENDPOINTS).await, 0);
}
