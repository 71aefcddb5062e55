//! A client of Decoda, in Python, against the running server.

use std::path::Path;

use carehook_testkit::run_python_client;

use crate::server::{OPERATOR_KEY, Server};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/decoda/client.py");

#[test]
fn a_client_in_python_walks_the_whole_life_of_a_decoda_webhook() {
    let server = Server::start();
    let variables = [
        ("CAREHOOK_URL", server.url()),
        ("CAREHOOK_KEY", OPERATOR_KEY),
    ];
    run_python_client(Path::new(CLIENT), &variables);
}
