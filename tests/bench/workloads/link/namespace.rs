use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

use rustix::process::geteuid;

use super::relay::{Carried, Relay};
use super::tunnel;
use super::wire::Shape;
use crate::Result;

/// A network of its own for one server, with a link to ours. It vanishes with this value.
pub(super) struct Namespace {
    name: String,
    number: u8,
    /// Nothing until the devices are there.
    relay: Option<Relay>,
}

/// How many packets a device holds until the relay takes them: more than come while the machine does something else.
const HELD: &str = "2000";

impl Namespace {
    /// The server's way to the client is under this congestion control.
    pub(super) fn make(number: u8, shape: Shape, congestion: &str) -> Result<Self> {
        if !geteuid().is_root() {
            return Err("only root can make a network namespace".into());
        }
        let mut made = Self {
            name: format!("videoserve-bench-{number}"),
            number,
            relay: None,
        };
        // What a run has left that was killed.
        made.remove();
        let (name, near, far) = (&made.name, made.near_device(), made.far_device());
        let (client, server) = (made.client().to_string(), made.address().to_string());
        run("ip", &["netns", "add", name])?;
        let near_file = tunnel::open(&near)?;
        let far_file = tunnel::open(&far)?;
        run("ip", &["link", "set", &far, "netns", name])?;
        let within = |words: &[&str]| run("ip", &[&["-n", name], words].concat());

        run("ip", &["addr", "add", &client, "dev", &near])?;
        run("ip", &["link", "set", &near, "up", "txqueuelen", HELD])?;
        run("ip", &["route", "add", &server, "dev", &near])?;
        within(&["addr", "add", &server, "dev", &far])?;
        within(&["link", "set", &far, "up", "txqueuelen", HELD])?;
        // The route says it, since a namespace may not choose everything that the system has.
        let route = ["route", "add", &client, "dev", &far];
        within(&[&route[..], &["congctl", congestion]].concat())?;
        made.relay = Some(Relay::start(far_file, near_file, shape));
        Ok(made)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> IpAddr {
        Ipv4Addr::new(10, 231, self.number, 2).into()
    }

    /// Ends the link; says what it has carried, and how many packets it has not even seen.
    pub(super) fn end(mut self) -> Result<(Carried, u64)> {
        let dropped = |device: &str| format!("/sys/class/net/{device}/statistics/tx_dropped");
        let near = std::fs::read_to_string(dropped(&self.near_device()))?;
        let far = dropped(&self.far_device());
        let far = run("ip", &["netns", "exec", &self.name, "cat", &far])?;
        let unseen = near.trim().parse::<u64>()? + far.trim().parse::<u64>()?;
        let relay = self.relay.take().ok_or("the link has no relay")?;
        Ok((relay.stop()?, unseen))
    }

    /// Best effort: an error says that it is not there. The devices go with the relay.
    fn remove(&self) {
        let _ = run("ip", &["netns", "del", &self.name]);
    }

    fn near_device(&self) -> String {
        format!("videoserve-c{}", self.number)
    }

    fn far_device(&self) -> String {
        format!("videoserve-s{}", self.number)
    }

    /// The client's address.
    fn client(&self) -> IpAddr {
        Ipv4Addr::new(10, 231, self.number, 1).into()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.relay = None;
        self.remove();
    }
}

/// What the program prints, if it succeeds.
fn run(program: &str, words: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(words)
        .output()
        .map_err(|error| format!("cannot run {program} (package iproute2): {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().next().unwrap_or_default();
    Err(format!("`{program} {}`: {line}", words.join(" ")).into())
}
