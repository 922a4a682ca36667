//! The addresses of this machine.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Returns the addresses of this machine. A phone most likely reaches the first address.
pub(crate) fn by_likely_use() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        log::warn!("cannot list the addresses of this machine: {error}");
        Vec::new()
    });
    let interfaces = interfaces.into_iter().map(|it| (it.ip(), it.name));
    sorted(interfaces.collect(), address_in_use())
}

/// Sorts addresses. Each address has the name of its interface beside it.
///
/// The order: hardware interfaces before virtual interfaces; IPv4 before IPv6; the interface and address of the default
/// route before others; private before public addresses. If all this is equal, the order of the system remains.
fn sorted(mut interfaces: Vec<(IpAddr, String)>, in_use: Option<IpAddr>) -> Vec<IpAddr> {
    let is_in_use = |(address, _): &&(IpAddr, String)| Some(*address) == in_use;
    let lan = interfaces.iter().find(is_in_use);
    let lan = lan.map(|(_, name)| name.clone());
    interfaces.sort_by_key(|(address, name)| {
        (
            is_virtual(name),
            address.is_ipv6(),
            Some(name) != lan.as_ref(),
            Some(*address) != in_use,
            !is_private(*address),
        )
    });
    interfaces.into_iter().map(|(address, _)| address).collect()
}

/// Returns whether an interface with this name usually belongs to a tunnel, containers or virtual machines.
fn is_virtual(name: &str) -> bool {
    const STARTS: &str =
        "tun tap wg tailscale zt docker podman veth virbr vmnet vboxnet lxc lxdbr cni ppp";
    // The name of a Docker bridge is `br-` and twelve hexadecimal digits. `br-lan` is the network of a router.
    let is_bridge_of_docker = name
        .strip_prefix("br-")
        .is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_bridge_of_docker || STARTS.split(' ').any(|start| name.starts_with(start))
}

/// Returns whether an address is private (RFC 1918 and RFC 4193).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// Returns the source address of the default route, if there is one. Connecting a UDP socket looks up the route and
/// sends no packet.
fn address_in_use() -> Option<IpAddr> {
    // No network uses this address (RFC 5737), so the system takes the default route.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::sorted;

    /// Each row has the interfaces, the address of the default route, and the first addresses of the result.
    #[test]
    fn addresses_of_the_lan_come_first() {
        for row in [
            "10.0.0.9 eth1, 192.168.1.20 eth0 | 192.168.1.20 | 192.168.1.20 10.0.0.9",
            // A tunnel has the default route.
            "10.8.0.2 tun0, 192.168.1.20 eth0 | 10.8.0.2 | 192.168.1.20 10.8.0.2",
            "10.2.0.2 wg0, 100.64.0.7 tailscale0, 192.168.1.20 wlan0 | 10.2.0.2 | 192.168.1.20",
            // A hotspot has no default route.
            "172.17.0.1 docker0, 10.42.0.1 wlan0 | | 10.42.0.1 172.17.0.1",
            "172.18.0.1 br-0123456789ab, 192.168.8.1 br-lan | | 192.168.8.1",
            "192.168.122.1 virbr0, 192.168.9.9 eth0, 192.168.1.1 eth1 | | 192.168.9.9 192.168.1.1",
            // A private address comes before a public address, but the address of the default route comes first.
            "203.0.113.9 eth0, 192.168.1.20 eth0 | | 192.168.1.20",
            "192.168.1.20 eth1, 203.0.113.9 eth0 | 203.0.113.9 | 203.0.113.9 192.168.1.20",
            // IPv6 of the LAN comes before IPv4 of containers.
            "172.17.0.1 docker0, fd00::7 eth0, 192.168.1.20 eth0 | | 192.168.1.20 fd00::7 172.17.0.1",
            "172.17.0.1 docker0, fd00::7 eth0 | | fd00::7 172.17.0.1",
        ] {
            let [interfaces, in_use, first] =
                [0, 1, 2].map(|part| row.split('|').nth(part).unwrap().trim());
            let parse = |line: &str| {
                let (address, name) = line.trim().split_once(' ').unwrap();
                (address.parse().unwrap(), name.to_owned())
            };
            let interfaces = interfaces.split(',').map(parse).collect();
            let sorted = sorted(interfaces, in_use.parse().ok());
            let sorted: Vec<String> = sorted.iter().map(IpAddr::to_string).collect();
            assert!(sorted.join(" ").starts_with(first), "{row}: {sorted:?}");
        }
    }
}
