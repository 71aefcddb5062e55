//! The commands of the README's quick start do what it says.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::{Folder, Server};

const README: &str = include_str!("../../../../README.md");
const SERVE: &str = "carehook serve --dev\n";
/// What the page says and what is free here.
const SERVER: &str = "http://127.0.0.1:8080";
const RECEIVER_PORT: &str = "9000";
const RECEIVER: &str = "python3 receiver.py &\n";
/// A person takes longer to go on than the receiver to start; a script must wait for it.
const WAIT: &str = "until curl --silent --output /dev/null 127.0.0.1:9000; do sleep 0.05; done\n";

#[test]
fn every_command_of_the_quick_start_works() {
    let blocks = blocks(section(README));
    let (start, rest) = blocks.split_first().expect("the quick start has commands");
    let key = variable(start, "CAREHOOK_OPERATOR_KEY");
    assert!(start.ends_with(SERVE), "the first block starts the server");

    let folder = Folder::Own(tempfile::tempdir().unwrap());
    let server = Server::start_in(folder, &["--dev"], &[("CAREHOOK_OPERATOR_KEY", key)]);
    let script = rest
        .concat()
        .replace(SERVER, server.url())
        .replace(RECEIVER, &format!("{RECEIVER}{WAIT}"))
        .replace(RECEIVER_PORT, &free_port().to_string());
    let output = run(&script, server.folder());
    for expected in [
        r#""id":"northside""#,
        r#""deliveries":1"#,
        r#""event_id":"booking-4711""#,
        "ID  ",
        "webhook-signature: v1,",
        r#""type":"appointment.created""#,
    ] {
        assert!(
            output.contains(expected),
            "{expected} is missing in\n{output}"
        );
    }
    assert!(
        output.ends_with("Verified: booking-4711 is genuine (Standard Webhooks).\n"),
        "{output}"
    );
}

/// The section of the page that this is about.
fn section(page: &str) -> &str {
    let (_, rest) = page
        .split_once("\n## Quick start\n")
        .expect("the README has a quick start");
    rest.split("\n## ").next().unwrap_or(rest)
}

/// The blocks that a reader runs.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn variable<'a>(block: &'a str, name: &str) -> &'a str {
    let start = format!("export {name}=");
    let mut lines = block.lines();
    lines
        .find_map(|line| line.strip_prefix(&start))
        .expect("the block sets the variable")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Runs the commands in one shell that stops at the first failure, and ends the receiver.
fn run(script: &str, folder: &Path) -> String {
    let script = format!("set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n{script}");
    let program = Path::new(env!("CARGO_BIN_EXE_carehook"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var_os("PATH").unwrap().to_str().unwrap()
    );
    let output = Command::new("timeout")
        .args(["60", "bash", "-c", &script])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("http_proxy")
        .stdin(Stdio::null())
        .output()
        .expect("bash is there; run `cargo xtask test`");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout.into_owned()
}
