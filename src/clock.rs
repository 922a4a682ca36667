//! The date and time. Knows the system's clock, and where the standard library's cannot be used; nothing of HTTP.
//!
//! On 32-bit systems with musl that one counts seconds in 32 bits and panics from 2038 on. A Raspberry Pi that is set up
//! today may see that year.

use std::time::SystemTime;

/// What the clock says now; use it instead of [`SystemTime::now`].
#[cfg(not(target_pointer_width = "32"))]
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// What the clock says now, in 64 bits; use it instead of [`SystemTime::now`].
#[cfg(target_pointer_width = "32")]
pub fn now() -> SystemTime {
    use std::time::{Duration, UNIX_EPOCH};

    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    // A Pi has no battery for its clock, which may start anywhere. Before 1970 there are no dates for HTTP.
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or_default();
    UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}
