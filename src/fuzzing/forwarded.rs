//! What a proxy says of who asks, behind what a client has made up.

use std::net::IpAddr;

use crate::proxy::{Caller, Fields, TrustedProxies};

const PROXY: &str = "10.0.0.1";
const CLIENT: &str = "198.51.100.7";

/// A field as a client sends it: Forwarded, X-Forwarded-For and X-Forwarded-Proto in turn.
pub fn forwarded(data: &[u8]) {
    // As the gate hands it on.
    let text: String = data
        .iter()
        .map(|&byte| {
            if byte.is_ascii() {
                char::from(byte)
            } else {
                '?'
            }
        })
        .collect();
    let nobody = TrustedProxies::default();
    let mut proxies = TrustedProxies::default();
    proxies.trust("10.0.0.0/8").expect("it is a network");
    let (proxy, client) = (address(PROXY), address(CLIENT));
    let said = Some(text.as_str());
    let all = Fields {
        forwarded: said,
        x_forwarded_for: said,
        x_forwarded_proto: said,
    };
    // Whoever is not trusted can say what it likes.
    let Caller {
        address,
        is_secure,
        may_be_many,
    } = nobody.caller(proxy, &all);
    assert!(address == proxy && !is_secure && !may_be_many);
    assert_eq!(proxies.caller(client, &all).address, client);
    assert!(!proxies.caller(proxy, &all).may_be_many);

    // What the proxy has added is read as if it stood alone.
    let behind = |own: &str| format!("{text}, {own}");
    for own in [
        "for=198.51.100.7;proto=http",
        "By=_x;For=\"198.51.100.7:_y\";host=\"a\\\"b,c\"",
    ] {
        let fields = Fields {
            forwarded: Some(&behind(own)),
            ..Fields::default()
        };
        let caller = proxies.caller(proxy, &fields);
        assert!(caller.address == client && !caller.is_secure);
    }
    let fields = Fields {
        x_forwarded_for: Some(&behind(CLIENT)),
        x_forwarded_proto: Some(&behind("http")),
        // Made up, and known for it unless it happens to agree.
        forwarded: said,
    };
    let caller = proxies.caller(proxy, &fields);
    assert!([proxy, client].contains(&caller.address) && !caller.is_secure);
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("it is an address")
}
