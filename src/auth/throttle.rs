//! Slows the guessing of passwords. After [`FREE_TRIES`] wrong passwords from a network, its clients must wait. Each
//! further wrong password doubles the wait. The function `network` returns the network of a client.
//!
//! During the wait, the server refuses each new password immediately, without a check. No worker sleeps, because a
//! sleeping worker cannot answer other clients.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use super::key::Signature;
use crate::limits::{
    FREE_TRIES, KNOWN_FREE_TRIES, THROTTLE_ADDRESSES, THROTTLE_FIRST_WAIT, THROTTLE_LONGEST_WAIT,
    THROTTLE_MEMORY,
};

/// Maps an address to the time at which its entry was stored, and to the entry.
type Table<T> = HashMap<IpAddr, (Instant, T)>;

/// The wrong passwords of each network, and the addresses that have sent the correct password.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    networks: Table<Record>,
    known: Table<()>,
}

#[derive(Debug)]
struct Record {
    failures: u32,
    /// The signature of the previous wrong password.
    guess: Signature,
}

impl Throttle {
    /// Returns how long this client must wait before the server checks this guess. Returns `None` if it need not wait.
    pub(super) fn wait(&self, client: IpAddr, guess: &Signature, now: Instant) -> Option<Duration> {
        let (last, record) = unexpired(&self.networks, network(client), now)?;
        // A program with an old password sends the same password again and again. Only a new password is a guess.
        if record.guess == *guess {
            return None;
        }
        let free_tries = match unexpired(&self.known, client.to_canonical(), now) {
            Some(_) => KNOWN_FREE_TRIES,
            None => FREE_TRIES,
        };
        let doublings = record.failures.checked_sub(free_tries)?;
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let wait = THROTTLE_FIRST_WAIT.saturating_mul(factor);
        let until = *last + wait.min(THROTTLE_LONGEST_WAIT);
        let wait = until.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    pub(super) fn record_success(&mut self, client: IpAddr, now: Instant) {
        insert(&mut self.known, client.to_canonical(), (), now);
    }

    pub(super) fn failed(&mut self, client: IpAddr, guess: Signature, now: Instant) {
        let network = network(client);
        let failures = match unexpired(&self.networks, network, now) {
            Some((_, record)) if record.guess == guess => return,
            Some((_, record)) => record.failures.saturating_add(1),
            None => 1,
        };
        insert(&mut self.networks, network, Record { failures, guess }, now);
    }
}

/// Returns the entry of an address, if it is younger than [`THROTTLE_MEMORY`].
fn unexpired<T>(table: &Table<T>, client: IpAddr, now: Instant) -> Option<&(Instant, T)> {
    let entry = table.get(&client);
    entry.filter(|(last, _)| now.saturating_duration_since(*last) < THROTTLE_MEMORY)
}

/// Inserts an entry. If the table is full, removes the oldest entry first.
fn insert<T>(table: &mut Table<T>, client: IpAddr, entry: T, now: Instant) {
    if table.len() >= THROTTLE_ADDRESSES && !table.contains_key(&client) {
        let oldest = table.iter().min_by_key(|(_, (last, _))| *last);
        if let Some(oldest) = oldest.map(|(client, _)| *client) {
            table.remove(&oldest);
        }
    }
    table.insert(client, (now, entry));
}

/// Returns the network of a client: the /48 of a public IPv6 address, otherwise the address itself.
///
/// An attacker can get a whole /48 (RFC 6177). A count for each /64 would give the attacker 65,536 times the free
/// tries. Each local IPv6 address (RFC 4291 §2.5.6, RFC 4193) counts alone. All devices of a home are in one local /48,
/// and the wrong passwords of one device must not make the other devices wait.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) if !address.is_unicast_link_local() && !address.is_unique_local() => {
            let network = u128::from(address) >> 80 << 80;
            Ipv6Addr::from(network).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;

    fn guess(number: u64) -> Signature {
        Key::new([3; 64]).sign_user_pass(&number.to_be_bytes())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Sends different passwords, each as soon as the throttle allows it. Returns the waits in seconds.
    fn waits(throttle: &mut Throttle, client: IpAddr, tries: u64, now: &mut Instant) -> Vec<u64> {
        let mut waits = Vec::new();
        for number in 0..tries {
            let wait = throttle
                .wait(client, &guess(number), *now)
                .unwrap_or_default();
            *now += wait;
            // A repeated password does not count, and needs no wait.
            for _ in 0..2 {
                assert_eq!(throttle.wait(client, &guess(number), *now), None);
                throttle.failed(client, guess(number), *now);
            }
            waits.push(wait.as_secs());
        }
        waits
    }

    #[test]
    fn wait_doubles_with_each_guess() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let here = address("192.0.2.1");
        assert_eq!(
            waits(&mut throttle, here, 16, &mut now),
            [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
        );
        assert_eq!(throttle.wait(address("192.0.2.2"), &guess(0), now), None);
        // The wait ends exactly at `end`.
        let end = now + THROTTLE_LONGEST_WAIT;
        let nearly = end - Duration::from_millis(1);
        assert_eq!(throttle.wait(here, &guess(99), nearly), Some(end - nearly));
        assert_eq!(throttle.wait(here, &guess(99), end), None);
        now += THROTTLE_MEMORY;
        assert_eq!(waits(&mut throttle, here, 6, &mut now)[5], 1);
        // The number of failures does not overflow.
        throttle.networks.get_mut(&here).unwrap().1.failures = u32::MAX;
        let left = throttle.wait(here, &guess(99), now);
        assert_eq!(left, Some(THROTTLE_LONGEST_WAIT));
        throttle.failed(here, guess(99), now);
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        for (one, other, same) in [
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:1:2:3", true),
            ("2001:db8::1", "2001:db8:0:ffff::1", true),
            ("2001:db8::1", "2001:db8:1::1", false),
            ("fe80::1", "fe80::2", false),
            ("febf::1", "febf::2", false),
            ("fec0::1", "fec0::2", true),
            ("fc00::1", "fc00::2", false),
            ("fd12:3456:789a::1", "fd12:3456:789a::2", false),
            ("fe00::1", "fe00::2", true),
            ("::1", "127.0.0.1", false),
        ] {
            let [one, other] = [one, other].map(|it| network(address(it)));
            assert_eq!(one == other, same, "{one} {other}");
        }
    }

    #[test]
    fn address_that_knew_the_password_has_more_free_tries() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let (known, neighbour) = (address("2001:db8::1"), address("2001:db8::2"));
        throttle.record_success(known, now);
        let tries = u64::from(KNOWN_FREE_TRIES) + 3;
        let waited = waits(&mut throttle, known, tries, &mut now);
        let (free, slow) = waited.split_at(waited.len() - 3);
        assert!(free.iter().all(|wait| *wait == 0));
        assert_eq!(slow, [1, 2, 4]);
        // Another address of the same network has not sent the correct password, so it has fewer free tries.
        let left = throttle.wait(neighbour, &guess(999), now);
        assert_eq!(left, Some(THROTTLE_LONGEST_WAIT));
        // After THROTTLE_MEMORY, the throttle has forgotten the correct password.
        now += THROTTLE_MEMORY;
        assert_eq!(waits(&mut throttle, known, 6, &mut now)[5], 1);
    }

    #[test]
    fn full_table_drops_its_oldest_entry() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let client = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..2_000 {
            now += Duration::from_millis(1);
            throttle.failed(client(number), guess(0), now);
            throttle.record_success(client(number), now);
        }
        let Throttle { networks, known } = throttle;
        assert_eq!([networks.len(), known.len()], [THROTTLE_ADDRESSES; 2]);
        let is_kept = |it: &IpAddr| networks.contains_key(it) && known.contains_key(it);
        assert!((2_000 - 1_024..2_000).all(|number| is_kept(&client(number))));
    }
}
