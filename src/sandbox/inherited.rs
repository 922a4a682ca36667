//! Descriptors that whoever started us left open. No layer looks at what is open already: a folder among them leads out
//! of any namespace, a file can be written to. Knows numbers, not what they stand for.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// Behind the standard streams, which are ours to use.
const FIRST: RawFd = 3;

/// Closes them, but for those that this process has taken or opened itself.
///
/// # Errors
///
/// If the system has no way to find them.
pub(super) fn close(kept: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut first = FIRST;
    loop {
        let next = kept.iter().map(AsRawFd::as_raw_fd);
        let next = next.filter(|number| *number >= first).min();
        close_range(first, next.unwrap_or(RawFd::MAX))?;
        match next {
            Some(number) => first = number + 1,
            None => return Ok(()),
        }
    }
}

/// Those from `first` on, before `end`.
fn close_range(first: RawFd, end: RawFd) -> io::Result<()> {
    if first == end {
        return Ok(());
    }
    // SAFETY: nobody in here owns one of them.
    #[allow(unsafe_code)]
    let status = unsafe { libc::syscall(libc::SYS_close_range, first, end - 1, 0) };
    if status == 0 {
        return Ok(());
    }
    // Linux before 5.9.
    let listed: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor >= first && *descriptor < end)
        .collect();
    for descriptor in listed {
        // SAFETY: as above; that of the listing is closed already, which does no harm.
        #[allow(unsafe_code)]
        unsafe {
            rustix::io::close(descriptor);
        }
    }
    Ok(())
}
