//! The address policy: which addresses, names, schemes and ports deliveries may reach.
//!
//! An operator's `allow_targets` opens networks; nothing else overrules a refusal.
//! Names are judged by their text here and by all of their addresses when they are resolved.

mod addresses;
mod interfaces;
mod names;
mod ports;

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::config::{DeliverConfig, PlainHttp};
use crate::error::{DeliverError, TargetError};
use crate::target::{Host, Scheme};
use interfaces::Interfaces;

/// The one text for a refused address, when a target is made and in an attempt.
pub const ADDRESS_REFUSED: &str = "the target's address is not allowed";

/// Vets schemes, names, ports and addresses.
pub(crate) struct Policy {
    allowed: Vec<IpNet>,
    plain_http: PlainHttp,
    nat64: addresses::Nat64,
    public_host: Option<String>,
    interfaces: Interfaces,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Refused,
}

impl Policy {
    pub(crate) fn new(config: &DeliverConfig) -> Self {
        let nat64 = if config.allow_nat64 {
            addresses::Nat64::ByIpv4
        } else {
            addresses::Nat64::Refused
        };
        Self {
            allowed: config.allow_targets.clone(),
            plain_http: config.plain_http,
            nat64,
            public_host: config.public_host.as_deref().map(bare_host),
            interfaces: Interfaces::default(),
        }
    }

    /// Judges what can be judged without a name server.
    pub(crate) fn check_origin(
        &self,
        scheme: Scheme,
        host: &Host,
        port: u16,
    ) -> Result<(), TargetError> {
        if scheme == Scheme::Http && !self.takes_plain_http() {
            return refuse("only https targets are allowed");
        }
        if ports::is_bad(port) {
            return refuse("the port belongs to another protocol");
        }
        match host {
            Host::Address(address) => self.check_literal(*address),
            // What stands for this machine's loopback is as allowed as the loopback itself.
            Host::Name(name) if &**name == "localhost" && self.allows(LOOPBACK) => Ok(()),
            Host::Name(name) => self.check_name(name),
        }
    }

    pub(crate) fn takes_plain_http(&self) -> bool {
        self.plain_http != PlainHttp::Refused
    }

    /// Whether data of patients may go to a target.
    pub(crate) fn may_carry_data(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Https || self.plain_http == PlainHttp::Everything
    }

    /// Judges one address, whether it came from a URL, a name server or a connected socket.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<Verdict, DeliverError> {
        if self.allows(address) {
            return Ok(Verdict::Allowed);
        }
        if addresses::is_special(address, self.nat64) || self.interfaces.contains(address)? {
            return Ok(Verdict::Refused);
        }
        Ok(Verdict::Allowed)
    }

    fn check_literal(&self, address: IpAddr) -> Result<(), TargetError> {
        let ours = self
            .public_host
            .as_ref()
            .is_some_and(|host| *host == address.to_string());
        if ours && !self.allows(address) {
            return refuse(ADDRESS_REFUSED);
        }
        match self.check_address(address).map_err(TargetError::Fault)? {
            Verdict::Allowed => Ok(()),
            Verdict::Refused => refuse(ADDRESS_REFUSED),
        }
    }

    fn check_name(&self, name: &str) -> Result<(), TargetError> {
        if let Some(reason) = names::refusal(name) {
            return refuse(reason);
        }
        if self.public_host.as_deref() == Some(name) {
            return refuse("the target is this service itself");
        }
        Ok(())
    }

    fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|net| net.contains(&address))
    }
}

/// What `localhost` means when the operator allows it.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn refuse(reason: &'static str) -> Result<(), TargetError> {
    Err(TargetError::Refused { reason })
}

fn bare_host(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.')
        .to_ascii_lowercase()
}
