//! What the tests that run the program have in common: the program as a child process, content that says where it is, and
//! how to wait beside children. Nothing of HTTP. Each declares what it uses as a module of its own.

/// Content that says where it is.
pub(crate) mod content;
/// A server as a child process, and what `/proc` says about it.
pub(crate) mod process;
/// Sockets that wait beside children.
pub(crate) mod socket;
