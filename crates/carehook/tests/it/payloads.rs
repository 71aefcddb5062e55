//! Thin deliveries of a running server, and the links in them.

use carehook_testkit::Receiver;
use serde_json::{Value, json};

use crate::api::Api;
use crate::server::{Folder, Server};

/// The URL in a thin or id-only delivery, as the path on this server.
fn link(body: &[u8], server: &Server) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    let url = body["data"]["payload_url"].as_str().unwrap();
    let path = url.strip_prefix(server.url());
    path.unwrap_or_else(|| panic!("{url} is not at {}", server.url()))
        .to_owned()
}

#[tokio::test]
async fn a_receiver_fetches_the_rest_of_a_thin_delivery_with_its_own_key() {
    let server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    let organization = json!({"id": "north", "name": "Northside"});
    api.post("", &organization).await;
    let words = ["endpoints", "create", &receiver.url(), "--events", "*"];
    let words = [
        &words[..],
        &["--payload", "thin", "--bearer", "canary-token"],
    ]
    .concat();
    let words = [&words[..], &["--organization", "north"]].concat();
    let made = server.client(&words).run().good();
    assert!(made.contains("thin") && !made.contains("canary"), "{made}");
    let key = json!({"name": "Receiver", "mode": "live", "scopes": ["read:payload"]});
    let key = api.post("/north/api-keys", &key).await;

    let event = json!({
        "type": "patient.updated",
        "data": {"id": "pat_1", "name": "canary-name"},
        "previous": {"name": "canary-before"},
    });
    api.post("/north/events", &event).await;
    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(received.headers["authorization"], "Bearer canary-token");
    let text = String::from_utf8(received.body.to_vec()).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert!(text.contains(r#""changed":["name"]"#), "{text}");

    let path = link(&received.body, &server);
    let own = Api::new(server.url(), key["key"].as_str().unwrap());
    let (status, text) = own.get(&path).await;
    assert_eq!(status, 200, "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["data"]["name"], "canary-name");
    assert_eq!(whole["previous"]["name"], "canary-before");
    let (status, _) = Api::new(server.url(), "nobody").get(&path).await;
    assert_eq!(status, 401);
    assert!(!server.log().contains("canary"), "{}", server.log());
}

#[tokio::test]
async fn without_the_word_full_nothing_about_patients_goes_over_plain_http() {
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    let variables = [
        ("CAREHOOK_ALLOW_HTTP", "true"),
        ("CAREHOOK_PUBLIC_URL", "https://hooks.example.com/carehook/"),
    ];
    let server = Server::start_in(folder, &["--dev"], &variables);
    let receiver = Receiver::start().await;
    let api = server.api();
    let organization = json!({"id": "north", "name": "Northside"});
    api.post("", &organization).await;
    let mut body = json!({"url": receiver.url(), "events": ["*"]});
    let path = "/v1/organizations/north/endpoints";
    let (status, text) = api.send(http::Method::POST, path, body.to_string()).await;
    assert_eq!(status, 422);
    assert!(text.contains("/payload"), "{text}");
    body["payload"] = json!("id_only");
    api.post("/north/endpoints", &body).await;
    api.publish("e-1").await;
    let received = receiver.wait_for(1).await.remove(0);
    let text = String::from_utf8(received.body.to_vec()).unwrap();
    let start = r#""data":{"event_id":"e-1","payload_url":"https://hooks.example.com/carehook/v1/payloads/"#;
    assert!(text.contains(start), "{text}");
}
