//! Closes the inherited descriptors.
//!
//! The sandbox does not check descriptors that are already open. Through an inherited folder, the process can leave
//! the mount namespace of the sandbox. An inherited file may be writable.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, RawFd};

/// The first descriptor after the standard streams.
const FIRST: RawFd = 3;

/// Closes all descriptors except the standard streams and `kept`. Call it before this process opens anything.
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
            // SAFETY: nothing in this process owns the descriptor. The list also contains the descriptor of the listing
            // itself. It is already closed, so `close` only returns an error.
            #[allow(unsafe_code)]
            unsafe {
                libc::close(descriptor);
            }
        }
    }
    Ok(())
}
