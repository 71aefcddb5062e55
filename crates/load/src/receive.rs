//! `receive`: answers requests, counts them per path, and takes commands from stdin.
//!
//! Commands, one a line, each answered with one line of JSON: `report`, `reset`,
//! `answer PATH ok|fail|flaky|hang`, `secret PATH whsec_…`. The end of stdin ends the program.

mod board;
mod command;
mod lane;

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use bytes::{Buf as _, BytesMut};
use clap::Args;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use crate::{print_json, wire};
use board::Board;
use lane::Reply;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Writes a line for each request that is answered with success
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const FAILED: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let journal = arguments
        .journal
        .map(|path| File::create(&path).with_context(|| format!("create {}", path.display())));
    let board = Rc::new(RefCell::new(Board::new(journal.transpose()?)));
    let listener = TcpListener::bind(arguments.listen)
        .await
        .context("listen")?;
    let address = listener.local_addr().context("ask for the own address")?;
    print_json(&json!({"listening": address}));
    spawn_local(accept(listener, Rc::clone(&board)));
    let mut lines = stdin_lines();
    while let Some(line) = lines.recv().await {
        let answer = board.borrow_mut().obey(&line);
        let answer = answer.unwrap_or_else(|error| json!({"error": format!("{error:#}")}));
        print_json(&answer);
    }
    board.borrow_mut().flush()
}

/// Reads stdin in a thread, which only waits.
fn stdin_lines() -> mpsc::UnboundedReceiver<String> {
    let (tx, rx) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if tx.send(line).is_err() {
                return;
            }
        }
    });
    rx
}

async fn accept(listener: TcpListener, board: Rc<RefCell<Board>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let board = Rc::clone(&board);
        spawn_local(async move {
            // A sender that is killed in the middle of a request is part of the work.
            let _ = serve(stream, &board).await;
        });
    }
}

async fn serve(mut stream: TcpStream, board: &RefCell<Board>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(16 * 1024);
    let mut answers = Vec::new();
    loop {
        while let Some(request) = wire::request(&buffer)? {
            let end = request.body.end;
            let reply = board
                .borrow_mut()
                .take(&request, &buffer[request.body.clone()])?;
            match reply {
                Reply::Ok => answers.extend_from_slice(OK),
                Reply::Fail => answers.extend_from_slice(FAILED),
                Reply::Never => std::future::pending().await,
            }
            buffer.advance(end);
        }
        if !answers.is_empty() {
            stream.write_all(&answers).await?;
            answers.clear();
        }
        buffer.reserve(4 * 1024);
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}
