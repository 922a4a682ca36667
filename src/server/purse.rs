//! Memory that answers may take together, where one answer may take megabytes. Knows numbers only: whoever takes
//! memory says how much.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many bytes, to be shared.
#[derive(Debug)]
pub(super) struct Purse {
    left: Mutex<usize>,
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
            left: Mutex::new(bytes),
        })
    }

    /// So many bytes, if there are as many.
    pub(super) fn claim(self: &Arc<Purse>, bytes: usize) -> Option<Share> {
        let mut left = self.lock();
        *left = left.checked_sub(bytes)?;
        Some(Share {
            purse: Arc::clone(self),
            bytes,
        })
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        *self.purse.lock() += self.bytes;
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
}
