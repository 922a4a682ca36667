//! The exit codes of the program. The manual page lists them.

/// The server could not start: for example, the port is in use or the folder is missing.
pub(crate) const FAILURE: u8 = 1;
/// An option, a variable or a value is wrong. Many programs use the code 2 for wrong arguments.
pub(crate) const USAGE: u8 = 2;
/// The media folder was removed or replaced, or the internal connection to tiny_http broke. A service manager should
/// start the program again.
pub(crate) const RESTART: u8 = 3;

/// Returns the exit code that a shell reports if `signal` ended the process.
pub(crate) fn by_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
