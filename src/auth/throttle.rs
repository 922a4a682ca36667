//! How fast somebody may guess: after a few wrong passwords from an address, each one more costs a wait that doubles.
//!
//! Nobody is made to wait here: a worker that slept for each try would be a gift to who wants them all asleep. Knows
//! addresses and times as they are handed in, and has room for so many only.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use super::key::Signature;
use crate::limits::{
    FREE_TRIES, THROTTLE_ADDRESSES, THROTTLE_FIRST_WAIT, THROTTLE_LONGEST_WAIT, THROTTLE_MEMORY,
};

/// Who guessed, and when.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    clients: HashMap<IpAddr, Record>,
}

#[derive(Debug)]
struct Record {
    failures: u32,
    last: Instant,
    /// What was wrong then.
    guess: Signature,
}

impl Throttle {
    /// How long this client has to wait until its next guess is looked at.
    pub(super) fn wait(&self, client: IpAddr, guess: &Signature, now: Instant) -> Option<Duration> {
        let record = self.clients.get(&network(client))?;
        // The same again, as from a program that was given a wrong password, is known to be wrong, and tries nothing.
        if record.guess == *guess {
            return None;
        }
        let until = record.last + record.wait();
        let wait = until.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes that this was wrong.
    pub(super) fn failed(&mut self, client: IpAddr, guess: Signature, now: Instant) {
        let client = network(client);
        let is_fresh =
            |record: &Record| now.saturating_duration_since(record.last) < THROTTLE_MEMORY;
        if self.clients.get(&client).is_some_and(|it| !is_fresh(it)) {
            self.clients.remove(&client);
        }
        if let Some(record) = self.clients.get_mut(&client) {
            if record.guess != guess {
                record.failures = record.failures.saturating_add(1);
                record.last = now;
                record.guess = guess;
            }
            return;
        }
        if self.clients.len() >= THROTTLE_ADDRESSES {
            self.make_room(is_fresh);
        }
        let record = Record {
            failures: 1,
            last: now,
            guess,
        };
        self.clients.insert(client, record);
    }

    fn make_room(&mut self, is_fresh: impl Fn(&Record) -> bool) {
        self.clients.retain(|_, record| is_fresh(record));
        if self.clients.len() >= THROTTLE_ADDRESSES
            && let Some((&oldest, _)) = self.clients.iter().min_by_key(|(_, record)| record.last)
        {
            self.clients.remove(&oldest);
        }
    }
}

impl Record {
    fn wait(&self) -> Duration {
        let Some(doublings) = self.failures.checked_sub(FREE_TRIES) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        THROTTLE_FIRST_WAIT
            .saturating_mul(factor)
            .min(THROTTLE_LONGEST_WAIT)
    }
}

/// Sites get up to a /48 of IPv6 (RFC 6177), and anybody gets one for nothing from a tunnel broker: its addresses count as
/// one. By /64, he would have 65,536 times the free tries, and this table would forget him before he is through.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
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

    const SECOND: Duration = Duration::from_secs(1);

    fn guess(number: u64) -> Signature {
        Key::new([3; 64]).sign_user_pass(&number.to_be_bytes())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// A client that guesses another password whenever it may, and how long it had to wait each time.
    fn waits(throttle: &mut Throttle, client: IpAddr, tries: u64, now: &mut Instant) -> Vec<u64> {
        let mut waits = Vec::new();
        for number in 0..tries {
            let wait = throttle
                .wait(client, &guess(number), *now)
                .unwrap_or_default();
            *now += wait;
            assert_eq!(throttle.wait(client, &guess(number), *now), None);
            throttle.failed(client, guess(number), *now);
            waits.push(wait.as_secs());
        }
        waits
    }

    #[test]
    fn waits_double() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let here = address("192.0.2.1");
        assert_eq!(
            waits(&mut throttle, here, 16, &mut now),
            [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
        );
        // Others are not held up.
        assert_eq!(throttle.wait(address("192.0.2.2"), &guess(0), now), None);
        // To the moment, and forgotten only after a while without a guess.
        let end = now + THROTTLE_LONGEST_WAIT;
        let nearly = end - Duration::from_millis(1);
        assert_eq!(throttle.wait(here, &guess(99), nearly), Some(end - nearly));
        assert_eq!(throttle.wait(here, &guess(99), end), None);
        now += THROTTLE_MEMORY;
        assert_eq!(waits(&mut throttle, here, 6, &mut now)[5], 1);
        // However often.
        let record = Record {
            failures: u32::MAX,
            last: now,
            guess: guess(0),
        };
        assert_eq!(record.wait(), THROTTLE_LONGEST_WAIT);
    }

    /// A program with an old password asks again and again; a player over three connections at once.
    #[test]
    fn the_same_again_is_no_further_guess() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let here = address("192.0.2.1");
        for second in 0..100 {
            let now = now + SECOND * second;
            assert_eq!(throttle.wait(here, &guess(0), now), None);
            throttle.failed(here, guess(0), now);
        }
        let mut later = now + SECOND * 100;
        assert_eq!(
            waits(&mut throttle, here, 6, &mut later)[1..],
            [0, 0, 0, 0, 1]
        );
        // Also while other guesses wait.
        assert!(throttle.wait(here, &guess(6), later).is_some());
        assert_eq!(throttle.wait(here, &guess(5), later), None);
    }

    #[test]
    fn addresses_of_one_client() {
        for (one, other, same) in [
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:1:2:3", true),
            ("2001:db8::1", "2001:db8:0:ffff::1", true),
            ("2001:db8::1", "2001:db8:1::1", false),
            ("::1", "127.0.0.1", false),
        ] {
            assert_eq!(
                network(address(one)) == network(address(other)),
                same,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn the_table_is_bounded() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let client = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..2_000 {
            now += Duration::from_millis(1);
            throttle.failed(client(number), guess(0), now);
            assert!(throttle.clients.len() <= THROTTLE_ADDRESSES);
        }
        // The oldest made room.
        assert!(!throttle.clients.contains_key(&client(2_000 - 1_025)));
        assert!(throttle.clients.contains_key(&client(2_000 - 1_024)));
        // All that is forgotten does.
        throttle.failed(client(0), guess(0), now + THROTTLE_MEMORY);
        assert_eq!(throttle.clients.len(), 1);
    }
}
