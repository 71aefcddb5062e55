//! Libraries of others verify deliveries of the running server.

use carehook_testkit::{Judge, JudgeVerdict, Receiver};
use serde_json::json;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn libraries_of_others_verify_a_delivery() {
    let server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    let endpoint = api.endpoint(&receiver.url()).await;
    let secret = endpoint["secret"].as_str().unwrap();
    api.publish("evt-1").await;
    let request = receiver.wait_for(1).await.remove(0);
    let body = std::str::from_utf8(&request.body).unwrap();
    for judge in Judge::ALL {
        assert_eq!(
            judge.verify(secret, &request.headers, body),
            JudgeVerdict::Accepted
        );
        let forged = body.replace("patient.created", "patient.deleted");
        let verdict = judge.verify(secret, &request.headers, &forged);
        assert!(matches!(verdict, JudgeVerdict::Refused(_)), "{judge:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_rotation_libraries_of_others_verify_with_either_secret() {
    let server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    let endpoint = api.endpoint(&receiver.url()).await;
    let old = endpoint["secret"].as_str().unwrap();
    let path = format!(
        "/north/endpoints/{}/secret/rotate",
        endpoint["id"].as_str().unwrap()
    );
    let rotated = api.post(&path, &json!({})).await;
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(old, new);
    api.publish("evt-1").await;
    let request = receiver.wait_for(1).await.remove(0);
    let body = std::str::from_utf8(&request.body).unwrap();
    for judge in Judge::ALL {
        for secret in [old, new] {
            let verdict = judge.verify(secret, &request.headers, body);
            assert_eq!(verdict, JudgeVerdict::Accepted, "{judge:?}");
        }
    }
}
