//! Code that all test crates share: a client, the program as a child process, and content. Each crate uses only a
//! part of it.

#![allow(dead_code)]

/// An HTTP/1.1 client on a plain socket.
pub(crate) mod client;
/// Content whose bytes show their position.
pub(crate) mod content;
/// A Matroska file with subtitles, chapters and a cover.
pub(crate) mod matroska;
/// A server as a child process, and its values in `/proc`.
pub(crate) mod process;
/// A received response.
pub(crate) mod response;
