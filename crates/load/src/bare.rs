//! `bare`: posts to a receiver with hyper's client and nothing else, as a yardstick.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use clap::Args;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::wall::now_micros;
use crate::{cpu, payload, print_json};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The receiver's address
    #[arg(long)]
    receiver: SocketAddr,
    /// Requests
    #[arg(long)]
    count: u64,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 64)]
    connections: u64,
    /// Bytes of each body
    #[arg(long, default_value_t = 600)]
    size: usize,
    /// Threads of the runtime; with more than one it is the kind of runtime that a server has
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut builder = match arguments.threads {
        0 | 1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = builder
        .worker_threads(arguments.threads.max(1))
        .enable_all()
        .build();
    runtime
        .context("start the runtime")?
        .block_on(work(arguments))
}

async fn work(arguments: &Arguments) -> Result<()> {
    let mut connections = JoinSet::new();
    let mut senders = Vec::new();
    for _ in 0..arguments.connections.max(1) {
        senders.push(connect(arguments.receiver, &mut connections).await?);
    }
    let mut body = Vec::new();
    payload::append(&mut body, 1, now_micros(), arguments.size);
    let body = Bytes::from(body);
    let left = Arc::new(AtomicU64::new(arguments.count));
    let (start, cpu_before) = (Instant::now(), cpu::own_nanos()?);
    let mut tasks = JoinSet::new();
    for sender in senders {
        tasks.spawn(post(sender, body.clone(), Arc::clone(&left)));
    }
    while let Some(done) = tasks.join_next().await {
        done.context("a connection panicked")??;
    }
    let cpu = cpu::own_nanos()? - cpu_before;
    let seconds = start.elapsed().as_secs_f64();
    print_json(&json!({"count": arguments.count, "seconds": seconds, "cpu_ns": cpu}));
    Ok(())
}

async fn connect(
    receiver: SocketAddr,
    connections: &mut JoinSet<()>,
) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(receiver).await.context("connect")?;
    stream.set_nodelay(true).context("set TCP_NODELAY")?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.context("handshake")?;
    connections.spawn(async move {
        // Its end shows in the sender.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn post(
    mut sender: SendRequest<Full<Bytes>>,
    body: Bytes,
    left: Arc<AtomicU64>,
) -> Result<()> {
    let take = |left: u64| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
        .is_ok()
    {
        // As many headers and bytes as a signed delivery has.
        let request = Request::post("/bare")
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .header("user-agent", "carehook-load")
            .header("webhook-id", "evt_01991f1e8e0070008000000000000001")
            .header("webhook-timestamp", "1773656400")
            .header(
                "webhook-signature",
                "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
            )
            .body(Full::new(body.clone()))
            .context("build a request")?;
        sender.ready().await.context("wait for a connection")?;
        let response = sender.send_request(request).await.context("post")?;
        if !response.status().is_success() {
            bail!("the receiver answered {}", response.status());
        }
        response
            .into_body()
            .collect()
            .await
            .context("read an answer")?;
    }
    Ok(())
}
