//! Contains all integration tests of the library and the program. They are one crate, so the linker runs only once.

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
// Tests wrong methods and targets, `/healthz` and the icon.
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
// Tests paths outside of the folder, hidden names, special files and symlinks.
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
// Tests the program with few threads, few descriptors, or little address space.
#[cfg(feature = "cli")]
mod scarce;
// Contains code that all test crates share: a client, the program as a child process, content of files.
#[path = "../shared/mod.rs"]
mod shared;
// Tests requests from scripts of other origins (CORS).
mod sharing;
mod shown;
// Tests the limits on streams and worker threads.
mod slots;
mod smuggling;
mod stop;
mod stream;
mod structure;
mod subtitles;
#[cfg(feature = "cli")]
mod supervisor;
// Contains a server that runs in this process, and a client that panics on errors.
mod support;
mod tokens;
