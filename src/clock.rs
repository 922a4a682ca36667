//! The current date and time. On 32-bit systems with musl, the standard library stores seconds in 32 bits and panics
//! from 2038 on.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Returns the current time from a 64-bit clock. Use this function instead of [`SystemTime::now`].
pub fn now() -> SystemTime {
    let now = clock_gettime(ClockId::Realtime);
    // A Raspberry Pi has no battery for its clock, so the clock may show any date after a boot. A date before 1970
    // becomes 1970.
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or_default();
    UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}
