//! Where a request comes from: the peer, or whom a trusted proxy names in `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Tells the addresses of clients.
pub(super) struct Clients {
    proxies: Vec<IpNet>,
}

impl Clients {
    /// `proxies` are the networks of those whose word is taken.
    pub(super) fn behind(proxies: Vec<IpNet>) -> Self {
        Self { proxies }
    }

    /// The address that is furthest away and still vouched for: each proxy appends whom it was
    /// asked by, so the list is read from its end for as long as proxies are trusted. What stands
    /// before that, anybody could have written.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if self.proxies.is_empty() {
            return peer;
        }
        let mut client = peer;
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let named = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for name in named {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = address(name.trim()) else {
                break;
            };
            client = address;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.contains(&address))
    }
}

/// An address, also as some proxies write it: with a port, or in brackets.
fn address(name: &str) -> Option<IpAddr> {
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(name).parse::<IpAddr>();
    let with_port = || name.parse::<SocketAddr>().map(|socket| socket.ip());
    let address = address.or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &[&str], peer: &str, lines: &[&str]) -> String {
        let networks = proxies.iter().map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let clients = Clients::behind(networks.collect());
        clients.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_nobody_is_believed() {
        let forged = ["203.0.113.9"];
        assert_eq!(client(&[], "10.0.0.7", &forged), "10.0.0.7");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &forged), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_is_no_trusted_proxy_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        for (lines, expected) in [
            (&[][..], "10.0.0.7"),
            (&["203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (&["203.0.113.9, 10.0.0.8"], "203.0.113.9"),
            (&["198.51.100.1", "203.0.113.9,fd00::1"], "203.0.113.9"),
            (&["10.0.0.9"], "10.0.0.9"),
            (&["203.0.113.9:4711"], "203.0.113.9"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["203.0.113.9, unknown, 10.0.0.8"], "10.0.0.8"),
        ] {
            assert_eq!(client(&trusted, "10.0.0.7", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn an_ipv4_address_has_one_spelling() {
        let (peer, line) = ("::ffff:10.0.0.7", ["::ffff:203.0.113.9"]);
        assert_eq!(client(&[], peer, &line), "10.0.0.7");
        assert_eq!(client(&["10.0.0.0/8"], peer, &line), "203.0.113.9");
    }
}
