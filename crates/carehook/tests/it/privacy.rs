//! What belongs to patients and customers is in no log and in no figure, however much is logged.

use carehook_testkit::{Answer, Receiver};
use http::Method;
use serde_json::json;

use crate::api::Api;
use crate::server::{Folder, OPERATOR_KEY, Server};

const CANARY: &str = "canary4711";

#[tokio::test(flavor = "multi_thread")]
async fn payloads_secrets_headers_queries_and_answers_are_in_no_log_and_no_figure() {
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    let mut server = Server::start_in(folder, &["--dev"], &[("CAREHOOK_LOG", "trace")]);
    let answer = Answer::status(500).body(CANARY).header("x-answer", CANARY);
    let receiver = Receiver::start().await.always(answer);
    let api = server.api();
    api.post("", &json!({"id": "north", "name": CANARY})).await;
    let endpoint = json!({
        "url": format!("{}?token={CANARY}", receiver.url()),
        "events": ["*"],
        "headers": {"x-secret": CANARY},
    });
    let endpoint = api.post("/north/endpoints", &endpoint).await;
    let event = json!({"type": "patient.created", "subject": CANARY, "data": {"name": CANARY}});
    api.post("/north/events", &event).await;
    receiver.wait_for(1).await;
    // Requests that are refused, with the canary where the fault is.
    let refused = json!({"type": CANARY, "data": CANARY, CANARY: 1}).to_string();
    for body in [refused, format!("{{\"{CANARY}")] {
        let path = "/v1/organizations/north/events";
        assert!(api.send(Method::POST, path, body).await.0.is_client_error());
    }
    // The HTTP/2 library writes more about its frames than others do.
    let http2 = Api::http2(server.url(), OPERATOR_KEY);
    http2.publish(CANARY).await;
    let (_, figures) = api.get("/metrics").await;
    server.stop();

    let log = server.log();
    assert!(log.contains("endpoint created"), "{log}");
    let secret = endpoint["secret"].as_str().unwrap();
    for private in [CANARY, secret, OPERATOR_KEY] {
        assert!(!figures.contains(private), "{private} is in the figures");
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private} is in the log");
    }
}
