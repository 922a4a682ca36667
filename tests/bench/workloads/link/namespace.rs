use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

use rustix::process::geteuid;

use crate::Result;

/// What the link does to packets on their way to the client.
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// The words behind `tc qdisc add dev … root`.
    pub(super) discipline: &'static [&'static str],
}

/// A network of its own for one server, with a link to ours. It vanishes with this value.
pub(super) struct Namespace {
    name: String,
    number: u8,
}

/// The name of the server's end of the link.
const DEVICE: &str = "eth0";

impl Namespace {
    pub(super) fn make(number: u8, shape: &Shape) -> Result<Self> {
        if !geteuid().is_root() {
            return Err("only root can make a network namespace".into());
        }
        let name = format!("videoserve-bench-{number}");
        let made = Self { name, number };
        // What a run has left that was killed.
        made.remove();
        let (name, device) = (made.name.as_str(), made.device());
        let (near, far) = (made.near(), made.address());
        ip(&["netns", "add", name])?;
        ip(&[
            "link", "add", &device, "type", "veth", "peer", "name", DEVICE, "netns", name,
        ])?;
        ip(&["addr", "add", &format!("{near}/30"), "dev", &device])?;
        ip(&["link", "set", &device, "up"])?;
        ip(&[
            "-n",
            name,
            "addr",
            "add",
            &format!("{far}/30"),
            "dev",
            DEVICE,
        ])?;
        // One packet is one packet: a link that loses 64 KiB at a time, or lets them through at once, there is not.
        ip(&["-n", name, "link", "set", DEVICE, "up", "gso_max_segs", "1"])?;
        let mut words = vec!["-n", name, "qdisc", "add", "dev", DEVICE, "root"];
        words.extend(shape.discipline);
        run("tc", &words)?;
        Ok(made)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> IpAddr {
        Ipv4Addr::new(10, 231, self.number, 2).into()
    }

    /// Best effort: an error says that it is not there.
    fn remove(&self) {
        // The kernel takes its time with a namespace, and the link would keep its name until then.
        let _ = ip(&["link", "del", &self.device()]);
        let _ = ip(&["netns", "del", &self.name]);
    }

    /// Our end of the link.
    fn device(&self) -> String {
        format!("videoserve-b{}", self.number)
    }

    fn near(&self) -> IpAddr {
        Ipv4Addr::new(10, 231, self.number, 1).into()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.remove();
    }
}

fn ip(words: &[&str]) -> Result<()> {
    run("ip", words)
}

fn run(program: &str, words: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(words)
        .output()
        .map_err(|error| format!("cannot run {program} (package iproute2): {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().next().unwrap_or_default();
    Err(format!("`{program} {}`: {line}", words.join(" ")).into())
}
