//! Every test of the library and the program: one crate, so that it links once.

#![allow(clippy::unwrap_used)] // A test that cannot go on is to fail there.

// Every parser of `http` over random text, and everything that must come back as it went in.
mod parsers;
// What ranges select, against a naive model: a small world exhaustively, larger sets at random.
mod properties;

// A server in this process, a raw client, files that say where they are.
mod support;

// The built program as a child process.
#[cfg(feature = "cli")]
mod program;

// Request heads at the gate: what is refused, and how; limits; content that is drained.
mod head;

// Between and during responses: kept, pipelined, left, stalled, stopped; time limits.
mod connection;

// Files and folders that change while they are served.
mod change;

// The built program: what it prints, how it ends, what it logs.
#[cfg(feature = "cli")]
mod cli;

// Clients that mean harm, or behave as if.
mod attack;
