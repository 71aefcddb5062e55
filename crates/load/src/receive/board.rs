//! All paths of a receiver, and its journal.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::command::Command;
use super::lane::{Lane, Reply};
use crate::wall::now_micros;
use crate::wire::Request;
use crate::{cpu, payload};

pub(super) struct Board {
    lanes: HashMap<String, Lane>,
    journal: Option<BufWriter<File>>,
}

impl Board {
    pub(super) fn new(journal: Option<File>) -> Self {
        Self {
            lanes: HashMap::new(),
            journal: journal.map(BufWriter::new),
        }
    }

    /// Counts a request and says how to answer it.
    pub(super) fn take(&mut self, request: &Request<'_>, body: &[u8]) -> Result<Reply> {
        let now = now_micros();
        // Looking twice spares making the key for each request.
        let reply = match self.lanes.get_mut(request.path) {
            Some(lane) => lane.take(request, body, now),
            None => self.lane(request.path).take(request, body, now),
        };
        if let Some(journal) = self.journal.as_mut().filter(|_| reply == Reply::Ok) {
            let number = payload::number_after(body, br#""n":"#).unwrap_or(u64::MAX);
            let sequence = payload::number_after(body, br#""sequence":"#).unwrap_or(0);
            let Request { path, id, .. } = request;
            writeln!(journal, "{id}\t{path}\t{number}\t{sequence}").context("write the journal")?;
        }
        Ok(reply)
    }

    /// Does what a line of stdin asks for.
    pub(super) fn obey(&mut self, line: &str) -> Result<Value> {
        match Command::parse(line)? {
            Command::Report => {
                self.flush()?;
                return self.report();
            }
            Command::Reset => self.lanes.values_mut().for_each(Lane::reset),
            Command::Answer(path, behaviour) => self.lane(path).behaviour = behaviour,
            Command::Secret(path, secret) => self.lane(path).set_secret(secret)?,
        }
        Ok(json!({"done": line.split_whitespace().next()}))
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        journal.flush().context("write the journal")
    }

    fn lane(&mut self, path: &str) -> &mut Lane {
        self.lanes.entry(path.to_owned()).or_default()
    }

    fn report(&self) -> Result<Value> {
        let paths: BTreeMap<_, _> = self
            .lanes
            .iter()
            .map(|(path, lane)| (path, lane.report()))
            .collect();
        Ok(json!({"paths": paths, "cpu_ns": cpu::own_nanos()?}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> Request<'_> {
        Request {
            path,
            id: "evt_1",
            timestamp: "1",
            signature: "",
            body: 0..0,
        }
    }

    #[test]
    fn paths_are_counted_apart_and_obey_commands() {
        let mut board = Board::new(None);
        board.obey("answer /b fail").unwrap();
        assert_eq!(board.take(&request("/a"), b"{}").unwrap(), Reply::Ok);
        assert_eq!(board.take(&request("/b"), b"{}").unwrap(), Reply::Fail);
        assert_eq!(board.take(&request("/b"), b"{}").unwrap(), Reply::Fail);
        let report = board.obey("report").unwrap();
        assert_eq!(report["paths"]["/a"]["answered_ok"], 1);
        assert_eq!(report["paths"]["/b"]["requests"], 2);
        assert_eq!(report["paths"]["/b"]["answered_ok"], 0);
        board.obey("reset").unwrap();
        let report = board.obey("report").unwrap();
        assert_eq!(report["paths"]["/b"]["requests"], 0);
        assert_eq!(board.take(&request("/b"), b"{}").unwrap(), Reply::Fail);
    }
}
