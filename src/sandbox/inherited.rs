//! Descriptors that whoever started us left open. No layer looks at what is open already: a folder among them leads out
//! of any namespace, a file can be written to. Knows numbers, not what they stand for.

use std::fs;
use std::io;
use std::os::fd::RawFd;

/// Behind the standard streams, which are ours to use.
const FIRST: RawFd = 3;

/// Closes them, before this process has opened any of its own.
///
/// # Errors
///
/// If the system has no way to find them.
pub(super) fn close() -> io::Result<()> {
    // SAFETY: nobody in here owns one yet.
    #[allow(unsafe_code)]
    let status = unsafe { libc::syscall(libc::SYS_close_range, FIRST, RawFd::MAX, 0) };
    if status == 0 {
        return Ok(());
    }
    // Linux before 5.9.
    let listed: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor >= FIRST)
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
