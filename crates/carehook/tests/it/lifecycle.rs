//! Starting, stopping, and starting again.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use carehook_testkit::{Answer, Receiver};
use http::StatusCode;
use serde_json::Value;

use crate::command::carehook;
use crate::server::{Folder, OPERATOR_KEY, Server};

#[test]
fn a_trial_makes_its_keys_once_and_keeps_them_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let folder = Folder::Given(folder.path().to_owned());
        // An empty variable counts as not set.
        Server::start_in(folder, &["--dev"], &[("CAREHOOK_OPERATOR_KEY", "")])
    };
    let mut server = start();
    server.stop();
    let key = fs::read_to_string(folder.path().join("carehook-data/operator.key")).unwrap();
    assert!(key.starts_with("op_") && key.len() > 40);
    for name in ["operator.key", "master.key"] {
        let path = folder.path().join("carehook-data").join(name);
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let organizations = |server: &Server| {
        let client = carehook(&["organizations", "list", "--key", key.trim()]);
        client.env("CAREHOOK_URL", server.url()).run().good()
    };
    let mut server = start();
    assert_eq!(organizations(&server), "none\n");
    server.stop();
}

#[test]
fn the_banner_names_the_address_the_documentation_and_the_data() {
    let server = Server::start();
    let url = server.url();
    let data = server.folder().join("./carehook-data");
    assert!(
        server.banner.contains(&format!("listens on {url}\n")),
        "{}",
        server.banner
    );
    assert!(
        server.banner.contains(&format!("{url}/docs\n")),
        "{}",
        server.banner
    );
    assert!(
        server.banner.contains(
            &data
                .components()
                .collect::<std::path::PathBuf>()
                .display()
                .to_string()
        ),
        "{}",
        server.banner
    );
    assert!(!server.banner.contains(OPERATOR_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_figures_are_served() {
    let server = Server::start();
    let api = server.api();
    for path in ["/livez", "/readyz", "/docs", "/openapi.json"] {
        assert_eq!(api.get(path).await.0, StatusCode::OK, "{path}");
    }
    let (_, figures) = api.get("/metrics").await;
    for name in [
        "carehook_build_info",
        "carehook_http_requests_total",
        "carehook_http_request_duration_seconds_bucket",
        "carehook_disclosures_missing_total 0",
        "carehook_audit_books_broken 0",
        "process_resident_memory_bytes",
        "process_open_fds",
    ] {
        assert!(figures.contains(name), "{name} is missing in\n{figures}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_the_delivery_in_flight_and_exits_with_0() {
    let mut server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    api.endpoint(&receiver.url()).await;
    receiver.hold();
    api.publish("evt-1").await;
    receiver.wait_for(1).await;
    server.terminate();
    receiver.release();
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());

    let server = Server::start_again(server.folder());
    let list = server.client(&[
        "deliveries",
        "list",
        "--organization",
        "north",
        "-o",
        "json",
    ]);
    assert_eq!(list.run().json()[0]["state"], "delivered");
    assert_eq!(receiver.attempts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let mut server = Server::start();
    let receiver = Receiver::start().await;
    let api = server.api();
    api.endpoint(&receiver.url()).await;
    receiver.hold();
    api.publish("evt-1").await;
    receiver.wait_for(1).await;
    server.terminate();
    wait_until_refused(server.url());
    server.terminate();
    assert_eq!(server.wait().code(), Some(1), "{}", server.log());
    receiver.release();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pending_at_a_kill_is_delivered_after_the_restart() {
    let mut server = Server::start();
    let receiver = Receiver::start().await.always(Answer::status(503));
    let api = server.api();
    api.endpoint(&receiver.url()).await;
    let published = api.publish("evt-1").await;
    assert_eq!(published["deliveries"], 1);
    receiver.wait_for(1).await;
    server.kill();

    receiver.set_default(Answer::status(200));
    let server = Server::start_again(server.folder());
    let list = [
        "deliveries",
        "list",
        "--organization",
        "north",
        "--output",
        "json",
    ];
    let deliveries: Value = server.client(&list).run().json();
    let id = deliveries[0]["id"].as_str().unwrap();
    // The schedule would wait for 5 seconds.
    server
        .client(&["deliveries", "retry", id, "--organization", "north"])
        .run()
        .good();
    let requests = receiver.wait_for(2).await;
    assert_eq!(requests[1].headers["webhook-id"], "evt-1");
}

#[test]
fn a_second_process_on_the_data_is_refused() {
    let server = Server::start();
    let data = server.folder().join("carehook-data");
    let outcome = carehook(&["serve", "--dev", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .run()
        .ends_with(4);
    let expected = format!(
        "error: open the data directory (is another `carehook serve` running?): the data \
         directory {} is in use by another process\n",
        data.display()
    );
    assert!(outcome.stderr.ends_with(&expected), "{outcome}");
}

#[test]
fn another_master_key_is_refused_before_anything_is_read() {
    let mut server = Server::start();
    server.stop();
    let outcome = carehook(&["serve", "--dev", "--listen", "127.0.0.1:0", "--data"])
        .arg(&server.folder().join("carehook-data"))
        .env(
            "CAREHOOK_MASTER_KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        )
        .run()
        .ends_with(4);
    assert!(
        outcome.stderr.contains("the master key is not the one"),
        "{outcome}"
    );
}

#[test]
fn a_taken_port_is_named() {
    let server = Server::start();
    let address = server.url().strip_prefix("http://").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let outcome = carehook(&["serve", "--dev", "--listen", address])
        .dir(folder.path())
        .run()
        .ends_with(1);
    let expected = format!("error: listen on {address}: Address already in use");
    assert!(outcome.stderr.contains(&expected), "{outcome}");
}

#[test]
fn logs_are_json_lines_outside_a_terminal_and_hold_no_key() {
    let mut server = Server::start();
    server
        .client(&["organizations", "create", "North"])
        .run()
        .good();
    server.stop();
    let log = server.log();
    assert!(!log.is_empty() && !log.contains(OPERATOR_KEY));
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string());
    }
}

#[test]
fn http_2_is_spoken_without_tls_to_those_who_begin_with_it() {
    let server = Server::start();
    let mut stream = TcpStream::connect(server.url().strip_prefix("http://").unwrap()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    // The preface and an empty SETTINGS frame (RFC 9113, 3.4).
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[3], 4, "the first frame is SETTINGS");
}

/// Connections are refused as soon as a server has begun to stop.
fn wait_until_refused(url: &str) {
    let address = url.strip_prefix("http://").unwrap();
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
}
