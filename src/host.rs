//! The host names that the server accepts.
//!
//! An attacker can make a public host name resolve to this machine (DNS rebinding). Then a page under this name can
//! read the responses of this server. So the server accepts only names that cannot be public, and the names of
//! [`Config::allow_host`](crate::Config::allow_host).

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::Error;

/// Suffixes of local names. They are reserved (RFC 6762, RFC 8375, ICANN for `internal`), or routers use them (`.lan`).
const LOCAL_SUFFIXES: [&str; 4] = [".local", ".lan", ".home.arpa", ".internal"];

/// The host names that the server accepts besides addresses and local names.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostPolicy {
    /// The names in lower case, without a dot at the end.
    allowed: Vec<String>,
}

impl HostPolicy {
    pub(crate) fn allow(&mut self, name: &str) -> Result<(), Error> {
        let plain = without_root_dot(name);
        let is_name = !plain.is_empty() && plain.len() <= 253 && plain.bytes().all(is_name_byte);
        if !is_name {
            return Err(Error::setting(format!(
                "{name:?} is not a host name: it must be a name such as videos.example.org, without scheme, port or path"
            )));
        }
        self.allowed.push(plain.to_ascii_lowercase());
        Ok(())
    }

    /// Returns whether the server accepts `host`: a name or an address, with or without a port.
    pub(crate) fn allows(&self, host: &str) -> bool {
        let name = without_port(host);
        if let Some(literal) = name.strip_prefix('[') {
            return literal.strip_suffix(']').is_some_and(is_ip_literal);
        }
        let name = without_root_dot(name).to_ascii_lowercase();
        // RFC 1123 §2.1 allows letters, digits, `-` and `.`. In practice, names also contain `_`.
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return false;
        }
        name.parse::<Ipv4Addr>().is_ok()
            // Public names have a dot. Names such as `localhost` and `raspberrypi` have none.
            || !name.contains('.')
            || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
            || self.allowed.contains(&name)
    }
}

/// Returns whether `text` is `uri-host [ ":" port ]` (RFC 9110 §7.2) with a host that is not empty.
pub(crate) fn is_authority(text: &str) -> bool {
    let host = without_port(text);
    // Skips the colon.
    let mut port = text[host.len()..].bytes().skip(1);
    let is_host = match host.strip_prefix('[') {
        // RFC 3986 §3.2.2 also allows IPvFuture literals, which are not in use.
        Some(literal) => literal.strip_suffix(']').is_some_and(is_ip_literal),
        None => !host.is_empty() && host.bytes().all(is_reg_name_byte),
    };
    is_host && port.all(|byte| byte.is_ascii_digit())
}

/// Removes the zone of an IPv6 address: `[fe80::1%25eth0]:80` becomes `[fe80::1]:80`, and `fe80::1%eth0` becomes
/// `fe80::1`. The zone is an interface of another machine, so it has no meaning here (RFC 6874 §1). Proxies written in
/// Go send zones.
pub(crate) fn without_zone(host: &str) -> Cow<'_, str> {
    match host.split_once('%') {
        Some((address, zone)) if address.contains(':') => {
            let end = zone.find(']').unwrap_or(zone.len());
            Cow::Owned(format!("{address}{}", &zone[end..]))
        }
        _ => Cow::Borrowed(host),
    }
}

/// Returns whether `text` may be between the brackets of an IP literal: an IPv6 address, with or without a zone.
/// Clients should remove the zone (RFC 6874 §3), but some send `%25eth0` or `%eth0`.
fn is_ip_literal(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unzip();
    let is_zone_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    address.unwrap_or(text).parse::<Ipv6Addr>().is_ok()
        && zone.is_none_or(|zone| !zone.is_empty() && zone.bytes().all(is_zone_byte))
}

fn without_port(host: &str) -> &str {
    // An IPv6 address in brackets also contains colons.
    let after_literal = host.rfind(']').map_or(0, |end| end + 1);
    match host[after_literal..].find(':') {
        Some(colon) => &host[..after_literal + colon],
        None => host,
    }
}

/// Returns whether a reg-name may contain a byte (RFC 3986 §3.2.2).
fn is_reg_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

/// Removes the final dot: `raspberrypi.` becomes `raspberrypi`.
fn without_root_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{HostPolicy, is_authority};

    #[test]
    fn setting_that_is_no_name_is_refused() {
        for name in "|.|a b|http://a.example|a.example:80|a/b|*.example|ü.example".split('|') {
            assert!(HostPolicy::default().allow(name).is_err(), "{name}");
        }
    }

    #[test]
    fn authority_has_a_host_and_may_have_a_port() {
        let valid = "a|a:80|a:|[::1]:80|a.b-c_d|%41|[fe80::1%25eth0]:8001|[::1%lo]";
        for text in valid.split('|') {
            assert!(is_authority(text), "{text:?}");
        }
        let invalid = "|:80|a:b|a b|a/b|u@a|[::1|[::1]x|a:1:2|ü|a\"|[]|[%25eth0]|[::1%]|[::1%a/b]|[::1%a\"]|[::1%lo]x";
        for text in invalid.split('|') {
            assert!(!is_authority(text), "{text:?}");
        }
    }
}
