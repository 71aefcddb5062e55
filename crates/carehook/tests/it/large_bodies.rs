//! Clients that read the answer only after they have sent everything.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::server::{OPERATOR_KEY, Server};

/// Sends a body of so many bytes, all of it, and then reads the first line of the answer.
fn status_line_after(server: &Server, path: &str, bytes: usize) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: carehook\r\nauthorization: Bearer {OPERATOR_KEY}\r\n\
         content-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b' '; bytes]).unwrap();
    let mut answer = [0u8; 12];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_with_an_answer_that_arrives() {
    let server = Server::start();
    for bytes in [300_000, 3_000_000, 10_000_000] {
        let status = status_line_after(&server, "/v1/event-types", bytes);
        assert_eq!(status, "HTTP/1.1 413", "{bytes} bytes");
        // Refused before anybody looks at the body.
        let status = status_line_after(&server, "/v1/organizations/nobody/events", bytes);
        assert_eq!(status, "HTTP/1.1 404", "{bytes} bytes");
    }
}
