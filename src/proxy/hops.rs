//! The lists that proxies append to, parsed from the last element to the first.
//!
//! An element further left was written further away, in the end by the client itself. It must not change how an element
//! to the right of it is parsed, so nothing is parsed from the left.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::http::OWS;

/// Returns the addresses of X-Forwarded-For, with a port or without; `None` for an element that is no address.
pub(super) fn x_forwarded_for(list: &str) -> impl Iterator<Item = Option<IpAddr>> {
    elements(list).map(address)
}

/// Returns whether the last proxy of X-Forwarded-Proto got the request over HTTPS.
pub(super) fn is_https(list: &str) -> bool {
    let last = elements(list).next();
    last.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Returns the elements of a list from the last to the first, without the empty ones (RFC 9110 §5.6.1).
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.rsplit(',')
        .map(|element| element.trim_matches(OWS))
        .filter(|element| !element.is_empty())
}

/// Parses an address with a port or without, an IPv6 address with a port in brackets. Other words (`unknown`, `_hidden`)
/// are no address.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(literal) => {
            let (address, port) = literal.split_once(']')?;
            (IpAddr::V6(address.parse::<Ipv6Addr>().ok()?), port)
        }
        None => {
            let colon = text.find(':')?;
            let (address, port) = text.split_at(colon);
            (IpAddr::V4(address.parse::<Ipv4Addr>().ok()?), port)
        }
    };
    is_port(port).then(|| address.to_canonical())
}

/// Whether this is empty, or `:` with up to five digits or a name such as `_hidden` (RFC 7239 §6).
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else {
        return text.is_empty();
    };
    match port.strip_prefix('_') {
        Some(name) => {
            let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !name.is_empty() && name.bytes().all(is_name_byte)
        }
        None => (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hops: impl Iterator<Item = Option<IpAddr>>) -> String {
        let shown: Vec<String> = hops
            .map(|hop| hop.map_or_else(|| "?".to_owned(), |address| address.to_string()))
            .collect();
        shown.join(", ")
    }

    #[test]
    fn elements_of_x_forwarded_for() {
        for (list, hops) in [
            ("192.0.2.1", "192.0.2.1"),
            (
                "192.0.2.1, 2001:db8::1 ,[2001:db8::2]:80,192.0.2.2:1234",
                "192.0.2.2, 2001:db8::2, 2001:db8::1, 192.0.2.1",
            ),
            ("[2001:db8::2], ::ffff:192.0.2.1", "192.0.2.1, 2001:db8::2"),
            ("192.0.2.1, unknown", "?, 192.0.2.1"),
            (
                "192.0.2.1:, 192.0.2.1:123456, [192.0.2.1], 192.0.2, fe80::1%eth0",
                "?, ?, ?, ?, ?",
            ),
            ("6.6.6.6\", 192.0.2.1", "192.0.2.1, ?"),
            ("", ""),
        ] {
            assert_eq!(shown(x_forwarded_for(list)), hops, "{list}");
        }
    }

    #[test]
    fn the_last_scheme_counts() {
        for (list, secure) in [
            ("https", true),
            ("HTTPS", true),
            ("http", false),
            ("https, http", false),
            ("http,https,", true),
            ("", false),
        ] {
            assert_eq!(is_https(list), secure, "{list}");
        }
    }
}
