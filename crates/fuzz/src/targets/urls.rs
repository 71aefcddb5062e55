//! URLs of endpoints: whatever the spelling, no forbidden address gets through.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;

use carehook_deliver::{DeliverConfig, Deliverer, Url};

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "urls",
    run,
    words: &[
        "https://",
        "http://",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "@",
        "%00",
        ":443",
        "#",
        "?",
        "169.254.169.254",
        ".",
        "\u{ff11}",
        "%2e",
    ],
};

fn run(bytes: &[u8]) {
    static DELIVERER: OnceLock<Deliverer> = OnceLock::new();
    let deliverer = DELIVERER.get_or_init(|| Deliverer::new(DeliverConfig::default()).unwrap());
    let text = String::from_utf8_lossy(bytes);
    if deliverer.parse_target(&text).is_err() {
        return;
    }
    // What was taken is judged again by another parser and a list of its own.
    let url = Url::parse(text.trim()).unwrap();
    assert_eq!(url.scheme(), "https", "{text}");
    let host = url.host_str().unwrap();
    assert!(host.contains('.') || host.contains(':'), "{text}");
    let bare = host.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse::<IpAddr>() {
        assert!(!is_local(address), "{text}");
    }
}

fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let carrier_grade =
                (v4.to_bits() >> 22) == (Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22);
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || carrier_grade
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}
