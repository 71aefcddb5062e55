//! A disk that fails: the server says so and ends, and a restart has everything acknowledged.

use serde_json::Value;

use crate::server::Server;

/// Every sync of a thread from its 40th on fails; a start takes fewer.
const STRACE: [&str; 8] = [
    "strace",
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    "-e",
    "trace=fsync,fdatasync",
    "--inject=fsync,fdatasync:error=EIO:when=40+",
];

#[test]
fn a_failed_sync_ends_the_server_and_a_restart_has_what_was_acknowledged() {
    let mut server = Server::start_through(&STRACE);
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let id = format!("org-{number}");
        let words = ["organizations", "create", "Clinic", "--id", &id];
        if server.client(&words).run().code != Some(0) {
            break;
        }
        acknowledged.push(id);
    }
    assert_eq!(server.wait().code(), Some(1), "{}", server.log());
    assert!(
        server.log().contains("the store cannot write any more"),
        "{}",
        server.log()
    );

    let server = Server::start_again(server.folder());
    let list = ["organizations", "list", "--all", "--output", "json"];
    let list: Value = server.client(&list).run().json();
    let ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect();
    assert!(acknowledged.len() > 5);
    for id in &acknowledged {
        assert!(
            ids.contains(&id.as_str()),
            "{id} was acknowledged and is lost"
        );
    }
}
