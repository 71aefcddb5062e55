//! Mail addresses, as far as Carehook has to know them: one `@`, nothing that could break a header.

use std::fmt;
use std::str::FromStr;

/// What is wrong with a mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a mail address such as it@clinic.example")]
pub struct MailAddressError;

/// A mail address in its everyday form (RFC 5321, 4.1.2, without quoted local parts).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress(Box<str>);

impl MailAddress {
    /// The most bytes of an address (RFC 5321, 4.5.3.1.3, without the brackets).
    pub const MAX_LEN: usize = 254;
    /// The most bytes before the `@` (RFC 5321, 4.5.3.1.1).
    const MAX_LOCAL: usize = 64;

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let (local, domain) = text.split_once('@').ok_or(MailAddressError)?;
        let local_byte = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&b);
        let well_formed = text.len() <= Self::MAX_LEN
            && (1..=Self::MAX_LOCAL).contains(&local.len())
            && local
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(local_byte))
            && domain.split('.').all(is_label);
        if well_formed {
            Ok(Self(text.into()))
        } else {
            Err(MailAddressError)
        }
    }
}

/// A label of a host name (RFC 1123, 2.1).
fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_break_a_header_or_is_no_address_is_refused() {
        for good in ["it@clinic.example", "a.b+c@x-y.example", "root@mailhost"] {
            assert_eq!(good.parse::<MailAddress>().unwrap().as_str(), good);
        }
        let long = format!("{}@clinic.example", "a".repeat(65));
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "a@b c",
            "a@b@c",
            "a@b\r\nBcc: x@y.z",
            "a\n@b",
            "<a@b.c>",
            "a,b@c.d",
            "ä@b.c",
            "a..b@c.d",
            ".a@b.c",
            "a@-b.c",
            "a@b..c",
            "plain",
            &long,
        ] {
            assert!(bad.parse::<MailAddress>().is_err(), "{bad:?}");
        }
    }
}
