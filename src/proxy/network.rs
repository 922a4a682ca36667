//! Networks: addresses with the same leading bits.

use std::net::IpAddr;

/// A network of IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    bits: u128,
    is_ipv4: bool,
    /// The mask has 128 bits for both families, so that one comparison is enough.
    mask: u128,
}

impl Network {
    /// Parses `192.0.2.1`, `192.0.2.0/24` or `fd00::/8`. Bits after the prefix are ignored.
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = match length {
            Some(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
            Some(digits) => digits.parse().ok()?,
            None => whole,
        };
        // A prefix of 0 bits would trust every address.
        if length == 0 || length > whole {
            return None;
        }
        // IPv6 sockets show IPv4 addresses in the form `::ffff:192.0.2.1`. A length below 97 ends inside `::ffff:`, so
        // it would match every IPv4 address.
        let is_mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        let length = length + (128 - whole);
        if is_mapped && length <= 96 {
            return None;
        }
        let mask = u128::MAX << (128 - length);
        let (bits, is_ipv4) = number(address);
        Some(Network {
            bits: bits & mask,
            is_ipv4,
            mask,
        })
    }

    /// Returns whether an address belongs to the network.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        let (bits, is_ipv4) = number(address);
        is_ipv4 == self.is_ipv4 && bits & self.mask == self.bits
    }
}

/// Returns an address as a number, and `true` for IPv4. An IPv4 address is in the last 32 bits.
fn number(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(address) => (u128::from(u32::from(address)), true),
        IpAddr::V6(address) => (u128::from(address), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn contains(network: &str, inside: &[&str], outside: &[&str]) {
        let parsed = Network::parse(network).unwrap();
        for (addresses, expected) in [(inside, true), (outside, false)] {
            for address in addresses {
                let is_inside = parsed.contains(address.parse().unwrap());
                assert_eq!(is_inside, expected, "{network} {address}");
            }
        }
    }

    #[test]
    fn leading_bits_count() {
        contains(
            "192.0.2.1",
            &["192.0.2.1", "::ffff:192.0.2.1"],
            &["192.0.2.2", "::192.0.2.1", "::1"],
        );
        contains(
            "10.0.0.0/8",
            &["10.0.0.0", "10.255.255.255"],
            &["11.0.0.0", "9.255.255.255", "::a00:1"],
        );
        contains("10.1.2.3/8", &["10.9.9.9"], &["11.1.2.3"]);
        contains("0.0.0.0/1", &["127.0.0.1"], &["128.0.0.1"]);
        contains("192.168.4.0/23", &["192.168.5.255"], &["192.168.6.0"]);
        contains("fd00::/8", &["fdff::1"], &["fe00::1", "253.0.0.1"]);
        contains("2001:db8::1", &["2001:db8::1"], &["2001:db8::2"]);
        contains("8000::/1", &["ffff::"], &["7fff::", "128.0.0.1"]);
        contains("::/1", &["::1"], &["127.0.0.1", "::ffff:127.0.0.1"]);
        contains("::ffff:10.0.0.0/104", &["10.1.1.1"], &["11.0.0.0"]);
        contains("::ffff:10.0.0.1", &["10.0.0.1"], &["10.0.0.2"]);
    }

    #[test]
    fn malformed_network_is_refused() {
        let rows = "|/|/8|10.0.0.0/|10.0.0.0/33|10.0.0.0/0|::/0|::1/129|10.0.0.0/-1|10.0.0.0/+8|10.0.0.0/8/8|\
            10.0.0.0/255.0.0.0|10.0.0|proxy.example|[::1]|10.0.0.1:80| 10.0.0.1|*|::ffff:0:0/96";
        for text in rows.split('|') {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
