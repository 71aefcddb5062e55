//! A mail server of others (aiosmtpd, see `judges/`) that tells what it took.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{Identity, judges};

/// Python takes a while to start on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a mail server differs from one that takes everything in clear text.
#[derive(Default)]
pub struct MailSetup<'a> {
    /// Where it listens; 0 for a free port.
    pub port: u16,
    /// When it encrypts, and with which certificate.
    pub tls: Option<(MailTls, &'a Identity)>,
    /// User and password that it asks for.
    pub credentials: Option<(&'a str, &'a str)>,
}

/// When a mail server encrypts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// After `STARTTLS`, without which it takes nothing.
    StartTls,
}

/// A mail that the server took, as Python's `email` package reads it.
#[derive(Clone, Debug)]
pub struct TakenMail {
    pub from: String,
    pub to: Vec<String>,
    pub encrypted: bool,
    pub signed_in: bool,
    pub content_type: String,
    pub defects: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub text: String,
    pub html: String,
    /// Everything, as it was sent.
    pub raw: String,
}

impl TakenMail {
    /// A header's value.
    ///
    /// # Panics
    ///
    /// When the header is not there exactly once.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let is_it = |(of, _): &&(String, String)| of.eq_ignore_ascii_case(name);
        let values: Vec<_> = self.headers.iter().filter(is_it).collect();
        let [(_, value)] = values[..] else {
            panic!("{} headers {name}", values.len());
        };
        value
    }
}

#[derive(Default)]
struct Shared {
    mails: Mutex<Vec<TakenMail>>,
    refusals: Mutex<Vec<String>>,
    /// Counts what was told.
    told: watch::Sender<usize>,
}

/// A running mail server; ends when it is dropped.
pub struct MailServer {
    process: Child,
    port: u16,
    shared: Arc<Shared>,
}

impl MailServer {
    /// Starts a server that takes everything but what `judges/mail_server.py` says.
    pub fn start() -> Self {
        Self::start_with(&MailSetup::default())
    }

    /// Starts a server.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[track_caller]
    pub fn start_with(setup: &MailSetup<'_>) -> Self {
        let mut command = Command::new(judges::python());
        command.arg(judges::script("mail_server.py"));
        command.args(["--port", &setup.port.to_string()]);
        let folder = tempfile::tempdir().expect("there is room for a certificate");
        if let Some((kind, identity)) = setup.tls {
            let kind = match kind {
                MailTls::Implicit => "implicit",
                MailTls::StartTls => "starttls",
            };
            let file = folder.path().join("identity.pem");
            std::fs::write(&file, identity.pem()).expect("there is room for a certificate");
            command.arg("--tls").arg(kind).arg(file);
        }
        if let Some((user, password)) = setup.credentials {
            command.args(["--user", user, "--password", password]);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter starts; run `cargo xtask test`, which installs it");
        let output = process.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().and_then(Result::ok);
        let first: Value = first
            .and_then(|line| serde_json::from_str(&line).ok())
            .expect("the mail server says where it listens; run `cargo xtask test`");
        let port = first["listening"].as_u64();
        let shared = Arc::new(Shared::default());
        let told = Arc::clone(&shared);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                told.take(&line);
            }
        });
        Self {
            process,
            port: port
                .and_then(|port| u16::try_from(port).ok())
                .expect("a listening server has a port"),
            shared,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is, for `CAREHOOK_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What it has taken.
    pub fn mails(&self) -> Vec<TakenMail> {
        self.shared.mails.lock().clone()
    }

    /// What it has refused, each with the command.
    pub fn refusals(&self) -> Vec<String> {
        self.shared.refusals.lock().clone()
    }

    /// Waits until it has taken `count` mails, and returns all.
    ///
    /// # Panics
    ///
    /// When they do not come in half a minute.
    pub async fn wait_for(&self, count: usize) -> Vec<TakenMail> {
        self.wait(|shared| shared.mails.lock().len() >= count).await;
        self.mails()
    }

    /// Waits until it has refused `count` times, and returns all.
    ///
    /// # Panics
    ///
    /// When it does not in half a minute.
    pub async fn wait_for_refusals(&self, count: usize) -> Vec<String> {
        self.wait(|shared| shared.refusals.lock().len() >= count)
            .await;
        self.refusals()
    }

    async fn wait(&self, enough: impl Fn(&Shared) -> bool) {
        let mut told = self.shared.told.subscribe();
        let came = timeout(PATIENCE, told.wait_for(|_| enough(&self.shared))).await;
        assert!(
            came.is_ok(),
            "{} mails and {} refusals came",
            self.mails().len(),
            self.refusals().len()
        );
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left of it.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Shared {
    fn take(&self, line: &str) {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            return;
        };
        if let Some(command) = line["refused"].as_str() {
            self.refusals.lock().push(command.to_owned());
        }
        if line["mail"].is_object() {
            self.mails.lock().push(mail(&line["mail"]));
        }
        self.told.send_modify(|told| *told += 1);
    }
}

fn mail(told: &Value) -> TakenMail {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |value: &Value| {
        let items = value.as_array().into_iter().flatten();
        items.map(text).collect::<Vec<_>>()
    };
    let headers = told["headers"].as_array().into_iter().flatten();
    TakenMail {
        from: text(&told["from"]),
        to: texts(&told["to"]),
        encrypted: told["encrypted"] == true,
        signed_in: told["signed_in"] == true,
        content_type: text(&told["content_type"]),
        defects: texts(&told["defects"]),
        headers: headers
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        text: text(&told["text"]),
        html: text(&told["html"]),
        raw: text(&told["raw"]),
    }
}
