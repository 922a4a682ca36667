//! Who asks, where a proxy asks for somebody else: which proxies are believed, and what they say (Forwarded, RFC 7239;
//! X-Forwarded-For). Knows addresses and the text of fields. Must not know sockets, nor what the answer is used for.
//!
//! Everybody can send these fields, so they are believed as far as it is known who wrote them. Each proxy adds the
//! address that it was asked from at the end. Read from there, every element was written by the one that the element
//! before it names, the first by who is connected to us; so the first address that is not of a trusted proxy is the
//! client, and what stands further left is what that one says.
//!
//! A proxy sets one of the two fields, and hands on the other as the client made it up; which one it sets cannot be
//! seen. So where both are there they must name the same client, or neither is believed.

mod hops;
mod network;

use std::net::IpAddr;

use crate::error::Error;
use hops::Hop;
use network::Network;

/// Who is believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<Network>);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Never an IPv4 address in the form of IPv6.
    pub(crate) address: IpAddr,
    /// Whether it speaks HTTPS, with a proxy.
    pub(crate) is_secure: bool,
    /// Whether it may be a proxy that stands for many: it asks from this very machine, and says no more.
    pub(crate) may_be_many: bool,
}

/// What a request says about it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) forwarded: Option<&'a str>,
    pub(crate) x_forwarded_for: Option<&'a str>,
    pub(crate) x_forwarded_proto: Option<&'a str>,
}

impl TrustedProxies {
    /// Adds an address, or all that begin alike.
    pub(crate) fn trust(&mut self, network: &str) -> Result<(), Error> {
        let Some(parsed) = Network::parse(network) else {
            return Err(Error::setting(format!(
                "{network:?} is not the address of a proxy: it must be an IP address, or one with the number of leading bits that count, from 1 on, such as 192.0.2.1, 192.0.2.0/24 or fd00::/8"
            )));
        };
        self.0.push(parsed);
        Ok(())
    }

    /// Who asks over a connection from `peer`.
    pub(crate) fn caller(&self, peer: IpAddr, fields: &Fields<'_>) -> Caller {
        let peer = peer.to_canonical();
        let direct = Caller {
            address: peer,
            is_secure: false,
            may_be_many: peer.is_loopback(),
        };
        if !self.trust_in(peer) {
            return direct;
        }
        let standard = fields
            .forwarded
            .map(|list| self.walk(peer, hops::forwarded(list)));
        let custom = fields
            .x_forwarded_for
            .map(|list| self.walk(peer, hops::x_forwarded_for(list)));
        let (address, may_be_many) = match (standard, custom) {
            (None, None) => (peer, direct.may_be_many),
            (Some(one), Some(other)) if one.0 != other.0 => (peer, false),
            (Some(found), _) | (None, Some(found)) => (found.0, false),
        };
        // As with the addresses: both, or the one that is there.
        let schemes = [
            standard.and_then(|(_, is_secure)| is_secure),
            fields.x_forwarded_proto.and_then(hops::x_forwarded_proto),
        ];
        let mut said = schemes.into_iter().flatten().peekable();
        Caller {
            address,
            is_secure: said.peek().is_some() && said.all(|is_secure| is_secure),
            may_be_many,
        }
    }

    /// From who is connected to us to the first that is not trusted, or of whom nothing more is known; and what was said
    /// of its scheme.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Hop>) -> (IpAddr, Option<bool>) {
        let (mut address, mut scheme) = (peer, None);
        for hop in hops {
            scheme = hop.is_secure.or(scheme);
            let Some(next) = hop.address else { break };
            address = next;
            if !self.trust_in(address) {
                break;
            }
        }
        (address, scheme)
    }

    fn trust_in(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests;
