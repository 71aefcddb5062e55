//! What a hostile receiver does with a connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::interval;

/// One drop of a dripping receiver.
const DRIP: Duration = Duration::from_secs(1);
const OK_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Accepts and never says a word: hangs in the TLS handshake, or before the head.
    Silent,
    /// Sends a head and half of its body, then nothing.
    StopsInBody,
    /// Sends a head at once and then a byte of the body a second.
    DripsBody,
    /// Sends the head itself at a byte a second.
    DripsHead,
    EndlessBody,
    /// Sends one header that is larger than any head may be.
    HugeHeader,
    /// Sends more headers than a head may have, all small.
    ManyHeaders,
    /// Says "100 continue" for ever.
    EndlessContinue,
    /// Sends 12 MiB of nothing, compressed a thousandfold.
    GzipBomb,
    /// Resets the connection when the request has come.
    Resets,
    /// Closes the connection when the request has come.
    ClosesWithoutAnswer,
    /// Answers one request, then closes the connection although it said it would keep it.
    ClosesAfterAnswer,
    /// Answers one request, and says by command that it will send no more on this connection.
    ClosesOnCommand,
    /// Answers before it has read the request, and reads none of it.
    AnswersUnread,
    /// Talks something else.
    Garbage,
}

impl Behaviour {
    pub(super) async fn run(
        self,
        mut stream: TcpStream,
        mut commanded: watch::Receiver<bool>,
    ) -> io::Result<()> {
        stream.set_nodelay(true)?;
        if self == Self::AnswersUnread {
            stream.write_all(&with_body(b"too early")).await?;
            return std::future::pending().await;
        }
        if self != Self::Silent {
            read_request(&mut stream).await?;
        }
        match self {
            Self::Silent | Self::AnswersUnread => {}
            Self::StopsInBody => {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf of it")
                    .await?;
            }
            Self::DripsBody => {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                    .await?;
                drip(&mut stream, &[b'.'; 1000]).await?;
            }
            Self::DripsHead => drip(&mut stream, &with_body(b"")).await?,
            Self::EndlessBody => {
                return endless(&mut stream, OK_HEAD, b"\r\n", &[b'x'; 4096]).await;
            }
            Self::HugeHeader => {
                let value = vec![b'v'; 64 * 1024];
                stream
                    .write_all(&[OK_HEAD, b"x-huge: ", &value, b"\r\n\r\n"].concat())
                    .await?;
            }
            Self::ManyHeaders => stream.write_all(&many_headers()).await?,
            Self::EndlessContinue => {
                return endless(&mut stream, b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n").await;
            }
            Self::GzipBomb => stream.write_all(&gzip_bomb()).await?,
            Self::Resets => return stream.set_zero_linger(),
            Self::ClosesWithoutAnswer => return Ok(()),
            Self::ClosesAfterAnswer => return stream.write_all(&with_body(b"")).await,
            Self::ClosesOnCommand => {
                stream.write_all(&with_body(b"")).await?;
                // Without a command the connection stays open for as long as the receiver lives.
                if commanded.wait_for(|commanded| *commanded).await.is_ok() {
                    stream.shutdown().await?;
                }
            }
            Self::Garbage => stream.write_all(b"220 mail.example ESMTP\r\n").await?,
        }
        until_closed(&mut stream).await
    }
}

/// Keeps the connection open until the other side lets go of it.
async fn until_closed(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let mut drops = interval(DRIP);
    for byte in bytes {
        drops.tick().await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(())
}

/// Ends only with an error, when the other side is gone.
async fn endless(
    stream: &mut TcpStream,
    head: &[u8],
    separator: &[u8],
    piece: &[u8],
) -> io::Result<()> {
    stream.write_all(&[head, separator].concat()).await?;
    loop {
        stream.write_all(piece).await?;
    }
}

fn with_body(body: &[u8]) -> Vec<u8> {
    let length = format!("content-length: {}\r\n\r\n", body.len());
    [OK_HEAD, length.as_bytes(), body].concat()
}

fn many_headers() -> Vec<u8> {
    let mut head = OK_HEAD.to_vec();
    for number in 0..80 {
        head.extend(format!("x-{number}: y\r\n").as_bytes());
    }
    head.extend(b"content-length: 0\r\n\r\n");
    head
}

/// A gzip stream of 12 MiB in 12 KiB: a deflate block whose codes make every zero byte stand for
/// 1,032 bytes. Whoever checks the checksum at its end has decompressed all of it.
fn gzip_bomb() -> Vec<u8> {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    const CODES: [u8; 15] = [
        0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 0x08, 0x5f, 0xa0,
    ];
    const END: [u8; 11] = [0, 0x3e, 0x03, 0, 0, 0, 0, 0, 0, 0, 0];
    let body = [HEADER.as_slice(), &CODES, &[0; 12 * 1024], &END].concat();
    let length = format!(
        "content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [OK_HEAD, length.as_bytes(), &body].concat()
}

/// Reads a whole request: its head, and as much body as the head says.
async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if is_whole(&request) {
            return Ok(());
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0)
}
