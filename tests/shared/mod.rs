//! What all test crates share: a client, the program as a child process, and content. Each crate uses a part of it.

#![allow(dead_code)]

/// An HTTP/1.1 client that is nothing but a socket.
pub(crate) mod client;
/// Content that says where it is.
pub(crate) mod content;
/// A server as a child process, and what `/proc` says about it.
pub(crate) mod process;
/// A response as it came.
pub(crate) mod response;
