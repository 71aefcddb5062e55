//! Just enough of HTTP/1.1: where a message ends, and a few of its headers.

use std::ops::Range;

use anyhow::{Context as _, Result, bail};

/// More headers than our own programs send.
const MOST_HEADERS: usize = 48;

/// A whole request at the beginning of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) id: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) body: Range<usize>,
}

/// A whole response at the beginning of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Range<usize>,
    /// Whether the connection cannot be used again.
    pub(crate) closes: bool,
}

/// Reads a request, or nothing while it is not whole.
pub(crate) fn request(buffer: &[u8]) -> Result<Option<Request<'_>>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(buffer).context("read a request")? else {
        return Ok(None);
    };
    let path = request.path.unwrap_or_default();
    let (mut length, mut id, mut timestamp, mut signature) = (0, "", "", "");
    for header in &*request.headers {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        match header.name.len() {
            10 if header.name.eq_ignore_ascii_case("webhook-id") => id = value,
            14 if header.name.eq_ignore_ascii_case("content-length") => length = value.parse()?,
            17 if header.name.eq_ignore_ascii_case("webhook-timestamp") => timestamp = value,
            17 if header.name.eq_ignore_ascii_case("webhook-signature") => signature = value,
            17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                bail!("requests in chunks are not expected")
            }
            _ => {}
        }
    }
    let body = head..head + length;
    Ok((buffer.len() >= body.end).then_some(Request {
        path,
        id,
        timestamp,
        signature,
        body,
    }))
}

/// Reads a response, or nothing while it is not whole.
pub(crate) fn response(buffer: &[u8]) -> Result<Option<Response>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(buffer).context("read a response")?;
    let httparse::Status::Complete(head) = parsed else {
        return Ok(None);
    };
    let status = response.code.unwrap_or_default();
    let (mut length, mut closes) = (None, false);
    for header in &*response.headers {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        if header.name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<usize>()?);
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let length = match (length, status) {
        (Some(length), _) => length,
        (None, 204 | 304) => 0,
        (None, _) => bail!("a response without a content-length is not expected"),
    };
    let body = head..head + length;
    Ok((buffer.len() >= body.end).then_some(Response {
        status,
        body,
        closes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST /ok HTTP/1.1\r\nhost: a\r\nContent-Length: 2\r\n\
        webhook-id: evt_1\r\nwebhook-signature: v1,x\r\n\r\n{}GET";

    #[test]
    fn a_request_is_read_when_it_is_whole() {
        let request = request(REQUEST).unwrap().unwrap();
        assert_eq!((request.path, request.id), ("/ok", "evt_1"));
        assert_eq!(request.signature, "v1,x");
        assert_eq!(&REQUEST[request.body], b"{}");
    }

    #[test]
    fn nothing_is_read_before_the_last_byte_is_there() {
        for end in 0..REQUEST.len() - 4 {
            assert_eq!(request(&REQUEST[..end]).unwrap(), None, "{end}");
        }
    }

    #[test]
    fn a_response_is_read_when_it_is_whole() {
        let text = b"HTTP/1.1 202 Accepted\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc";
        let whole = response(text).unwrap().unwrap();
        assert_eq!((whole.status, whole.closes), (202, true));
        assert_eq!(&text[whole.body], b"abc");
        assert_eq!(response(&text[..text.len() - 1]).unwrap(), None);
        let empty = response(b"HTTP/1.1 204 No Content\r\n\r\n")
            .unwrap()
            .unwrap();
        assert_eq!(empty.body.len(), 0);
    }

    #[test]
    fn what_is_not_http_is_an_error() {
        assert!(request(b"\x16\x03\x01").is_err());
        assert!(response(b"no http\r\n\r\n").is_err());
    }
}
