//! Memory that answers may take together, where one answer may take megabytes. Knows numbers only: whoever takes
//! memory says how much.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many may wait for their share at a time: the others' workers are for those that can be answered.
const QUEUE: usize = 4;
/// And for how long.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many bytes, to be shared.
#[derive(Debug)]
pub(super) struct Purse {
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Debug)]
struct State {
    left: usize,
    waiting: usize,
}

/// The right to so many of them. Given back on drop.
#[derive(Debug)]
pub(super) struct Share {
    purse: Arc<Purse>,
    bytes: usize,
}

impl Purse {
    pub(super) fn new(bytes: usize) -> Arc<Purse> {
        Arc::new(Purse {
            state: Mutex::new(State {
                left: bytes,
                waiting: 0,
            }),
            given_back: Condvar::new(),
        })
    }

    /// So many bytes, if there are as many.
    pub(super) fn claim(self: &Arc<Purse>, bytes: usize) -> Option<Share> {
        self.take(&mut self.lock(), bytes)
    }

    /// The same after a moment perhaps, unless too many wait.
    pub(super) fn wait_for(self: &Arc<Purse>, bytes: usize) -> Option<Share> {
        let mut state = self.lock();
        if state.left < bytes && state.waiting < QUEUE {
            state.waiting += 1;
            state = self
                .given_back
                .wait_timeout_while(state, PATIENCE, |state| state.left < bytes)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.waiting -= 1;
        }
        self.take(&mut state, bytes)
    }

    fn take(self: &Arc<Purse>, state: &mut State, bytes: usize) -> Option<Share> {
        state.left = state.left.checked_sub(bytes)?;
        Some(Share {
            purse: Arc::clone(self),
            bytes,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.purse.lock().left += self.bytes;
        self.purse.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_not_there_until_it_is_given_back() {
        let purse = Purse::new(10);
        assert!(purse.claim(11).is_none());
        let share = purse.claim(6).unwrap();
        assert!(purse.claim(5).is_none());
        let rest = purse.claim(4).unwrap();
        assert!(purse.claim(1).is_none());
        drop(rest);
        assert!(purse.claim(5).is_none());
        drop(share);
        assert!(purse.claim(10).is_some());
    }

    #[test]
    fn somebody_waits_for_what_is_given_back() {
        let purse = Purse::new(10);
        let share = purse.claim(10).unwrap();
        let waiting = {
            let purse = Arc::clone(&purse);
            std::thread::spawn(move || purse.wait_for(10).is_some())
        };
        std::thread::sleep(Duration::from_millis(50));
        drop(share);
        assert!(waiting.join().unwrap());
        let _share = purse.claim(1).unwrap();
        assert!(purse.wait_for(10).is_none());
    }
}
