//! Tests of the client behind trusted and untrusted proxies.

use proptest::prelude::*;

use super::*;
use crate::http::Method;

const CLIENT: &str = "198.51.100.7";

fn trusting(networks: &[&str]) -> TrustedProxies {
    let mut proxies = TrustedProxies::default();
    for network in networks {
        proxies.trust(network).unwrap();
    }
    proxies
}

/// Returns a request with these fields. `-` means an absent field.
fn request(x_forwarded_for: &str, x_forwarded_proto: &str) -> RequestHead {
    let mut request = RequestHead::new(Method::Get, "/");
    for (name, value) in [
        ("X-Forwarded-For", x_forwarded_for),
        ("X-Forwarded-Proto", x_forwarded_proto),
    ] {
        if value != "-" {
            request.add_field(name, value);
        }
    }
    request
}

/// Returns the caller behind 10.0.0.1 if 10.0.0.0/8 is trusted: its address, and `https` if it is secure.
fn caller(x_forwarded_for: &str, x_forwarded_proto: &str) -> String {
    let proxies = trusting(&["10.0.0.0/8", "2001:db8::/32"]);
    let request = request(x_forwarded_for, x_forwarded_proto);
    let caller = proxies.caller([10, 0, 0, 1].into(), &request);
    assert!(!caller.may_be_many);
    let scheme = if caller.is_secure { " https" } else { "" };
    format!("{}{scheme}", caller.address)
}

#[test]
fn first_untrusted_address_from_the_end_is_the_client() {
    for (list, address) in [
        (CLIENT, CLIENT),
        ("6.6.6.6, 198.51.100.7", CLIENT),
        ("6.6.6.6, 198.51.100.7, 10.0.0.2, 2001:db8::2", CLIENT),
        ("10.6.6.6, 198.51.100.7, 10.0.0.2", CLIENT),
        // All addresses are trusted, so the first address is the client.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        // The last known address is the client.
        ("198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
        ("198.51.100.7, unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
        (",,", "10.0.0.1"),
        // The forms of an address.
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
        ("[fe80::1%eth0]", "fe80::1"),
        ("[fe80::1%eth0]:80, 10.0.0.2", "fe80::1"),
        ("6.6.6.6\", 198.51.100.7", CLIENT),
    ] {
        assert_eq!(caller(list, "-"), address, "{list}");
    }
}

#[test]
fn scheme_of_last_proxy_decides_whether_client_is_secure() {
    assert_eq!(caller(CLIENT, "https"), "198.51.100.7 https");
    assert_eq!(caller(CLIENT, "http"), CLIENT);
    assert_eq!(caller(CLIENT, "-"), CLIENT);
    assert_eq!(caller("-", "https"), "10.0.0.1 https");
    assert_eq!(caller(CLIENT, "https, http"), CLIENT);
    assert_eq!(caller(CLIENT, "http,HTTPS,"), "198.51.100.7 https");
    assert_eq!(caller(CLIENT, ""), CLIENT);
}

/// Each row: a network, addresses inside it, addresses outside it.
#[test]
fn network_contains_addresses_with_its_leading_bits() {
    for row in [
        "192.0.2.1|192.0.2.1 ::ffff:192.0.2.1|192.0.2.2 ::192.0.2.1 ::1",
        "10.0.0.0/8|10.0.0.0 10.255.255.255|11.0.0.0 9.255.255.255 ::a00:1",
        "10.1.2.3/8|10.9.9.9|11.1.2.3",
        "0.0.0.0/1|127.0.0.1|128.0.0.1",
        "fd00::/8|fdff::1|fe00::1 253.0.0.1",
        "2001:db8::1|2001:db8::1|2001:db8::2",
        "::/1|::1|127.0.0.1 ::ffff:127.0.0.1",
        "::ffff:10.0.0.1|10.0.0.1|10.0.0.2",
    ] {
        let [network, inside, outside] = [0, 1, 2].map(|part| row.split('|').nth(part).unwrap());
        let proxies = trusting(&[network]);
        for (addresses, expected) in [(inside, true), (outside, false)] {
            for address in addresses.split(' ') {
                let address: IpAddr = address.parse().unwrap();
                let is_inside = proxies.trust_in(address.to_canonical());
                assert_eq!(is_inside, expected, "{network} {address}");
            }
        }
    }
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
    /// The text of a client does not change how the next element, which a proxy adds, is parsed.
    #[test]
    fn client_cannot_hide_its_address(
        made_up in r#"[ -~\t]{0,40}|("|\\|,|;|=|[0-9.]{1,8}|\[::1\]){0,12}"#
    ) {
        prop_assert_eq!(caller(&format!("{made_up}, {CLIENT}"), "-"), CLIENT);
    }
}
