//! What `tests/bench` and `tests/soak` have in common: the program as a child process, and content that says where it
//! is. Nothing of HTTP. Each of the two declares it as a module of its own.

/// Content that says where it is.
pub(crate) mod content;
/// A server as a child process, and what `/proc` says about it.
pub(crate) mod process;
