//! The requests that publish events.

use std::io::Write as _;

use super::Arguments;
use super::plan::Slice;
use crate::payload;
use crate::set_up::account_id;

/// The whole request for a slice of events, created at `at`.
pub(super) fn request(arguments: &Arguments, slice: Slice, at: u64) -> Vec<u8> {
    let body = body(arguments, slice, at);
    let organization = arguments
        .target
        .organization(organization_of(arguments, slice));
    let route = if arguments.batch == 1 { "" } else { "/batch" };
    let path = format!("/v1/organizations/{organization}/events{route}");
    let key = if arguments.retry {
        format!("idempotency-key: load-{}\r\n", slice.first)
    } else {
        String::new()
    };
    arguments.target.request_with("POST", &path, &key, &body)
}

/// Requests go round the organizations.
fn organization_of(arguments: &Arguments, slice: Slice) -> u64 {
    slice.first / arguments.batch.max(1)
}

fn body(arguments: &Arguments, slice: Slice, at: u64) -> Vec<u8> {
    let numbers = slice.first..slice.first + slice.count;
    let room = (arguments.size + 80) * usize::try_from(slice.count).unwrap_or(0);
    let mut body = Vec::with_capacity(room + 20);
    if arguments.batch == 1 {
        event(&mut body, arguments, slice.first, at);
        return body;
    }
    body.extend_from_slice(br#"{"events":["#);
    for number in numbers {
        event(&mut body, arguments, number, at);
        body.push(b',');
    }
    body.pop();
    body.extend_from_slice(b"]}");
    body
}

fn event(body: &mut Vec<u8>, arguments: &Arguments, number: u64, at: u64) {
    body.extend_from_slice(br#"{"type":"appointment.created","#);
    if arguments.accounts > 0 {
        // Accounts change when every organization had its turn, so that all pairs come up.
        let round = match arguments.batch {
            1 => number / arguments.target.organizations.max(1),
            _ => number,
        };
        let account = account_id(round % arguments.accounts);
        write!(body, r#""account":"{account}","#).expect("writing to a Vec cannot fail");
    }
    body.extend_from_slice(br#""data":"#);
    payload::append(body, number, at, arguments.size);
    body.push(b'}');
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::Value;

    use super::*;
    use crate::wire;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(flags: &str, slice: (u64, u64)) -> (String, Value) {
        let flags = format!("load --server 127.0.0.1:1 --key k {flags}");
        let arguments = Cli::parse_from(flags.split(' ')).arguments;
        let (first, count) = slice;
        let due = None;
        let text = request(&arguments, Slice { first, count, due }, 77);
        let request = wire::request(&text).unwrap().unwrap();
        let body = serde_json::from_slice(&text[request.body.clone()]).unwrap();
        (request.path.to_owned(), body)
    }

    #[test]
    fn a_single_event_has_its_number_and_its_time() {
        let (path, body) = parsed("--organizations 3 --accounts 2 --retry", (5, 1));
        assert_eq!(path, "/v1/organizations/load-2/events");
        assert_eq!(body["data"]["n"], 5);
        assert_eq!(body["data"]["at"], 77);
        assert_eq!(body["account"], "a-1");
    }

    #[test]
    fn a_batch_has_all_events_of_its_slice() {
        let (path, body) = parsed("--organizations 3 --batch 4", (8, 3));
        assert_eq!(path, "/v1/organizations/load-2/events/batch");
        let events = body["events"].as_array().unwrap();
        let numbers: Vec<_> = events.iter().map(|event| &event["data"]["n"]).collect();
        assert_eq!(numbers, [8, 9, 10]);
        assert!(events[0].get("account").is_none());
    }

    #[test]
    fn single_events_reach_every_account_of_every_organization() {
        let mut pairs = std::collections::BTreeSet::new();
        for number in 0..12 {
            let (path, body) = parsed("--organizations 4 --accounts 3", (number, 1));
            pairs.insert((path, body["account"].to_string()));
        }
        assert_eq!(pairs.len(), 12);
    }
}
