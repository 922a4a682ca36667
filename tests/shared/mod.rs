//! Code that all test crates share: a client, the program as a child process, and content.

#![allow(dead_code)] // Each crate uses only a part.

pub(crate) mod client;
pub(crate) mod content;
pub(crate) mod matroska;
pub(crate) mod process;
pub(crate) mod response;
