//! Closes the descriptors that were inherited from the parent process.
//!
//! No layer checks a descriptor that is already open. Through an inherited folder, a process could leave the namespace.
//! It could write to an inherited file.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// The first descriptor after the standard streams, which stay open.
const FIRST: RawFd = 3;

/// Closes the inherited descriptors, except the standard streams and `kept`.
/// [`Confinement::enter`](super::Confinement::enter) calls it. The supervisor, which is not confined, also calls it.
///
/// # Errors
///
/// If the system cannot list the descriptors.
pub(crate) fn close_inherited(kept: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut kept: Vec<RawFd> = kept.iter().map(AsRawFd::as_raw_fd).collect();
    kept.sort_unstable();
    let mut first = FIRST;
    for number in kept {
        close_range(first, number)?;
        first = first.max(number + 1);
    }
    close_range(first, RawFd::MAX)
}

/// Closes the descriptors from `first` to `end`, without `end`.
fn close_range(first: RawFd, end: RawFd) -> io::Result<()> {
    if first >= end {
        return Ok(());
    }
    // SAFETY: nothing in this process owns one of these descriptors.
    #[allow(unsafe_code)]
    let status = unsafe { libc::syscall(libc::SYS_close_range, first, end - 1, 0) };
    if status == 0 {
        return Ok(());
    }
    // Linux before 5.9 has no close_range.
    let listed: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| (first..end).contains(descriptor))
        .collect();
    for descriptor in listed {
        // SAFETY: as above. The descriptor of the listing is already closed; closing it again has no effect.
        #[allow(unsafe_code)]
        unsafe {
            rustix::io::close(descriptor);
        }
    }
    Ok(())
}
