//! Sockets that wait in a process that has children.

use std::io;

/// What `call` does, which a signal does not end: a socket with a time limit is not waited for again after one by itself
/// (signal(7)), and the end of a child is one, where the first thread just holds signals back, as it does to make a thread.
pub(crate) fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
