//! The lists in which each proxy notes, at the end, who asked it: from the last element to the first, as far as they can
//! be read. Text in, addresses out.
//!
//! What stands further left was written further away, in the end by the client itself. It must not change how anything
//! to the right of it is read, so nothing is read from the left: an open quotation mark would swallow what a proxy
//! has written behind it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::http::OWS;

/// What one proxy says of who asked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Hop {
    /// `None` where it does not tell: `unknown`, or a name of its own making.
    pub(super) address: Option<IpAddr>,
    /// Whether that one spoke HTTPS, if it says so.
    pub(super) is_secure: Option<bool>,
}

/// Of Forwarded (RFC 7239 §4). Ends before the first element that is malformed.
pub(super) fn forwarded(list: &str) -> impl Iterator<Item = Hop> {
    elements(list).map_while(forwarded_element)
}

/// Of X-Forwarded-For, which no document defines: addresses, with a port or without.
pub(super) fn x_forwarded_for(list: &str) -> impl Iterator<Item = Hop> {
    elements(list).map(|element| Hop {
        address: node(element),
        is_secure: None,
    })
}

/// Of X-Forwarded-Proto, what the last proxy said.
pub(super) fn x_forwarded_proto(list: &str) -> Option<bool> {
    elements(list).next().map(is_https)
}

/// The elements of a list from the last to the first, without the empty ones (RFC 9110 §5.6.1).
fn elements(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let (before, last) = split_last(rest?);
        rest = before;
        Some(last.trim_matches(OWS))
    })
    .filter(|element| !element.is_empty())
}

/// At the last comma that is in no quoted string (RFC 9110 §5.6.4).
fn split_last(list: &str) -> (Option<&str>, &str) {
    let bytes = list.as_bytes();
    let mut is_quoted = false;
    for position in (0..bytes.len()).rev() {
        match bytes[position] {
            b'"' if is_quoted && is_escaped(&bytes[..position]) => {}
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return (Some(&list[..position]), &list[position + 1..]),
            _ => {}
        }
    }
    (None, list)
}

/// Whether what follows is, by an odd number of backslashes.
fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|&&byte| byte == b'\\');
    backslashes.count() % 2 == 1
}

/// `for=192.0.2.60;proto=http;by=203.0.113.43`: each parameter once, in any order.
fn forwarded_element(element: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    let (mut has_for, mut has_proto) = (false, false);
    let mut rest = element;
    loop {
        rest = rest.trim_start_matches(OWS);
        if let Some(pair) = (!rest.is_empty() && !rest.starts_with(';')).then_some(rest) {
            let (name, after) = pair.split_once('=')?;
            if name.is_empty() || !name.bytes().all(is_token_byte) {
                return None;
            }
            let (value, after) = value(after)?;
            let seen = match () {
                () if name.eq_ignore_ascii_case("for") => {
                    hop.address = node(&value);
                    &mut has_for
                }
                () if name.eq_ignore_ascii_case("proto") => {
                    hop.is_secure = Some(is_https(&value));
                    &mut has_proto
                }
                () => &mut false,
            };
            if std::mem::replace(seen, true) {
                return None;
            }
            rest = after.trim_start_matches(OWS);
        }
        match rest.strip_prefix(';') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(hop),
            None => return None,
        }
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let length = text.bytes().take_while(|&byte| is_token_byte(byte)).count();
        let (token, after) = text.split_at(length);
        return (length > 0).then(|| (token.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[position + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

/// RFC 7239 §6: an address with a port or without, in the form of IPv6 in brackets; `unknown` and names of a proxy's own
/// making (`_hidden`) are none. Without brackets, as X-Forwarded-For has it, an IPv6 address has no port.
fn node(text: &str) -> Option<IpAddr> {
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

/// Nothing, `:` and up to five digits, or a name of the proxy's own making.
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

fn is_https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https")
}

/// RFC 9110 §5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hops: impl Iterator<Item = Hop>) -> String {
        let shown: Vec<String> = hops
            .map(|hop| {
                let address = hop
                    .address
                    .map_or_else(|| "?".to_owned(), |it| it.to_string());
                let scheme = match hop.is_secure {
                    Some(true) => " https",
                    Some(false) => " http",
                    None => "",
                };
                address + scheme
            })
            .collect();
        shown.join(", ")
    }

    #[test]
    fn elements_of_forwarded() {
        for (list, hops) in [
            // RFC 7239 §4 and §7.4.
            ("for=\"_gazonk\"", "?"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            (
                "for=192.0.2.60;proto=http;by=203.0.113.43",
                "192.0.2.60 http",
            ),
            (
                "for=192.0.2.43, for=198.51.100.17",
                "198.51.100.17, 192.0.2.43",
            ),
            ("for=unknown", "?"),
            // Blanks, empty elements and parameters, escapes.
            (
                " for=192.0.2.1 ; PROTO=HTTPS;; ,,\tFOR=\"192.0.2.2:_x\",",
                "192.0.2.2, 192.0.2.1 https",
            ),
            ("by=_a;host=\"a,b;c\\\"d, for=6.6.6.6\"", "?"),
            ("for=\"192.0.\\2.1\"", "192.0.2.1"),
            ("for=\"::ffff:192.0.2.1\"", "192.0.2.1"),
            ("proto=wss;for=192.0.2.1", "192.0.2.1 http"),
            // What is malformed ends it, and hides nothing to its right.
            ("for=192.0.2.9, for, for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.9, for=\", for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.9, for=\"x\\, for=\"192.0.2.1\"", "192.0.2.1"),
            ("for=192.0.2.9, for=[::1], for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.9, for=192.0.2.2:80", ""),
            ("for=192.0.2.1;for=192.0.2.2", ""),
            ("for=192.0.2.1;proto=a;Proto=b", ""),
            ("for=192.0.2.1 proto=https", ""),
            ("for=\"192.0.2.1\"x", ""),
            ("for=", ""),
            ("=192.0.2.1", ""),
            ("f or=192.0.2.1", ""),
            ("for =192.0.2.1", ""),
            ("192.0.2.1", ""),
            ("for=\"192.0.2.1\\", ""),
            ("", ""),
        ] {
            assert_eq!(shown(forwarded(list)), hops, "{list}");
        }
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
            ("https", Some(true)),
            ("HTTPS", Some(true)),
            ("http", Some(false)),
            ("https, http", Some(false)),
            ("http,https,", Some(true)),
            ("", None),
        ] {
            assert_eq!(x_forwarded_proto(list), secure, "{list}");
        }
    }
}
