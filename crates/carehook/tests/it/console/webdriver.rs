//! As much of the `WebDriver` protocol as the tests need: a driver of our own, one session, commands.
//!
//! A crate for it would switch `serde_json` to another order of keys in every test of the workspace.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the driver looks for an element before it says that there is none.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// A driver that says nothing for this long is lost.
const LOST: Duration = Duration::from_mins(1);

/// How often the driver is started before a test gives up.
const STARTS: usize = 5;

/// A browser window with a profile of its own; it ends when dropped.
pub(crate) struct Session {
    driver: Child,
    port: u16,
    path: String,
    browser: Option<Pid>,
    profile: TempDir,
}

/// What the driver answered instead of a value.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// A code of the protocol, such as `no such element`.
    pub(crate) error: String,
    message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.message)
    }
}

impl Session {
    /// Starts Debian's driver and, through it, Debian's Chromium.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut starts = (0..STARTS).filter_map(|_| start_driver(profile.path()));
        let (driver, port) = starts.next().expect("chromedriver says where it listens");
        let mut session = Self {
            driver,
            port,
            path: String::new(),
            browser: None,
            profile,
        };
        let capabilities = session.capabilities();
        let made = session.call("POST", "/session", Some(&capabilities));
        let made = made.unwrap_or_else(|refusal| {
            panic!("no browser; `cargo xtask test` installs Chromium: {refusal}")
        });
        session.path = format!("/session/{}", made["sessionId"].as_str().unwrap());
        let browser = made["capabilities"]["goog:processID"].as_i64();
        let browser = browser.and_then(|id| i32::try_from(id).ok());
        session.browser = browser.and_then(Pid::from_raw);
        session
    }

    fn capabilities(&self) -> Value {
        let profile = self.profile.path().join("profile");
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap();
        json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"implicit": patience, "pageLoad": 30_000, "script": 30_000},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": "/usr/bin/chromium",
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                    "--no-first-run", "--disable-background-networking", "--disable-sync",
                    "--disable-component-update", "--lang=en-US", "--window-size=1280,800",
                    "--hide-scrollbars", "--host-resolver-rules=MAP clinic.example 127.0.0.1",
                    format!("--user-data-dir={}", profile.display()),
                ],
            },
        }}})
    }

    pub(crate) fn get(&self, command: &str) -> Result<Value, Refusal> {
        self.call("GET", &format!("{}{command}", self.path), None)
    }

    pub(crate) fn post(&self, command: &str, body: &Value) -> Result<Value, Refusal> {
        self.call("POST", &format!("{}{command}", self.path), Some(body))
    }

    /// A command of the browser's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        let answer = self.post("/goog/cdp/execute", &body);
        answer.unwrap_or_else(|refusal| panic!("{command}: {refusal}"))
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        let exchanged = exchange(self.port, method, path, body);
        let (status, answer) = exchanged.unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].take();
        if status == 200 {
            return Ok(value);
        }
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Refusal {
            error: text("error"),
            message: text("message"),
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Asked for its end, the browser leaves nothing behind; the signal is for one that hangs.
        let ended = exchange(self.port, "DELETE", &self.path, None);
        if let (Err(_), Some(browser)) = (ended, self.browser) {
            let _ = kill_process(browser, Signal::KILL);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Starts the driver; `None` when it ends at once. It takes one port for both kinds of loopback
/// addresses, and gives up when the one that is free for one kind is in use for the other.
fn start_driver(home: &Path) -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("TZ", "UTC")
        .env("LANG", "en_US.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed; `cargo xtask test` does that");
    let stdout = driver.stdout.take().expect("stdout is piped");
    let port = port_of(stdout);
    if port.is_none() {
        let _ = driver.kill();
        let _ = driver.wait();
    }
    port.map(|port| (driver, port))
}

/// Reads what the driver prints up to the line that names its port, then drains what follows.
fn port_of(stdout: impl io::Read + Send + 'static) -> Option<u16> {
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once(" successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    port
}

/// One request on a connection of its own.
fn exchange(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(LOST))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| {
        let length = line.strip_prefix("content-length:")?;
        length.trim().parse().ok()
    });
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let (Some(length), Some(status)) = (length, status) else {
        return Err(io::Error::other(head));
    };
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    Ok((status, answer))
}
