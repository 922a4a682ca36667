//! Finds the client behind trusted proxies, from X-Forwarded-For and X-Forwarded-Proto.
//!
//! Any client can send these fields. An address counts only if a trusted proxy wrote it. Each proxy appends the address
//! of its own client. So the client is the rightmost address that is not a trusted proxy. The addresses on its left may
//! be false.
//!
//! Example: 10.0.0.1 and 10.0.0.2 are trusted, and 10.0.0.1 sends `192.0.2.66, 198.51.100.7, 10.0.0.2`. The client is
//! 198.51.100.7.
//!
//! The server ignores `Forwarded` (RFC 7239). A proxy that sets only X-Forwarded-For forwards `Forwarded` unchanged, so
//! a client could forge it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::error::Error;
use crate::host::without_zone;
use crate::http::{OWS, RequestHead};

/// The trusted proxies. Only their fields count.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address of the client. An IPv4 address is never in the form `::ffff:192.0.2.1`.
    pub(crate) address: IpAddr,
    /// `true` if the client uses HTTPS to a proxy.
    pub(crate) is_secure: bool,
    /// `true` if the peer may be a proxy with many clients: it is on this machine, and no X-Forwarded-For is trusted.
    pub(crate) may_be_many: bool,
}

impl TrustedProxies {
    pub(crate) fn trust(&mut self, network: &str) -> Result<(), Error> {
        let parsed = parse(network).ok_or_else(|| {
            Error::setting(format!(
                "{network:?} is not the address of a proxy: it must be an IP address or a network with a prefix length from 1 on, such as 192.0.2.1, 192.0.2.0/24 or fd00::/8"
            ))
        });
        self.0.push(parsed?);
        Ok(())
    }

    pub(crate) fn client(&self, peer: IpAddr, request: &RequestHead) -> Client {
        let peer = peer.to_canonical();
        let is_trusted = self.trust_in(peer);
        let field = |name| request.field(name).filter(|_| is_trusted);
        let scheme = field("x-forwarded-proto").and_then(|list| elements(list).next());
        let list = field("x-forwarded-for");
        let mut hops = elements(list.unwrap_or_default()).map(address_of);
        let mut address = peer;
        // If an element is not an address, the address on its right is the client.
        while self.trust_in(address)
            && let Some(Some(next)) = hops.next()
        {
            address = next;
        }
        Client {
            address,
            is_secure: scheme.is_some_and(|it| it.eq_ignore_ascii_case("https")),
            may_be_many: peer.is_loopback() && list.is_none(),
        }
    }

    fn trust_in(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Returns the elements of a list from right to left, without empty elements (RFC 9110 §5.6.1). A client may have
/// written the left part. The list is split from the right, so the left part cannot change the elements of proxies.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.rsplit(',')
        .map(|element| element.trim_matches(OWS))
        .filter(|element| !element.is_empty())
}

/// Parses an address with or without a port. An IPv6 address with a port is in brackets. Returns `None` for words such
/// as `unknown`.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = &*without_zone(text);
    let with_port = |text: &str| text.parse().map(|address: SocketAddr| address.ip());
    let address = text.parse().or_else(|_| with_port(text));
    let address = address.or_else(|_| with_port(&format!("{text}:0")));
    Some(address.ok()?.to_canonical())
}

/// Parses `192.0.2.1`, `192.0.2.0/24` or `fd00::/8`. Bits after the prefix are ignored. Refuses a prefix of 0 bits,
/// because it would trust every address.
fn parse(text: &str) -> Option<IpNet> {
    let single = |_| {
        text.parse()
            .map(|address: IpAddr| address.to_canonical().into())
    };
    let network: IpNet = text.parse().or_else(single).ok()?;
    (network.prefix_len() > 0).then_some(network)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::Method;

    const CLIENT: &str = "198.51.100.7";

    /// Returns the client of a request from the trusted proxy 10.0.0.1: its address, and `https` if it is secure.
    fn client(x_forwarded_for: &str, x_forwarded_proto: &str) -> String {
        let mut proxies = TrustedProxies::default();
        for network in ["10.0.0.0/8", "2001:db8::/32", "::ffff:192.0.2.1"] {
            proxies.trust(network).unwrap();
        }
        let mut request = RequestHead::new(Method::Get, "/");
        request.add_field("X-Forwarded-For", x_forwarded_for);
        request.add_field("X-Forwarded-Proto", x_forwarded_proto);
        let client = proxies.client([10, 0, 0, 1].into(), &request);
        assert!(!client.may_be_many);
        let scheme = if client.is_secure { " https" } else { "" };
        format!("{}{scheme}", client.address)
    }

    #[test]
    fn first_untrusted_address_from_the_end_is_the_client() {
        for (list, address) in [
            (CLIENT, CLIENT),
            ("10.6.6.6, 198.51.100.7, 10.0.0.2, 2001:db8::2", CLIENT),
            ("198.51.100.7, 192.0.2.1, ::ffff:10.0.0.2", CLIENT),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            // An element is not an address, so the address on its right is the client.
            ("198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
            ("198.51.100.7, unknown", "10.0.0.1"),
            (",,", "10.0.0.1"),
            ("198.51.100.7:1234", CLIENT),
            ("::ffff:198.51.100.7", CLIENT),
            ("2001:db9::1 ,", "2001:db9::1"),
            ("[2001:db9::1]", "2001:db9::1"),
            ("[2001:db9::1]:80,10.0.0.2:80", "2001:db9::1"),
            ("198.51.100.7:", "10.0.0.1"),
            ("198.51.100.7:123456", "10.0.0.1"),
            ("[198.51.100.7]", "10.0.0.1"),
            ("198.51.100", "10.0.0.1"),
            ("198.51.100.7%eth0", "10.0.0.1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%eth0]:80, 10.0.0.2", "fe80::1"),
        ] {
            assert_eq!(client(list, "http"), address, "{list}");
        }
        assert_eq!(client("", "https"), "10.0.0.1 https");
        assert_eq!(client(CLIENT, "https, http"), CLIENT);
        assert_eq!(client(CLIENT, "http,HTTPS,"), "198.51.100.7 https");
    }

    #[test]
    fn malformed_network_is_refused() {
        let rows = "|/|/8|10.0.0.0/|10.0.0.0/33|10.0.0.0/0|::/0|::1/129|10.0.0.0/-1|10.0.0.0/+8|10.0.0.0/8/8|\
            10.0.0.0/255.0.0.0|10.0.0|proxy.example|[::1]|10.0.0.1:80| 10.0.0.1|*";
        for text in rows.split('|') {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        /// A client sends any text; a proxy appends an address. The result is always this address.
        #[test]
        fn client_cannot_hide_its_address(
            made_up in r#"[ -~\t]{0,40}|("|\\|,|;|=|[0-9.]{1,8}|\[::1\]){0,12}"#
        ) {
            prop_assert_eq!(client(&format!("{made_up}, {CLIENT}"), ""), CLIENT);
        }
    }
}
