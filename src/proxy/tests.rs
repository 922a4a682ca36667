//! Who is believed, and how far.

use proptest::prelude::*;

use super::*;

const CLIENT: &str = "198.51.100.7";

fn trusting(networks: &[&str]) -> TrustedProxies {
    let mut proxies = TrustedProxies::default();
    for network in networks {
        proxies.trust(network).unwrap();
    }
    proxies
}

/// The caller behind 10.0.0.1, where all of 10.0.0.0/8 is trusted: its address, and `https` if it is secure.
fn caller(forwarded: &str, x_forwarded_for: &str, x_forwarded_proto: &str) -> String {
    fn some(text: &str) -> Option<&str> {
        (text != "-").then_some(text)
    }
    let fields = Fields {
        forwarded: some(forwarded),
        x_forwarded_for: some(x_forwarded_for),
        x_forwarded_proto: some(x_forwarded_proto),
    };
    let proxies = trusting(&["10.0.0.0/8", "2001:db8::/32"]);
    let caller = proxies.caller([10, 0, 0, 1].into(), &fields);
    assert!(!caller.may_be_many);
    let scheme = if caller.is_secure { " https" } else { "" };
    format!("{}{scheme}", caller.address)
}

#[test]
fn nobody_is_believed_unless_trusted() {
    let fields = Fields {
        forwarded: Some("for=198.51.100.7;proto=https"),
        x_forwarded_for: Some(CLIENT),
        x_forwarded_proto: Some("https"),
    };
    for (networks, peer, address, may_be_many) in [
        (&[][..], "10.0.0.1", "10.0.0.1", false),
        (&[], "127.0.0.1", "127.0.0.1", true),
        (&[], "::ffff:127.0.0.1", "127.0.0.1", true),
        (&["10.0.0.2"], "10.0.0.1", "10.0.0.1", false),
        (&["10.0.0.1"], "10.0.0.1", CLIENT, false),
        (&["10.0.0.1"], "::ffff:10.0.0.1", CLIENT, false),
        (&["127.0.0.1"], "127.0.0.1", CLIENT, false),
        (&["::1", "fd00::/8"], "fd12::1", CLIENT, false),
    ] {
        let caller = trusting(networks).caller(peer.parse().unwrap(), &fields);
        assert_eq!(caller.address, address.parse::<IpAddr>().unwrap(), "{peer}");
        assert_eq!(caller.may_be_many, may_be_many, "{peer}");
        assert_eq!(caller.is_secure, address == CLIENT, "{peer}");
    }
    // Whoever says nothing, on this machine, is what it was: a proxy perhaps.
    let silent = trusting(&["127.0.0.1"]).caller([127, 0, 0, 1].into(), &Fields::default());
    assert!(silent.may_be_many && silent.address.is_loopback());
}

#[test]
fn walks_over_trusted_proxies_to_the_first_other() {
    for (list, address) in [
        (CLIENT, CLIENT),
        ("6.6.6.6, 198.51.100.7", CLIENT),
        ("6.6.6.6, 198.51.100.7, 10.0.0.2, 2001:db8::2", CLIENT),
        ("10.6.6.6, 198.51.100.7, 10.0.0.2", CLIENT),
        // All trusted: the one furthest away.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        // The last that is known.
        ("198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
        ("198.51.100.7, unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
        (",,", "10.0.0.1"),
    ] {
        assert_eq!(caller("-", list, "-"), address, "{list}");
    }
    for (list, address) in [
        ("for=198.51.100.7", "198.51.100.7"),
        ("for=6.6.6.6, for=\"198.51.100.7:80\", for=10.0.0.2", CLIENT),
        ("for=198.51.100.7, for=_hidden, for=10.0.0.2", "10.0.0.2"),
        ("for=198.51.100.7, for=\", for=10.0.0.2", "10.0.0.2"),
        ("for=\"[2001:db9::1]\"", "2001:db9::1"),
    ] {
        assert_eq!(caller(list, "-", "-"), address, "{list}");
    }
}

/// A proxy that writes one hands on the other, which then is the client's own work.
#[test]
fn both_fields_must_agree() {
    assert_eq!(caller("for=198.51.100.7", CLIENT, "-"), CLIENT);
    for (forwarded, x_forwarded_for) in [
        ("for=6.6.6.6", CLIENT),
        ("for=198.51.100.7", "6.6.6.6"),
        ("nonsense", CLIENT),
        ("for=198.51.100.7", "nonsense"),
        ("for=_hidden", CLIENT),
    ] {
        assert_eq!(caller(forwarded, x_forwarded_for, "-"), "10.0.0.1");
    }
    // And does not count as this machine then, which may have all streams.
    let fields = Fields {
        forwarded: Some("for=6.6.6.6"),
        x_forwarded_for: Some(CLIENT),
        ..Fields::default()
    };
    let confused = trusting(&["::1"]).caller("::1".parse().unwrap(), &fields);
    assert!(confused.address.is_loopback() && !confused.may_be_many);
}

#[test]
fn schemes() {
    let https = "198.51.100.7 https";
    assert_eq!(caller("-", CLIENT, "https"), https);
    assert_eq!(caller("-", CLIENT, "http"), CLIENT);
    assert_eq!(caller("-", "-", "https"), "10.0.0.1 https");
    assert_eq!(caller("for=198.51.100.7;proto=https", "-", "-"), https);
    assert_eq!(
        caller("for=198.51.100.7;proto=https", CLIENT, "https"),
        https
    );
    assert_eq!(
        caller("for=198.51.100.7;proto=http", CLIENT, "https"),
        CLIENT
    );
    // The client's own hop counts, and what it says of itself does not.
    let list = "for=6.6.6.6;proto=https, for=198.51.100.7;proto=http";
    assert_eq!(caller(list, "-", "-"), CLIENT);
    let list = "for=198.51.100.7;proto=https, for=10.0.0.2;proto=http";
    assert_eq!(caller(list, "-", "-"), https);
}

#[test]
fn a_wrong_network_is_named() {
    let error = TrustedProxies::default().trust("10.0.0.0/0").unwrap_err();
    let message = error.to_string();
    assert!(message.contains("10.0.0.0/0") && message.contains("192.0.2.0/24"));
}

proptest! {
    /// Whatever a client sends, what a proxy adds behind it is read the same.
    #[test]
    fn a_client_cannot_hide_itself(
        made_up in r#"[ -~\t]{0,40}|([fF]or=|"|\\|,|;|=|[0-9.]{1,8}|\[::1\]|proto=https){0,12}"#
    ) {
        for own in ["for=198.51.100.7", "for=\"198.51.100.7:80\";host=\"a\\\",b\""] {
            prop_assert_eq!(caller(&format!("{made_up}, {own}"), "-", "-"), CLIENT);
        }
        prop_assert_eq!(caller("-", &format!("{made_up}, {CLIENT}"), "-"), CLIENT);
    }
}
