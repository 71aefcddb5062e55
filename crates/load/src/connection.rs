//! A client connection that sends one request after the other and costs little.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire;

/// A server that does not answer for so long is as good as dead.
const DEADLINE: Duration = Duration::from_secs(20);

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// A connection that is made when it is needed.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: BytesMut,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: BytesMut::with_capacity(8 * 1024),
        }
    }

    /// Sends a whole request and waits for its whole answer. After an error the connection is new.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer> {
        let answer = timeout(DEADLINE, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| bail!("no answer within {DEADLINE:?}"));
        if answer.is_err() {
            self.stream = None;
            self.buffer.clear();
        }
        answer
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            empty => empty.insert(connect(self.address).await?),
        };
        stream.write_all(request).await.context("send a request")?;
        loop {
            if let Some(whole) = wire::response(&self.buffer)? {
                self.buffer.advance(whole.body.start);
                let body = self.buffer.split_to(whole.body.len()).freeze();
                if whole.closes {
                    self.stream = None;
                }
                let status = whole.status;
                return Ok(Answer { status, body });
            }
            let read = stream.read_buf(&mut self.buffer).await;
            if read.context("read an answer")? == 0 {
                bail!("the connection was closed");
            }
        }
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.with_context(|| format!("connect to {address}"))?;
    stream.set_nodelay(true).context("set TCP_NODELAY")?;
    Ok(stream)
}
