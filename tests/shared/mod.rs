//! Code that several test crates share: a client, the program as a child process, and the content of test files.

#![allow(dead_code)] // Each crate uses only a part of this code.

pub(crate) mod client;
pub(crate) mod content;
pub(crate) mod matroska;
pub(crate) mod process;
pub(crate) mod response;
