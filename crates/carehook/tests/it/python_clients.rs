//! Clients in Python's standard library walk the whole life of an endpoint in each dialect.

use std::path::Path;

use carehook_testkit::run_python_client;

use crate::server::{OPERATOR_KEY, Server};

/// Runs `python/<name>.py` against a server of its own.
#[track_caller]
fn walk(name: &str) {
    let server = Server::start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python");
    let script = folder.join(name).with_extension("py");
    let variables = [
        ("CAREHOOK_URL", server.url()),
        ("CAREHOOK_KEY", OPERATOR_KEY),
    ];
    run_python_client(&script, &variables);
}

#[test]
fn a_python_client_walks_the_life_of_a_native_endpoint() {
    walk("native");
}

#[test]
fn a_python_client_walks_the_life_of_a_jump_webhook() {
    walk("jump");
}

#[test]
fn a_python_client_walks_the_life_of_a_mycure_webhook() {
    walk("mycure");
}

#[test]
fn a_python_client_walks_the_life_of_an_ecg_subscription() {
    walk("ecg");
}
