//! Finds the client behind trusted proxies, from X-Forwarded-For and X-Forwarded-Proto.
//!
//! Any client can send these fields, so an element counts only if a trusted proxy wrote it. Each proxy appends the
//! address of its own client. The peer of this connection wrote the last element. The proxy in the last element wrote
//! the element before it, and so on. From the right, the first address that is not a trusted proxy is therefore the
//! client. The elements on its left may be false.
//!
//! The server does not read `Forwarded` (RFC 7239), because nginx, Caddy and HAProxy send X-Forwarded-For by default. A
//! proxy that sets only one of the two fields forwards the other field unchanged, so a client could forge it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use crate::error::Error;
use crate::http::{OWS, RequestHead};

/// The trusted proxies. Only their fields count.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The address of the client. An IPv4 address never has the IPv6 form.
    pub(crate) address: IpAddr,
    /// `true` if the client uses HTTPS to a proxy.
    pub(crate) is_secure: bool,
    /// `true` if the peer may be a proxy with many clients: it is on this machine and sends no client address.
    pub(crate) may_be_many: bool,
}

impl TrustedProxies {
    /// Adds an address or a network.
    pub(crate) fn trust(&mut self, network: &str) -> Result<(), Error> {
        let Some(parsed) = parse(network) else {
            return Err(Error::setting(format!(
                "{network:?} is not the address of a proxy: it must be an IP address or a network with a prefix length from 1 on, such as 192.0.2.1, 192.0.2.0/24 or fd00::/8"
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
        let scheme = request.field("x-forwarded-proto");
        let scheme = scheme.and_then(|list| elements(list).next());
        let is_secure = scheme.is_some_and(|it| it.eq_ignore_ascii_case("https"));
        let list = request.field("x-forwarded-for");
        let mut hops = elements(list.unwrap_or_default()).map(address_of);
        let mut address = peer;
        // If an element is not an address, the last known address is the client.
        while self.trust_in(address)
            && let Some(Some(next)) = hops.next()
        {
            address = next;
        }
        Caller {
            address,
            is_secure,
            may_be_many: direct.may_be_many && list.is_none(),
        }
    }

    fn trust_in(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Returns the elements of a list from the last to the first, without empty elements (RFC 9110 §5.6.1). The elements on
/// the left may come from the client. They must not change how the elements on the right are parsed, so nothing is
/// parsed from the left.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.rsplit(',')
        .map(|element| element.trim_matches(OWS))
        .filter(|element| !element.is_empty())
}

/// Parses an address with or without a port. An IPv6 address with a port is in brackets. Other words (`unknown`,
/// `_hidden`) are not addresses.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = &*without_zone(text);
    let literal = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = match literal {
        Some(address) => address.parse::<Ipv6Addr>().ok()?.into(),
        None => {
            let with_port = || text.parse().map(|address: SocketAddr| address.ip());
            text.parse().or_else(|_| with_port()).ok()?
        }
    };
    Some(IpAddr::to_canonical(&address))
}

/// Removes the zone of an IPv6 address: `fe80::1%eth0`. Proxies written in Go add it. It names an interface of the
/// proxy.
fn without_zone(text: &str) -> Cow<'_, str> {
    match text.split_once('%') {
        Some((address, zone)) if address.contains(':') => {
            let end = zone.find(']').unwrap_or(zone.len());
            Cow::Owned(format!("{address}{}", &zone[end..]))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Parses `192.0.2.1`, `192.0.2.0/24` or `fd00::/8`. Bits after the prefix are ignored. A prefix of 0 bits would trust
/// every address.
fn parse(text: &str) -> Option<IpNet> {
    let single = |_| {
        text.parse()
            .map(|address: IpAddr| address.to_canonical().into())
    };
    let network: IpNet = text.parse().or_else(single).ok()?;
    (network.prefix_len() > 0).then_some(network)
}

#[cfg(test)]
mod tests;
