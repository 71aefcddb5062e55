//! The networks that are never a receiver on the internet.
//!
//! Sources: the IANA special-purpose address registries for IPv4 and IPv6, and the metadata
//! address of a large cloud (`168.63.129.16`) that lies in public space.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

pub(super) const REFUSED_V4: [Ipv4Net; 19] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    v4(168, 63, 129, 16, 32),
];

/// The only IPv6 space that is given to networks on the internet.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Refused although inside [`GLOBAL_V6`]: Teredo and protocol assignments, documentation, 6to4,
/// documentation again, and the AS112 sink.
pub(super) const REFUSED_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0x0db8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x3fff, 0, 0, 20),
    v6(0x2620, 0x004f, 0x8000, 48),
];

const NAT64: Ipv6Net = v6(0x0064, 0xff9b, 0, 96);

/// What to do with addresses that a NAT64 gateway would turn into IPv4.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nat64 {
    Refused,
    ByIpv4,
}

/// Whether the address is anything but an ordinary one on the internet.
pub(super) fn is_special(address: IpAddr, nat64: Nat64) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) if nat64 == Nat64::ByIpv4 && NAT64.contains(&address) => {
            is_special_v4(low_bits(address))
        }
        IpAddr::V6(address) => is_special_v6(address),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    REFUSED_V4.iter().any(|net| net.contains(&address))
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    !GLOBAL_V6.contains(&address)
        || REFUSED_V6.iter().any(|net| net.contains(&address))
        || is_isatap(address)
}

/// ISATAP hides an IPv4 address behind the interface id `[02]00:5efe` (RFC 5214, 6.1).
fn is_isatap(address: Ipv6Addr) -> bool {
    let [_, _, _, _, flags, marker, _, _] = address.segments();
    // The universal and group bits may be either.
    flags & !0x0300 == 0 && marker == 0x5efe
}

fn low_bits(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}
