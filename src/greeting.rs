//! What the program says when it starts: the folder, the URLs, and on a terminal a QR code for the phone.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use qrcodegen::{QrCode, QrCodeEcc};

/// The start-up lines.
pub(crate) fn text(dir: &Path, listening: SocketAddr, terminal: bool) -> String {
    let interfaces: Vec<IpAddr> = match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            log::warn!("cannot list the addresses of this machine: {error}");
            Vec::new()
        }
    };
    compose(dir, listening, &interfaces, terminal)
}

fn compose(dir: &Path, listening: SocketAddr, interfaces: &[IpAddr], terminal: bool) -> String {
    let port = listening.port();
    let lan = lan_addresses(listening.ip(), interfaces);
    let here = match listening.ip() {
        address if address.is_unspecified() || address.is_loopback() && address.is_ipv4() => {
            "localhost".to_owned()
        }
        address => host(address),
    };
    // Control characters in a folder's name must not move the cursor.
    let dir: String = dir
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    let mut text = format!("Serving {dir}\n  on this machine  http://{here}:{port}/\n");
    for (number, address) in lan.iter().enumerate() {
        let label = if number == 0 {
            "on the network  "
        } else {
            "                "
        };
        let _ = writeln!(text, "  {label} http://{}:{port}/", host(*address));
    }
    if let (true, Some(first)) = (terminal, lan.first()) {
        text.push_str(&qr_code(&format!("http://{}:{port}/", host(*first))));
    }
    if terminal {
        text.push_str("Press Ctrl-C to stop.\n");
    }
    text
}

/// Addresses that other machines can use, IPv4 first since it is shorter to type.
fn lan_addresses(listening: IpAddr, interfaces: &[IpAddr]) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = if listening.is_unspecified() {
        let family = |address: &IpAddr| listening.is_ipv6() || address.is_ipv4();
        interfaces
            .iter()
            .copied()
            .filter(family)
            .filter(is_reachable)
            .collect()
    } else {
        [listening].into_iter().filter(is_reachable).collect()
    };
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses.dedup();
    addresses
}

/// A link-local IPv6 address needs the name of the other side's interface, which no URL can hold.
fn is_reachable(address: &IpAddr) -> bool {
    let link_local = matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
    !address.is_loopback() && !link_local
}

fn host(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Two modules a character, in half blocks, with the quiet zone of four modules that the standard asks for. Colours
/// are set, so that it can be read on light and on dark terminals.
fn qr_code(url: &str) -> String {
    const QUIET: i32 = 4;
    let Ok(code) = QrCode::encode_text(url, QrCodeEcc::Low) else {
        return String::new();
    };
    let light = |x, y| !code.get_module(x, y);
    let mut text = String::from("\n");
    for y in (-QUIET..code.size() + QUIET).step_by(2) {
        text.push_str("  \x1b[97;40m");
        for x in -QUIET..code.size() + QUIET {
            text.push(match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push_str("\x1b[0m\n");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::compose;
    use std::net::IpAddr;
    use std::path::Path;

    fn lines(listening: &str, terminal: bool) -> Vec<String> {
        let interfaces: Vec<IpAddr> = [
            "127.0.0.1",
            "::1",
            "fe80::1",
            "fd00::7",
            "192.168.1.20",
            "10.0.0.2",
        ]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
        let text = compose(
            Path::new("/srv/a\u{1b}b"),
            listening.parse().unwrap(),
            &interfaces,
            terminal,
        );
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn names_every_url_with_the_real_port() {
        assert_eq!(
            lines("[::]:8001", false),
            [
                "Serving /srv/a\u{fffd}b",
                "  on this machine  http://localhost:8001/",
                "  on the network   http://10.0.0.2:8001/",
                "                   http://192.168.1.20:8001/",
                "                   http://[fd00::7]:8001/",
            ]
        );
        assert_eq!(lines("0.0.0.0:80", false).len(), 4);
        assert_eq!(
            lines("127.0.0.1:9", false)[1..],
            ["  on this machine  http://localhost:9/"]
        );
        assert_eq!(
            lines("[::1]:9", false)[1..],
            ["  on this machine  http://[::1]:9/"]
        );
        assert_eq!(
            lines("192.168.1.20:9", false)[1..],
            [
                "  on this machine  http://192.168.1.20:9/",
                "  on the network   http://192.168.1.20:9/"
            ]
        );
    }

    #[test]
    fn draws_a_code_on_a_terminal_only() {
        let blocks = |lines: &[String]| lines.iter().filter(|line| line.contains('█')).count();
        assert_eq!(blocks(&lines("[::]:8001", false)), 0);
        assert!(blocks(&lines("[::]:8001", true)) > 12);
        assert_eq!(blocks(&lines("127.0.0.1:9", true)), 0);
    }
}
