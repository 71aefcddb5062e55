//! Plain words for what went wrong on the way to a receiver.
//!
//! Every text is fixed but for the day on which a certificate expired: nothing else that a receiver
//! sends, and nothing of a URL, gets into them.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use rustix::io::Errno;
use rustls::CertificateError as Certificate;
use rustls::Error as Tls;
use rustls::pki_types::UnixTime;

use crate::error::{DeliverError, Failure};

pub(crate) const NO_ADDRESS: &str = "the host name does not resolve to an address";
pub(crate) const HEAD_TOO_LARGE: &str = "the head of the answer is too large";
pub(crate) const CLOSED: &str = "the receiver closed the connection before it answered";
const EXPIRED: &str = "the receiver's certificate has expired";
const RESET: &str = "the receiver reset the connection";
const BROKEN: &str = "the connection broke before the answer";

/// Judges a failed connect: a shortage on this machine is our fault, the rest the receiver's.
pub(crate) fn connect(error: io::Error, address: SocketAddr) -> Failure {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(
            Errno::MFILE
            | Errno::NFILE
            | Errno::NOBUFS
            | Errno::NOMEM
            | Errno::ADDRNOTAVAIL
            | Errno::NETDOWN
            | Errno::PERM,
        ) => Failure::Ours(DeliverError::Connection(error)),
        // Many machines have no IPv6 route; one without an IPv4 route is cut off.
        Some(Errno::NETUNREACH) if address.is_ipv4() => {
            Failure::Ours(DeliverError::Connection(error))
        }
        Some(Errno::TIMEDOUT) => Failure::TimedOut,
        Some(Errno::CONNREFUSED) => {
            Failure::Unreachable("the receiver refused the connection".into())
        }
        Some(Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::ACCESS) => {
            Failure::Unreachable("there is no route to the receiver".into())
        }
        Some(Errno::CONNRESET) => Failure::Unreachable(RESET.into()),
        _ => Failure::Unreachable("the connection could not be opened".into()),
    }
}

/// Explains a failed TLS handshake.
pub(crate) fn handshake(error: &io::Error) -> Cow<'static, str> {
    match (tls_cause(error), error.kind()) {
        (Some(cause), _) => tls(cause),
        (None, ErrorKind::UnexpectedEof) => {
            "the receiver closed the connection during the TLS handshake".into()
        }
        (None, ErrorKind::ConnectionReset) => RESET.into(),
        (None, _) => "the TLS handshake failed".into(),
    }
}

/// Explains why no answer came on an open connection.
pub(crate) fn exchange(error: &hyper::Error) -> Cow<'static, str> {
    if error.is_parse_too_large() {
        return HEAD_TOO_LARGE.into();
    }
    if error.is_parse() {
        return "the answer is not valid HTTP".into();
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return CLOSED.into();
    }
    io_cause(error).map_or(BROKEN.into(), io)
}

fn io(error: &io::Error) -> Cow<'static, str> {
    let text = match (tls_cause(error), error.kind()) {
        (Some(cause), _) => return tls(cause),
        (None, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => RESET,
        (None, ErrorKind::UnexpectedEof) => CLOSED,
        // HTTP/2 passes on no more than this of a TLS error.
        (None, ErrorKind::InvalidData) => "the receiver broke off the TLS connection",
        (None, _) => BROKEN,
    };
    text.into()
}

fn tls(error: &Tls) -> Cow<'static, str> {
    let text = match error {
        Tls::InvalidCertificate(Certificate::ExpiredContext { not_after, .. }) => {
            return expired(*not_after);
        }
        Tls::InvalidCertificate(error) => certificate(error),
        Tls::NoCertificatesPresented => "the receiver presented no certificate",
        Tls::AlertReceived(_) => "the receiver refused the TLS handshake",
        Tls::PeerIncompatible(_) => "the receiver offers no TLS version or cipher that we accept",
        Tls::InvalidMessage(_) => "the receiver does not speak TLS on this port",
        _ => "the TLS handshake failed",
    };
    text.into()
}

/// Says the day, which is what its owner looks for first.
fn expired(not_after: UnixTime) -> Cow<'static, str> {
    let ended = UNIX_EPOCH + Duration::from_secs(not_after.as_secs());
    // Such a date is "Sun, 03 May 2026 10:00:00 GMT", and this one is in the past.
    let date = httpdate::fmt_http_date(ended);
    let day = date.get(5..16).unwrap_or_default();
    format!("{EXPIRED}: it was valid until {day}").into()
}

fn certificate(error: &Certificate) -> &'static str {
    match error {
        Certificate::Expired | Certificate::ExpiredContext { .. } => EXPIRED,
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            "the receiver's certificate is not valid yet"
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "the receiver's certificate is for another host name"
        }
        // A bad signature comes from an unknown authority that bears a known one's name.
        Certificate::UnknownIssuer | Certificate::BadSignature => {
            "the receiver's certificate is not signed by a trusted authority, or its chain is incomplete"
        }
        Certificate::Revoked => "the receiver's certificate is revoked",
        _ => "the receiver's certificate is not valid",
    }
}

fn tls_cause(error: &io::Error) -> Option<&Tls> {
    error.get_ref()?.downcast_ref()
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ours(errno: Errno, address: &str) -> bool {
        let error = io::Error::from_raw_os_error(errno.raw_os_error());
        matches!(connect(error, address.parse().unwrap()), Failure::Ours(_))
    }

    #[test]
    fn shortages_on_this_machine_are_ours() {
        for errno in [
            Errno::MFILE,
            Errno::NFILE,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::ADDRNOTAVAIL,
        ] {
            assert!(is_ours(errno, "1.1.1.1:443"), "{errno}");
        }
        assert!(
            is_ours(Errno::NETUNREACH, "1.1.1.1:443"),
            "this machine is cut off"
        );
    }

    #[test]
    fn what_the_receiver_or_its_network_does_is_not_ours() {
        for errno in [
            Errno::CONNREFUSED,
            Errno::CONNRESET,
            Errno::HOSTUNREACH,
            Errno::TIMEDOUT,
        ] {
            assert!(!is_ours(errno, "1.1.1.1:443"), "{errno}");
        }
        assert!(
            !is_ours(Errno::NETUNREACH, "[2606:4700::1]:443"),
            "not everybody has IPv6"
        );
    }
}
