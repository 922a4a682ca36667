//! Contains all integration tests of the library and the program. One crate needs only one run of the linker.

#![allow(clippy::too_many_lines)] // A test may be a long list of steps, or a long table.
#![allow(clippy::unwrap_used)] // A test that cannot continue must fail.
#![allow(clippy::disallowed_methods)] // Tests do not run on 32-bit machines after 2038.

mod attack;
mod auth;
mod base_path;
mod change;
#[cfg(feature = "cli")]
mod cli;
mod condition;
#[cfg(feature = "cli")]
mod confined;
mod connection;
mod cut;
#[cfg(feature = "cli")]
mod environment;
// Refused methods and targets; health and icon.
mod errors;
mod head;
mod heads;
mod hosts;
mod index;
mod inside;
#[cfg(feature = "cli")]
mod json_log;
mod large;
mod library;
mod listing;
#[cfg(feature = "cli")]
mod managed;
#[cfg(feature = "cli")]
mod memory;
mod metrics;
mod names;
mod openapi;
// Paths outside of the folder, hidden names, special files, symlinks.
mod outside;
#[cfg(feature = "cli")]
mod packaging;
mod paging;
mod parsers;
#[cfg(feature = "cli")]
mod password;
mod player;
mod playlist;
#[cfg(feature = "cli")]
mod program;
mod properties;
mod proxies;
mod range;
// Runs each row of a table over a new connection and a keep-alive connection.
mod rows;
// The program with few threads, few descriptors, or little address space.
#[cfg(feature = "cli")]
mod scarce;
// Code that all test crates share: a client, the program as a child process, content of files.
#[path = "../shared/mod.rs"]
mod shared;
// Scripts of other origins (CORS).
mod sharing;
mod shown;
// Stream permits and workers.
mod slots;
mod smuggling;
mod stop;
mod stream;
mod structure;
mod subtitles;
#[cfg(feature = "cli")]
mod supervisor;
// A server in this process, and a client that panics on errors.
mod support;
mod tokens;
