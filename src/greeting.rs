//! The start-up lines: the folder, the URLs, and a QR code if standard output is a terminal.

mod addresses;

pub(crate) use addresses::by_likely_use as addresses;

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use qrcodegen::{QrCode, QrCodeEcc};

/// Returns the URL of the server for programs on this machine.
pub(crate) fn local_url(listening: SocketAddr) -> String {
    let here = match listening.ip() {
        address if address == Ipv4Addr::UNSPECIFIED => Ipv4Addr::LOCALHOST.to_string(),
        // `localhost` also works on a machine that has only IPv4 or only IPv6.
        address if address.is_unspecified() => "localhost".to_owned(),
        address => host(address),
    };
    format!("http://{here}:{}/", listening.port())
}

/// Returns the start-up lines.
///
/// `addresses` are the addresses of this machine. If `is_managed`, a service manager opened the socket, and `--bind`
/// has no effect. `notes` are the lines about the sandbox and the password.
pub(crate) fn text(
    dir: &Path,
    listening: SocketAddr,
    addresses: &[IpAddr],
    terminal: bool,
    is_managed: bool,
    notes: &str,
) -> String {
    let port = listening.port();
    let lan = lan_addresses(listening.ip(), addresses);
    let here = match listening.ip() {
        ip if ip.is_unspecified() || ip.is_ipv4() && ip.is_loopback() => "localhost".to_owned(),
        ip => host(ip),
    };
    let mut text = String::new();
    // The QR code comes first, so the URLs are directly above the prompt.
    if let (true, Some(first)) = (terminal, lan.first()) {
        text.push_str(&qr_code(&format!("http://{}:{port}/", host(*first))));
    }
    // Control characters in the name of a folder must not move the cursor.
    let dir = dir.to_string_lossy().replace(char::is_control, "\u{fffd}");
    let _ = writeln!(text, "Serving {dir}");
    let _ = writeln!(text, "  on this machine  http://{here}:{port}/");
    for (number, address) in lan.iter().enumerate() {
        let label = if number == 0 { "on the network" } else { "" };
        let _ = writeln!(text, "  {label:15}  http://{}:{port}/", host(*address));
    }
    if listening.ip().is_loopback() {
        text.push_str(match is_managed {
            true => "  only for this machine\n",
            false => "  only for this machine; leave --bind out for the network\n",
        });
    }
    let _ = writeln!(text, "  {notes}");
    if terminal {
        text.push_str("Press Ctrl-C to stop.\n");
    }
    text
}

/// Returns the addresses that other machines can use. Leaves out link-local IPv6 addresses, because they need the name
/// of an interface, which a URL cannot contain.
fn lan_addresses(listening: IpAddr, addresses: &[IpAddr]) -> Vec<IpAddr> {
    let candidates = match listening.is_unspecified() {
        true => addresses,
        false => &[listening],
    };
    let is_usable = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_loopback(),
        IpAddr::V6(address) => {
            listening.is_ipv6() && !address.is_loopback() && !address.is_unicast_link_local()
        }
    };
    candidates.iter().copied().filter(is_usable).collect()
}

fn host(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Returns a QR code as text. Each character shows two modules (pixels), one above the other. The standard requires an
/// empty border of four modules. The text sets its own colours, so the code is readable on light and dark terminals.
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
    use super::{local_url, text};
    use std::net::IpAddr;
    use std::path::Path;

    fn lines(listening: &str, terminal: bool) -> Vec<String> {
        let addresses = "127.0.0.1 192.168.1.20 10.0.0.2 ::1 fe80::1 fd00::7".split(' ');
        let addresses: Vec<IpAddr> = addresses.map(|text| text.parse().unwrap()).collect();
        let dir = Path::new("/srv/a\u{1b}b");
        let listening = listening.parse().unwrap();
        let text = text(dir, listening, &addresses, terminal, false, "confined");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_url_has_the_real_port() {
        assert_eq!(
            lines("[::]:8001", false),
            [
                "Serving /srv/a\u{fffd}b",
                "  on this machine  http://localhost:8001/",
                "  on the network   http://192.168.1.20:8001/",
                "                   http://10.0.0.2:8001/",
                "                   http://[fd00::7]:8001/",
                "  confined",
            ]
        );
        assert_eq!(lines("0.0.0.0:80", false).len(), 5);
        let only_here = "  only for this machine; leave --bind out for the network";
        for (listening, here, next) in [
            ("127.0.0.1:9", "localhost:9", only_here),
            ("[::1]:9", "[::1]:9", only_here),
            (
                "192.168.1.20:9",
                "192.168.1.20:9",
                "  on the network   http://192.168.1.20:9/",
            ),
        ] {
            let here = format!("  on this machine  http://{here}/");
            assert_eq!(lines(listening, false)[1..3], [&*here, next]);
        }
    }

    #[test]
    fn local_url_of_any_listener_reaches_it() {
        for (listening, host) in [
            ("[::]:80", "localhost"),
            ("0.0.0.0:80", "127.0.0.1"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("192.168.1.20:80", "192.168.1.20"),
        ] {
            assert_eq!(
                local_url(listening.parse().unwrap()),
                format!("http://{host}:80/")
            );
        }
    }

    #[test]
    fn qr_code_is_drawn_only_on_a_terminal() {
        let blocks = |lines: &[String]| lines.iter().filter(|line| line.contains('█')).count();
        assert_eq!(blocks(&lines("[::]:8001", false)), 0);
        assert!(blocks(&lines("[::]:8001", true)) > 12);
        assert_eq!(blocks(&lines("127.0.0.1:9", true)), 0);
    }
}
