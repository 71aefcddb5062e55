//! Requests to the native API of a server.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::de::DeserializeOwned;

use crate::connection::Connection;

/// Which server, and which organizations of it.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// Where the server listens
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) server: SocketAddr,
    /// The operator's key
    #[arg(long, env = "CAREHOOK_OPERATOR_KEY", hide_env_values = true)]
    pub(crate) key: String,
    /// The first part of the organizations' ids
    #[arg(long, value_name = "NAME", default_value = "load")]
    pub(crate) prefix: String,
    /// How many organizations there are
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) organizations: u64,
}

impl Target {
    /// The id of an organization; numbers beyond the last begin again.
    pub(crate) fn organization(&self, number: u64) -> String {
        format!("{}-{}", self.prefix, number % self.organizations.max(1))
    }

    /// A whole request.
    pub(crate) fn request(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        self.request_with(method, path, "", body)
    }

    /// A whole request with further header lines, each with its line end.
    pub(crate) fn request_with(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Vec<u8> {
        let mut request = Vec::with_capacity(body.len() + 320);
        write!(
            request,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n",
            self.server,
            self.key,
            body.len()
        )
        .expect("writing to a Vec cannot fail");
        request.extend_from_slice(body);
        request
    }

    /// Sends a request whose answer is JSON; any status but 2xx is an error.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        connection: &mut Connection,
        (method, path, body): (&str, &str, &[u8]),
    ) -> Result<T> {
        let request = self.request(method, path, body);
        let answer = connection.send(&request).await;
        let answer = answer.with_context(|| format!("{method} {path}"))?;
        if !(200..300).contains(&answer.status) {
            let text = String::from_utf8_lossy(&answer.body);
            bail!(
                "{method} {path} was answered with {}: {text}",
                answer.status
            );
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("read the answer to {path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    #[test]
    fn a_request_can_be_read_by_a_receiver() {
        let target = Target {
            server: "127.0.0.1:8080".parse().unwrap(),
            key: "op_x".to_owned(),
            prefix: "load".to_owned(),
            organizations: 3,
        };
        let text = target.request_with("POST", "/v1/x", "a: b\r\n", b"{}");
        let request = wire::request(&text).unwrap().unwrap();
        assert_eq!(request.path, "/v1/x");
        assert_eq!(&text[request.body], b"{}");
        assert_eq!(target.organization(4), "load-1");
    }
}
