//! Where a request comes from, and how: the peer, or what a trusted proxy says in
//! `X-Forwarded-For` and `X-Forwarded-Proto`.

use std::net::{IpAddr, SocketAddr};

use carehook_console::ForwardedScheme;
use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

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

    /// How the proxy next to us was asked, if it is trusted and says so. With several between, the
    /// first one speaks for the browser, and what comes first in the list is its word.
    pub(super) fn scheme(&self, peer: IpAddr, headers: &HeaderMap) -> Option<ForwardedScheme> {
        if !self.trusts(peer.to_canonical()) {
            return None;
        }
        let said = headers.get(FORWARDED_PROTO)?.to_str().ok()?;
        let first = said.split(',').next().unwrap_or_default().trim();
        if first.eq_ignore_ascii_case("https") {
            Some(ForwardedScheme::Https)
        } else if first.eq_ignore_ascii_case("http") {
            Some(ForwardedScheme::Http)
        } else {
            None
        }
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
    fn only_a_trusted_proxy_says_how_it_was_asked() {
        let scheme = |proxies: &[&str], said: &str| {
            let networks = proxies.iter().map(|network| network.parse().unwrap());
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_PROTO, said.parse().unwrap());
            let clients = Clients::behind(networks.collect());
            clients.scheme("10.0.0.7".parse().unwrap(), &headers)
        };
        let trusted = ["10.0.0.0/8"];
        assert_eq!(scheme(&trusted, "https"), Some(ForwardedScheme::Https));
        assert_eq!(scheme(&trusted, "HTTP, https"), Some(ForwardedScheme::Http));
        assert_eq!(scheme(&trusted, "ws"), None);
        assert_eq!(scheme(&["192.0.2.0/24"], "https"), None);
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
