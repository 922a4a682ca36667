//! Settings of this process: heap and open files. Threads that run in the background.

use std::io;
use std::thread;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Sets one heap for all threads, and returns large blocks to the system when they are freed. musl does both by default.
/// glibc makes up to eight heaps for each processor, each with 64 MiB of address space. If the address space is limited,
/// these heaps use all of it, and each allocation then needs system calls.
#[cfg(target_env = "gnu")]
pub(crate) fn keep_the_heap_small() {
    /// Minimum number of bytes of a large block, such as a listing or a page. The default limit of glibc rises when
    /// large blocks are freed.
    const LARGE: libc::c_int = 128 * 1024;
    for (option, value) in [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, LARGE)] {
        // SAFETY: mallopt only sets a number, and there is no other thread yet.
        #[allow(unsafe_code)]
        let _ = unsafe { libc::mallopt(option, value) };
    }
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn keep_the_heap_small() {}

/// Raises the limit of open files as far as the system allows. The default limit is low, because select(2) supports only
/// 1024 files.
pub(crate) fn raise_descriptor_limit() -> rustix::io::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)
}

/// Starts a thread that runs until the process ends.
///
/// # Errors
///
/// If the system provides no thread.
pub(crate) fn in_background(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // Boxed, because the compiler would repeat the code of `spawn` for each closure type.
    let work: Box<dyn FnOnce() + Send> = Box::new(work);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
}
