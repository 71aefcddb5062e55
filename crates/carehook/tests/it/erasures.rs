//! `carehook erasures` against a running server: nothing of the subject is left in any file.

use std::fs;
use std::path::Path;

use carehook_testkit::{Answer, Receiver};
use serde_json::{Value, json};

use crate::server::Server;

const OF: [&str; 2] = ["--organization", "north"];
const SUBJECT: &str = "canary-subject-4711";
const PAYLOAD: &str = "canary-payload-4711";

fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let text = text.as_bytes();
        if bytes.windows(text.len()).any(|window| window == text) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_subject_is_in_no_file_and_its_events_are_listed_without_data() {
    let mut server = Server::start();
    let answer = Answer::status(500).body("canary-answer-4711");
    let receiver = Receiver::start().await.always(answer);
    let api = server.api();
    api.endpoint(&receiver.url()).await;
    for subject in [SUBJECT, "another"] {
        let data = json!({"name": PAYLOAD});
        let event = json!({"type": "patient.created", "subject": subject, "data": data});
        api.post("/north/events", &event).await;
    }
    receiver.wait_for(2).await;
    let ask = |words: &[&str]| -> Value {
        let words = [words, &OF, &["--output", "json"]].concat();
        let call = server.client(&words).input(format!("{SUBJECT}\n"));
        call.run().json()
    };
    // From stdin: nobody can see it in the list of processes.
    let done = ask(&["erasures", "create", "-", "--wait"]);
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["counts"]["events"], 1);
    assert_eq!(done["counts"]["deliveries"], 1);
    let id = done["id"].as_str().unwrap();
    assert_eq!(ask(&["erasures", "get", id]), done);
    assert_eq!(ask(&["erasures", "list"]), json!([done]));

    let events = ask(&["events", "list"]);
    assert_eq!(events[0]["data"], json!({"name": PAYLOAD}));
    assert_eq!(events[1]["data"], Value::Null);
    assert_eq!(events[1]["subject"], Value::Null);
    let deliveries = ask(&["deliveries", "list"]);
    assert_eq!(deliveries[1]["state"], "cancelled");
    assert_eq!(deliveries[1]["reason"], "erased");
    let data = server.folder().join("carehook-data");
    for canary in [SUBJECT, PAYLOAD, "canary-answer-4711"] {
        assert_eq!(files_with(&data, canary), [""; 0], "{canary}");
    }
    let log = server.log();
    assert!(!log.contains(SUBJECT), "{log}");
    let unknown = ["erasures", "get", "01991f1e-8e00-7000-8000-000000000007"];
    let unknown = server.client(&[&unknown[..], &OF].concat()).run();
    assert!(unknown.stderr.contains("(404)"), "{unknown}");
    server.stop();
}
