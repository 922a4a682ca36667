//! The current date and time, also on 32-bit systems with musl. On those systems, the standard library stores seconds
//! in 32 bits and panics from 2038 on. A Raspberry Pi of today may still run then.

use std::time::SystemTime;

/// Returns the current time. Use this function instead of [`SystemTime::now`].
#[cfg(not(target_pointer_width = "32"))]
#[expect(clippy::disallowed_methods, reason = "the only call")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Returns the current time from a 64-bit clock. Use this function instead of [`SystemTime::now`].
#[cfg(target_pointer_width = "32")]
pub fn now() -> SystemTime {
    use std::time::{Duration, UNIX_EPOCH};

    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    // A Pi has no battery for its clock, so the clock may show any date after a boot. HTTP has no dates before 1970.
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or_default();
    UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}
