//! Every test of the library and the program: one crate, so that it links once.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.
#![allow(clippy::unwrap_used)] // A test that cannot go on is to fail there.
#![allow(clippy::disallowed_methods)] // The clock of the machine that tests is not the matter.

// Every parser of `http` over random text, and everything that must come back as it went in.
mod parsers;
// What ranges select, against a naive model: a small world exhaustively, larger sets at random.
mod properties;

// A client, the program as a child process, content: what all test crates share.
#[path = "../shared/mod.rs"]
mod shared;
// A server in this process, and a client whose errors fail the test.
mod support;

// The built program as a child process.
#[cfg(feature = "cli")]
mod program;

// Request heads at the gate: what is refused, and how; limits; content that is drained.
mod head;

// Between and during responses: kept, pipelined, half-closed; time limits.
mod connection;

// The end of a server, and who is still answered then.
mod stop;

// Streams and workers: taken, left, stalled, slow, unread.
mod slots;

// Files and folders that change while they are served.
mod change;

// The built program: what it prints, how it ends, what it logs.
#[cfg(feature = "cli")]
mod cli;

// The built program and its environment: a variable for each flag.
#[cfg(feature = "cli")]
mod environment;

// What packages say about the flags: manual page, completions, settings.
#[cfg(feature = "cli")]
mod packaging;

// The built program beneath a service manager: a socket that is handed over, what the manager is told.
#[cfg(feature = "cli")]
mod managed;
// The supervisor of the built program: crashes, signals, folders that are replaced, process 1.
#[cfg(feature = "cli")]
mod supervisor;
// The log of the built program as JSON.
#[cfg(feature = "cli")]
mod json_log;

// The built program in its sandbox.
#[cfg(feature = "cli")]
mod confined;

// Clients that mean harm, or behave as if.
mod attack;

// Requests with two readings: one answer each, or none.
mod heads;
mod smuggling;

// What the system refuses: threads, address space.
#[cfg(feature = "cli")]
mod scarce;

// What clients can make the program hold in memory.
#[cfg(feature = "cli")]
mod memory;

// The shape of the code.
mod structure;

// What every row of the tables below goes through.
mod rows;

// Ranges: single, open, suffix, several; nonsense; what cannot be satisfied.
mod range;

// Conditions: tags and dates, alone and together, with ranges; replicas.
mod condition;

// Streams: fields, dates, downloads, mounts.
mod stream;

// Paths that lead out of the directory, to what is hidden, to what is no file; links; a race.
mod outside;

// A server below a path of a reverse proxy.
mod base_path;

// Subtitles: encodings, conditions, what is not there, long ones.
mod subtitles;

// Names of any bytes: listed, linked, followed.
mod names;

// Folders as JSON, also of 20,000 files; a network share that is down.
mod listing;

// Which files are shown: all videos and songs, no recycle bins.
mod shown;

// The library page: folders, search, posters, the way to a single video.
mod library;

// The library page of large folders: order, paging, odd addresses, length.
mod paging;

// The player page and the files of all pages, without a browser.
mod player;

// The plain index of a folder.
mod index;

// Playlists for players.
mod playlist;

// Files beyond 2^31 and 2^32 bytes.
mod large;

// Scripts of other origins: answers, preflights.
mod sharing;

// Host names that are answered, and those that are not.
mod hosts;

// With a password: what is closed, credentials, guesses.
mod auth;
// With a password: the tokens in URLs.
mod tokens;
// The built program with a password.
#[cfg(feature = "cli")]
mod password;

// What is counted, and who may read it.
mod metrics;

// Clients behind a proxy that is trusted.
mod proxies;
// What the server says of itself to programs, held against what it does.
mod openapi;

// Methods and targets that are refused, and their sentences; health and icon.
mod errors;
