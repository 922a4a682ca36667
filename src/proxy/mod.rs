//! The client behind trusted proxies, from X-Forwarded-For and X-Forwarded-Proto.
//!
//! Any client can send these fields, so an element counts only if a trusted proxy wrote it. Each proxy appends the
//! address that it was connected from. Read from the end, each element was written by the address that the element
//! before it names, and the first by the peer of this connection. So the first address that is not a trusted proxy is
//! the client; what stands further left is the client's own claim.
//!
//! `Forwarded` (RFC 7239) is not read: nginx, Caddy and HAProxy send X-Forwarded-For by default, and a proxy that sets
//! one of the two passes the other on as the client made it up.

mod hops;
mod network;

use std::net::IpAddr;

use crate::error::Error;
use crate::http::{Field, RequestHead};
use network::Network;

/// The proxies whose fields count.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<Network>);

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The address of the client; never an IPv4 address in the form of IPv6.
    pub(crate) address: IpAddr,
    /// Whether the client uses HTTPS to a proxy.
    pub(crate) is_secure: bool,
    /// Whether the address may be that of a proxy with many clients: it is on this machine and names no client.
    pub(crate) may_be_many: bool,
}

impl TrustedProxies {
    /// Adds an address or a network.
    pub(crate) fn trust(&mut self, network: &str) -> Result<(), Error> {
        let Some(parsed) = Network::parse(network) else {
            return Err(Error::setting(format!(
                "{network:?} is not the address of a proxy: it must be an IP address, or one with the number of leading bits that count, from 1 on, such as 192.0.2.1, 192.0.2.0/24 or fd00::/8"
            )));
        };
        self.0.push(parsed);
        Ok(())
    }

    /// Returns the client of a request over a connection from `peer`.
    pub(crate) fn caller(&self, peer: IpAddr, request: &RequestHead) -> Caller {
        let peer = peer.to_canonical();
        let direct = Caller {
            address: peer,
            is_secure: false,
            may_be_many: peer.is_loopback(),
        };
        if !self.trust_in(peer) {
            return direct;
        }
        let schemes = request.field(Field::XForwardedProto);
        let is_secure = schemes.is_some_and(hops::is_https);
        let Some(list) = request.field(Field::XForwardedFor) else {
            return Caller {
                is_secure,
                ..direct
            };
        };
        let mut address = peer;
        for hop in hops::x_forwarded_for(list) {
            // An element that is no address: the last known one is the client.
            let Some(next) = hop else { break };
            address = next;
            if !self.trust_in(address) {
                break;
            }
        }
        Caller {
            address,
            is_secure,
            may_be_many: false,
        }
    }

    fn trust_in(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests;
