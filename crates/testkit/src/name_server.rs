//! A name server that says what a test wants, in turn.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const HEADER_BYTES: usize = 12;
const TYPE_A: u16 = 1;
const TYPE_AAAA: u16 = 28;
const CLASS_IN: u16 = 1;
const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NAME_ERROR: u8 = 3;
/// Points to the question's name, which always begins behind the header.
const QUESTION_NAME: u16 = 0xC00C;

/// Answers questions over UDP; names that it was not told do not exist.
pub struct NameServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    stop: CancellationToken,
}

/// The answer to one lookup of a name, for both address families.
#[derive(Clone, Debug)]
pub enum Reply {
    Addresses(Vec<IpAddr>),
    NoSuchName,
    ServerFailure,
    Silence,
}

#[derive(Default)]
struct Zone {
    replies: HashMap<String, Vec<Reply>>,
    asked: HashMap<(String, u16), usize>,
    ttl: u32,
}

struct Question {
    name: String,
    kind: u16,
    /// Where the question ends in its packet.
    end: usize,
}

impl NameServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let (zone, stop) = (Arc::default(), CancellationToken::new());
        TaskTracker::new().spawn(serve(socket, Arc::clone(&zone), stop.clone()));
        Self {
            address,
            zone,
            stop,
        }
    }

    /// Answers each lookup of `name` with the next reply; the last one stays.
    #[must_use]
    pub fn answers(self, name: &str, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.zone
            .lock()
            .replies
            .insert(name.to_owned(), replies.into_iter().collect());
        self
    }

    /// Lets answers be kept, which they are not by default.
    #[must_use]
    pub fn with_ttl(self, seconds: u32) -> Self {
        self.zone.lock().ttl = seconds;
        self
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The names that were asked for, each once, in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        let names: BTreeSet<_> = self
            .zone
            .lock()
            .asked
            .keys()
            .map(|(name, _)| name.clone())
            .collect();
        names.into_iter().collect()
    }

    /// How often the IPv4 addresses of a name were asked for.
    pub fn lookups(&self, name: &str) -> usize {
        self.zone
            .lock()
            .asked
            .get(&(name.to_owned(), TYPE_A))
            .copied()
            .unwrap_or_default()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Reply {
    pub fn address(address: impl Into<IpAddr>) -> Self {
        Self::Addresses(vec![address.into()])
    }
}

async fn serve(socket: UdpSocket, zone: Arc<Mutex<Zone>>, stop: CancellationToken) {
    let mut packet = [0; 1500];
    while let Some(received) = stop
        .run_until_cancelled(socket.recv_from(&mut packet))
        .await
    {
        let Ok((length, client)) = received else {
            continue;
        };
        let Some(question) = Question::read(&packet[..length]) else {
            continue;
        };
        let answer = zone.lock().answer(&packet[..length], &question);
        if let Some(answer) = answer {
            // A client that is gone does not need it.
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

impl Zone {
    /// Writes the next answer to a question; `None` is silence.
    fn answer(&mut self, packet: &[u8], question: &Question) -> Option<Vec<u8>> {
        let asked = self
            .asked
            .entry((question.name.clone(), question.kind))
            .or_default();
        let turn = *asked;
        *asked += 1;
        let replies = self
            .replies
            .get(&question.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let reply = replies
            .get(turn)
            .or(replies.last())
            .unwrap_or(&Reply::NoSuchName);
        match reply {
            Reply::Addresses(addresses) => {
                let data = addresses
                    .iter()
                    .filter_map(|a| record_data(*a, question.kind));
                Some(message(
                    packet,
                    question,
                    NO_ERROR,
                    &data.collect::<Vec<_>>(),
                    self.ttl,
                ))
            }
            Reply::NoSuchName => Some(message(packet, question, NAME_ERROR, &[], self.ttl)),
            Reply::ServerFailure => Some(message(packet, question, SERVER_FAILURE, &[], self.ttl)),
            Reply::Silence => None,
        }
    }
}

impl Question {
    /// Reads the first question of a packet.
    fn read(packet: &[u8]) -> Option<Self> {
        let mut labels = Vec::new();
        let mut at = HEADER_BYTES;
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            let label = packet.get(at..at + length)?;
            labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
        Some(Self {
            name: labels.join("."),
            kind,
            end: at + 4,
        })
    }
}

fn record_data(address: IpAddr, kind: u16) -> Option<Vec<u8>> {
    match (address, kind) {
        (IpAddr::V4(address), TYPE_A) => Some(address.octets().to_vec()),
        (IpAddr::V6(address), TYPE_AAAA) => Some(address.octets().to_vec()),
        _ => None,
    }
}

/// Writes a response (RFC 1035, 4.1) to the question of `packet`.
fn message(packet: &[u8], question: &Question, code: u8, records: &[Vec<u8>], ttl: u32) -> Vec<u8> {
    let mut message = packet[..2].to_vec();
    // A response, recursion desired and available.
    message.extend([0x81, 0x80 | code]);
    let count = u16::try_from(records.len()).expect("tests give few addresses");
    for section in [1, count, 0, 0] {
        message.extend(section.to_be_bytes());
    }
    message.extend(&packet[HEADER_BYTES..question.end]);
    for data in records {
        let length = u16::try_from(data.len()).expect("addresses are short");
        for field in [QUESTION_NAME, question.kind, CLASS_IN] {
            message.extend(field.to_be_bytes());
        }
        message.extend(ttl.to_be_bytes());
        message.extend(length.to_be_bytes());
        message.extend(data);
    }
    message
}
