//! The date and time, also on 32-bit systems with musl. There, the standard library counts seconds in 32 bits and panics
//! from 2038 on. A Raspberry Pi that is set up today may see that year.

use std::time::SystemTime;

/// Returns the current time; use it instead of [`SystemTime::now`].
#[cfg(not(target_pointer_width = "32"))]
#[expect(clippy::disallowed_methods, reason = "the only call")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Returns the current time, from a clock of 64 bits; use it instead of [`SystemTime::now`].
#[cfg(target_pointer_width = "32")]
pub fn now() -> SystemTime {
    use std::time::{Duration, UNIX_EPOCH};

    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    // A Pi has no battery for its clock, which may start anywhere. Before 1970 there are no dates for HTTP.
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or_default();
    UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}
