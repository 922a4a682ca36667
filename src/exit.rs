//! The exit codes of the program. The manual page lists them.

/// The server could not start: the port is taken, the folder is missing, the system refuses a thread.
pub(crate) const FAILURE: u8 = 1;
/// An option, a variable or a value is wrong. Programs usually exit with 2 in this case.
pub(crate) const USAGE: u8 = 2;
/// The server cannot continue, but a new server can start: the folder was replaced, or the link to tiny_http broke.
pub(crate) const RESTART: u8 = 3;

/// The exit code of a process that `signal` ended, as a shell reports it.
pub(crate) fn by_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
