//! Shared by all test crates: a client, the program as a child process, and content. Each crate uses a part of it.

#![allow(dead_code)]

/// An HTTP/1.1 client on a plain socket.
pub(crate) mod client;
/// Content whose bytes show their position.
pub(crate) mod content;
/// Matroska files with texts, chapters and covers.
pub(crate) mod matroska;
/// A server as a child process, and its figures in `/proc`.
pub(crate) mod process;
/// A response.
pub(crate) mod response;
