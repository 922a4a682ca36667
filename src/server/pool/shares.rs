//! Who has how many of the streams, and who may have one more. Knows addresses and numbers.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::proxy::Caller;

/// What everybody may have, however few are free: the connections of a browser, or of a download manager.
const ALWAYS: usize = 16;

/// The streams of a server.
#[derive(Debug)]
pub(super) struct Shares {
    limit: usize,
    taken: usize,
    /// Only who has some.
    holders: HashMap<IpAddr, usize>,
}

impl Shares {
    pub(super) fn new(limit: usize) -> Shares {
        Shares {
            limit,
            taken: 0,
            holders: HashMap::new(),
        }
    }

    /// Whether there is one for this client. Beyond what everybody may have, nobody has more than are still free: the
    /// first may take half of them, the next one half of the rest, and whoever opens hundreds of connections, by a defect
    /// or by intent, leaves some to the others.
    ///
    /// Who may stand for many has as many as are free.
    pub(super) fn has_one_for(&self, caller: Caller) -> bool {
        let free = self.limit.saturating_sub(self.taken);
        let held = self.held_by(caller.address);
        free > 0 && (held < ALWAYS.max(free) || caller.may_be_many)
    }

    pub(super) fn take(&mut self, caller: Caller) {
        self.taken += 1;
        *self.holders.entry(caller.address).or_default() += 1;
    }

    pub(super) fn give_back(&mut self, caller: Caller) {
        self.taken = self.taken.saturating_sub(1);
        if let Some(held) = self.holders.get_mut(&caller.address) {
            *held -= 1;
            if *held == 0 {
                self.holders.remove(&caller.address);
            }
        }
    }

    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    fn held_by(&self, client: IpAddr) -> usize {
        self.holders.get(&client).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{Fields, TrustedProxies};

    fn client(number: u8) -> Caller {
        caller([192, 168, 1, number].into())
    }

    fn caller(address: IpAddr) -> Caller {
        TrustedProxies::default().caller(address, &Fields::default())
    }

    /// As many as it gets.
    fn takes_all_it_can(shares: &mut Shares, client: Caller) -> usize {
        let mut count = 0;
        while shares.has_one_for(client) {
            shares.take(client);
            count += 1;
        }
        count
    }

    #[test]
    fn nobody_takes_all() {
        let mut shares = Shares::new(256);
        let taken: Vec<usize> = (1..=9)
            .map(|number| takes_all_it_can(&mut shares, client(number)))
            .collect();
        assert_eq!(taken, [128, 64, 32, 16, 16, 0, 0, 0, 0]);
    }

    #[test]
    fn few_streams_are_for_whoever_comes_first() {
        for limit in [1, 2, 16] {
            let mut shares = Shares::new(limit);
            assert_eq!(takes_all_it_can(&mut shares, client(1)), limit);
            assert!(!shares.has_one_for(client(2)));
        }
    }

    #[test]
    fn a_proxy_on_this_machine_has_all_of_them() {
        for proxy in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let mut shares = Shares::new(256);
            let caller = caller(proxy.parse().unwrap());
            assert_eq!(takes_all_it_can(&mut shares, caller), 256);
        }
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let mut shares = Shares::new(40);
        assert_eq!(takes_all_it_can(&mut shares, client(1)), 20);
        shares.give_back(client(1));
        assert!(shares.has_one_for(client(1)));
        for _ in 0..19 {
            shares.give_back(client(1));
        }
        assert!(shares.holders.is_empty());
        assert_eq!(takes_all_it_can(&mut shares, client(2)), 20);
    }
}
