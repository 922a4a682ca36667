//! Settings of this process (heap, open files), and background threads.

use std::io;
use std::thread;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Uses one heap for all threads, and returns large blocks to the system as soon as they are freed. musl does both by
/// default. glibc makes up to eight heaps for each processor, each with 64 MiB of address space. If the address space
/// is limited, these heaps can use all of it. glibc can then create no heap, and uses slow system calls (mmap) for each
/// allocation.
#[cfg(target_env = "gnu")]
pub(crate) fn keep_the_heap_small() {
    /// The size in bytes from which a block is large. Without this setting, glibc raises the size when large blocks are
    /// freed.
    const LARGE: libc::c_int = 128 * 1024;
    for (option, value) in [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, LARGE)] {
        // SAFETY: mallopt only sets a number, and there is no other thread yet.
        #[allow(unsafe_code)]
        let _ = unsafe { libc::mallopt(option, value) };
    }
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn keep_the_heap_small() {}

/// Raises the limit of open files as far as the system allows. The usual default is 1024 files, because select(2)
/// supports no more. This program does not use select(2).
pub(crate) fn raise_descriptor_limit() -> rustix::io::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)
}

/// Starts a thread that runs until the process ends.
pub(crate) fn in_background(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // Boxed, so that the code of `spawn` is compiled only once.
    let work: Box<dyn FnOnce() + Send> = Box::new(work);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
}
