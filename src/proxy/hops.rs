//! Parses the lists that proxies append to, from the last element to the first.
//!
//! The elements on the left may come from the client. They must not change how the elements on the right are parsed, so
//! nothing is parsed from the left.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::http::OWS;

/// Returns the addresses of X-Forwarded-For without their ports. Returns `None` for an element that is not an address.
pub(super) fn x_forwarded_for(list: &str) -> impl Iterator<Item = Option<IpAddr>> {
    elements(list).map(address)
}

/// Returns whether the last element of X-Forwarded-Proto is `https`.
pub(super) fn is_https(list: &str) -> bool {
    let last = elements(list).next();
    last.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Returns the elements of a list from the last to the first, without empty elements (RFC 9110 §5.6.1).
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.rsplit(',')
        .map(|element| element.trim_matches(OWS))
        .filter(|element| !element.is_empty())
}

/// Parses an address with or without a port. An IPv6 address with a port is in brackets. Other words (`unknown`,
/// `_hidden`) are not addresses.
fn address(text: &str) -> Option<IpAddr> {
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
