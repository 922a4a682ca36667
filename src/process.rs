//! Settings of this process: heap and open files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Sets one heap for all threads, and returns large blocks to the system when they are freed, as musl does by itself. glibc
/// would make eight heaps for each processor, of 64 MiB of address space each. Where address space is limited they take
/// all of it, and each allocation becomes a system call or two.
#[cfg(target_env = "gnu")]
pub(crate) fn keep_the_heap_small() {
    /// Bytes from which on a block is large: a listing or a page. glibc would raise its own limit with what is freed.
    const LARGE: libc::c_int = 128 * 1024;
    for (option, value) in [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, LARGE)] {
        // SAFETY: sets a number; there is no other thread yet.
        #[allow(unsafe_code)]
        let _ = unsafe { libc::mallopt(option, value) };
    }
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn keep_the_heap_small() {}

/// Raises the limit of open files as far as the system allows. A shell's limit is for programs that use select(2).
pub(crate) fn raise_descriptor_limit() -> rustix::io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )
}
