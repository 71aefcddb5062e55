//! Inbound connections: what many, silent and slow ones may do.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::server::Server;

/// Half of these are for connections.
const FILES: usize = 200;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    stream
}

fn ask(stream: &mut TcpStream, head: &str) -> String {
    // A server that refuses early closes before everything is written.
    let _ = stream.write_all(head.as_bytes());
    let mut bytes = [0; 512];
    let read = stream.read(&mut bytes).unwrap_or(0);
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";

#[test]
fn connections_above_the_limit_are_turned_away_and_the_others_served() {
    let limited = format!("ulimit -n {FILES}; exec \"$@\"");
    let server = Server::start_through(&["bash", "-c", &limited, "bash"]);
    let mut first = connect(&server);
    assert!(ask(&mut first, LIVEZ).starts_with("HTTP/1.1 200 "));
    let waiting: Vec<TcpStream> = (1..FILES / 2).map(|_| connect(&server)).collect();
    let mut refused = String::new();
    connect(&server).read_to_string(&mut refused).unwrap();
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"));
    assert!(ask(&mut first, LIVEZ).starts_with("HTTP/1.1 200 "));
    drop(waiting);
    // The places of those that went are free again.
    while !ask(&mut connect(&server), LIVEZ).starts_with("HTTP/1.1 200 ") {
        std::thread::yield_now();
    }
}

#[test]
fn idle_and_silent_connections_do_not_delay_the_end() {
    let mut server = Server::start();
    let mut idle = connect(&server);
    assert!(ask(&mut idle, LIVEZ).starts_with("HTTP/1.1 200 "));
    let _silent = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"GET /livez HTT").unwrap();
    let started = Instant::now();
    server.stop();
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = Server::start();
    let large = format!(
        "GET /livez HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "y".repeat(64 * 1024)
    );
    let answer = ask(&mut connect(&server), &large);
    assert!(
        answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(),
        "{answer}"
    );
    let many = format!(
        "GET /livez HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "x: y\r\n".repeat(200)
    );
    assert!(ask(&mut connect(&server), &many).starts_with("HTTP/1.1 431 "));
    assert!(ask(&mut connect(&server), LIVEZ).starts_with("HTTP/1.1 200 "));
}
