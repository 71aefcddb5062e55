//! `carehook endpoints replay` against a running server: counted first, then sent, and listed.

use carehook_testkit::{Answer, Receiver};
use serde_json::{Value, json};

use crate::server::Server;

const OF: [&str; 2] = ["--organization", "north"];

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_comes_late_gets_what_it_missed() {
    let mut server = Server::start();
    let (first, late) = (Receiver::start().await, Receiver::start().await);
    let api = server.api();
    api.endpoint(&first.url()).await;
    for number in 0..3 {
        let event = json!({"type": "patient.created", "data": {"number": number}});
        api.post("/north/events", &event).await;
    }
    first.wait_for(3).await;
    let ask = |words: &[&str]| -> Value {
        let words = [words, &OF, &["--output", "json"]].concat();
        server.client(&words).run().json()
    };
    let late_url = late.url();
    let made = ask(&["endpoints", "create", &late_url, "--events", "patient.*"]);
    let id = made["id"].as_str().unwrap();
    let start = ["endpoints", "replay", id, "--state", "missing"];
    let counted = ask(&[&start[..], &["--dry-run"]].concat());
    assert_eq!(
        (&counted["state"], &counted["counted"]),
        (&json!("done"), &json!(3))
    );
    assert_eq!(late.attempts(), 0);
    let done = ask(&[&start[..], &["--follow"]].concat());
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!((&done["sent"], &done["failed"]), (&json!(3), &json!(0)));
    assert_eq!(late.wait_for(3).await.len(), 3);
    let listed = ask(&["endpoints", "replays", id]);
    assert_eq!(listed, json!([done, counted]));
    let job = done["id"].as_str().unwrap();
    assert_eq!(ask(&["endpoints", "replays", id, "--replay", job]), done);
    let stop = ["endpoints", "stop", id, "--replay", job];
    let stopped = server.client(&[&stop[..], &OF].concat()).run();
    assert!(stopped.stderr.contains("the replay has ended"), "{stopped}");

    late.set_default(Answer::status(500));
    let again = ask(&[
        "endpoints",
        "replay",
        id,
        "--state",
        "all",
        "--type",
        "patient.*",
    ]);
    assert_eq!(again["state"], "running", "{again}");
    let job = again["id"].as_str().unwrap();
    let stopped = ask(&["endpoints", "stop", id, "--replay", job]);
    assert_eq!(stopped["state"], "stopped", "{stopped}");
    server.stop();
}
