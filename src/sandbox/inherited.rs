//! Closes the descriptors that were inherited from the parent process.
//!
//! No layer checks a descriptor that is already open. Through an inherited folder, a process could leave the namespace.
//! It could write to an inherited file.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, RawFd};

/// The first descriptor after the standard streams, which stay open.
const FIRST: RawFd = 3;

/// Closes the inherited descriptors, except the standard streams and `kept`. Call it before this process opens anything.
///
/// # Errors
///
/// If the system cannot list the descriptors.
pub(crate) fn close_inherited(kept: Option<&impl AsRawFd>) -> io::Result<()> {
    let kept = kept.map(AsRawFd::as_raw_fd);
    let open: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open {
        if descriptor >= FIRST && Some(descriptor) != kept {
            // SAFETY: nothing in this process owns the descriptor. That of the listing is already closed; closing it
            // again has no effect.
            #[allow(unsafe_code)]
            unsafe {
                libc::close(descriptor);
            }
        }
    }
    Ok(())
}
