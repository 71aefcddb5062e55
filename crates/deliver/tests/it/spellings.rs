//! Forbidden addresses stay forbidden in every spelling.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use carehook_deliver::{DeliverConfig, Deliverer, TargetError};
use proptest::prelude::*;

const FORBIDDEN_V4: [&str; 19] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "168.63.129.16/32",
];

const FORBIDDEN_V6: [&str; 14] = [
    "::",
    "::1",
    "64:ff9b::1.1.1.1",
    "64:ff9b:1::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "2620:4f:8000::1",
];

fn parse(deliverer: &Deliverer, host: &str) -> Result<(), TargetError> {
    deliverer
        .parse_target(&format!("https://{host}/"))
        .map(|_| ())
}

fn is_refused(deliverer: &Deliverer, host: &str) -> bool {
    matches!(parse(deliverer, host), Err(TargetError::Refused { .. }))
}

/// Any address of any forbidden network.
fn forbidden_v4() -> impl Strategy<Value = Ipv4Addr> {
    (prop::sample::select(&FORBIDDEN_V4[..]), any::<u32>()).prop_map(|(net, bits)| {
        let net: ipnet::Ipv4Net = net.parse().unwrap();
        Ipv4Addr::from(u32::from(net.network()) | (bits & u32::from(net.hostmask())))
    })
}

/// One number in one of the bases that old C libraries read.
fn number(value: u32, base: u8) -> String {
    match base {
        0 => value.to_string(),
        1 => format!("0x{value:x}"),
        2 => format!("0X{value:08X}"),
        3 => format!("0{value:o}"),
        _ => format!("00{value:o}"),
    }
}

/// The address as one to four numbers, each in its own base.
fn numbers(address: Ipv4Addr, parts: u32, bases: [u8; 4]) -> String {
    let [a, b, c, d] = address.octets().map(u32::from);
    let values = match parts {
        1 => vec![u32::from(address)],
        2 => vec![a, u32::from(address) & 0x00ff_ffff],
        3 => vec![a, b, u32::from(address) & 0xffff],
        _ => vec![a, b, c, d],
    };
    let spelled: Vec<String> = values
        .into_iter()
        .zip(bases)
        .map(|(value, base)| number(value, base))
        .collect();
    spelled.join(".")
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '.' => '。',
            c => char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap(),
        })
        .collect()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02x}").unwrap();
        encoded
    })
}

/// The IPv6 addresses that carry an IPv4 address.
fn carriers(address: Ipv4Addr) -> [Ipv6Addr; 8] {
    let bits = u128::from(u32::from(address));
    let at = |prefix: &str, shift: u32| {
        Ipv6Addr::from(u128::from(prefix.parse::<Ipv6Addr>().unwrap()) | (bits << shift))
    };
    [
        at("::ffff:0:0", 0),
        at("::", 0),
        at("::ffff:0:0:0", 0),
        at("64:ff9b::", 0),
        at("2002::", 80),
        at("2001:0:4136:e378:8000:63bf::", 0),
        at("2a00:1450:4001:82f:0:5efe::", 0),
        at("2a00:1450:4001:82f:200:5efe::", 0),
    ]
}

#[tokio::test]
async fn the_ends_of_each_forbidden_network_are_refused_and_their_neighbours_are_not() {
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    let nets: Vec<ipnet::Ipv4Net> = FORBIDDEN_V4
        .iter()
        .map(|net| net.parse().unwrap())
        .collect();
    for net in &nets {
        assert!(is_refused(&deliverer, &net.network().to_string()), "{net}");
        assert!(
            is_refused(&deliverer, &net.broadcast().to_string()),
            "{net}"
        );
        let below = u32::from(net.network()).checked_sub(1).map(Ipv4Addr::from);
        let above = u32::from(net.broadcast())
            .checked_add(1)
            .map(Ipv4Addr::from);
        for neighbour in below.into_iter().chain(above) {
            if !nets.iter().any(|net| net.contains(&neighbour)) {
                assert!(
                    parse(&deliverer, &neighbour.to_string()).is_ok(),
                    "{neighbour}"
                );
            }
        }
    }
}

#[tokio::test]
async fn ipv6_beyond_the_global_space_is_refused() {
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    for address in FORBIDDEN_V6 {
        assert!(is_refused(&deliverer, &format!("[{address}]")), "{address}");
    }
    for address in [
        "2606:4700::1111",
        "2a00:1450:4001:82f::200e",
        "2620:4f:8001::1",
        "2001:200::1",
    ] {
        assert!(
            parse(&deliverer, &format!("[{address}]")).is_ok(),
            "{address}"
        );
    }
}

#[tokio::test]
async fn the_spellings_named_in_the_policy_are_refused() {
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    for host in [
        "0x7f.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "017700000001",
    ] {
        assert!(is_refused(&deliverer, host), "{host}");
    }
}

#[tokio::test]
async fn the_addresses_of_our_interfaces_are_refused() {
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    for interface in if_addrs::get_if_addrs().unwrap() {
        let host = match interface.ip() {
            std::net::IpAddr::V4(address) => address.to_string(),
            std::net::IpAddr::V6(address) => format!("[{address}]"),
        };
        assert!(is_refused(&deliverer, &host), "{host}");
    }
}

#[tokio::test]
async fn allowed_networks_are_opened_and_nothing_else() {
    let deliverer = Deliverer::new(DeliverConfig {
        allow_targets: vec![
            "10.1.0.0/16".parse().unwrap(),
            "fd00:1::/32".parse().unwrap(),
        ],
        ..DeliverConfig::default()
    })
    .unwrap();
    assert!(parse(&deliverer, "10.1.2.3").is_ok());
    assert!(parse(&deliverer, "0xa010203").is_ok());
    assert!(parse(&deliverer, "[fd00:1::1]").is_ok());
    for host in ["10.2.0.1", "127.0.0.1", "[fd00:2::1]", "[::ffff:10.1.2.3]"] {
        assert!(is_refused(&deliverer, host), "{host}");
    }
}

proptest! {
    #[test]
    fn no_spelling_of_a_forbidden_ipv4_address_is_accepted(
        address in forbidden_v4(),
        parts in 1_u32..=4,
        bases in any::<[u8; 4]>().prop_map(|bases| bases.map(|base| base % 5)),
    ) {
        let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
        let plain = numbers(address, parts, bases);
        for host in [
            plain.clone(),
            format!("{plain}."),
            full_width(&plain),
            percent_encoded(&plain),
            format!("user:password@{plain}"),
            format!("{plain}:8443"),
        ] {
            prop_assert!(is_refused(&deliverer, &host), "{host} is {address}");
        }
    }

    #[test]
    fn no_ipv6_address_that_carries_a_forbidden_ipv4_address_is_accepted(address in forbidden_v4()) {
        let strict = Deliverer::new(DeliverConfig::default()).unwrap();
        let nat64 =
            Deliverer::new(DeliverConfig { allow_nat64: true, ..DeliverConfig::default() }).unwrap();
        for carrier in carriers(address) {
            prop_assert!(is_refused(&strict, &format!("[{carrier}]")), "{carrier}");
            prop_assert!(is_refused(&nat64, &format!("[{carrier}]")), "{carrier}");
        }
    }
}

#[tokio::test]
async fn nat64_is_judged_by_its_ipv4_address_when_the_operator_wants_it() {
    let deliverer = Deliverer::new(DeliverConfig {
        allow_nat64: true,
        ..DeliverConfig::default()
    })
    .unwrap();
    assert!(parse(&deliverer, "[64:ff9b::1.1.1.1]").is_ok());
    assert!(is_refused(&deliverer, "[64:ff9b::10.0.0.1]"));
    assert!(is_refused(&deliverer, "[64:ff9b:1::1.1.1.1]"));
}
