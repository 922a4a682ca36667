//! Locks a mutex.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks and ignores poisoning, because a panic cannot leave the data behind the locks of this crate inconsistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
