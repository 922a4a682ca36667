//! Contains all integration tests of the library and the program. They are one crate, so that the linker runs only
//! once.

#![allow(clippy::too_many_lines)] // A test may be a long list of steps, or a long table.
#![allow(clippy::unwrap_used)] // A test that cannot continue must fail.
#![allow(clippy::disallowed_methods)] // Tests do not run on 32-bit machines after 2038.

// The parsers of `http` with random text: no panic, and a printed value parses to the same value.
mod parsers;
// Range selection, compared with a simple model.
mod properties;

// Code that all test crates share: a client, the program as a child process, content of files.
#[path = "../shared/mod.rs"]
mod shared;
// A server in this process, and a client that panics on errors.
mod support;

// The built program as a child process.
#[cfg(feature = "cli")]
mod program;

// Request heads at the gate: errors, limits, content that is drained.
mod head;

// Connections between and during responses: keep-alive, pipelining, half-close; time limits.
mod connection;

// The stop of a server, and which clients are still answered.
mod stop;

// Stream permits and workers: limits, disconnects, stalled and slow clients.
mod slots;

// Files and folders that change while they are served.
mod change;

// The built program: output, exit codes, log.
#[cfg(feature = "cli")]
mod cli;

// The environment variables of the built program.
#[cfg(feature = "cli")]
mod environment;

// Manual page, completions, default file and README, compared with `--help`.
#[cfg(feature = "cli")]
mod packaging;

// The built program under a service manager: socket activation, readiness messages.
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

// Attacks and misbehaving clients.
mod attack;

// Requests that two parsers could read differently.
mod heads;
mod smuggling;

// The program with few threads, little address space or few descriptors.
#[cfg(feature = "cli")]
mod scarce;

// Memory that clients can make the program use.
#[cfg(feature = "cli")]
mod memory;

// The shape of the code.
mod structure;

// Runs each row of a table over a new connection and a keep-alive connection.
mod rows;

// Ranges: single, open, suffix, several, malformed, unsatisfiable.
mod range;

// Conditional requests: tags, dates, both together, with ranges; replicas.
mod condition;

// Streams: fields, dates, downloads, mounts.
mod stream;

// Paths outside of the folder, hidden names, special files, symlinks, a race.
mod outside;

// A server below a path of a reverse proxy.
mod base_path;

// Cuts: parts of a film as one virtual file.
mod cut;

// Subtitles: encodings, conditions, missing files, long files.
mod subtitles;

// Subtitles, chapters and covers inside media files.
mod inside;

// File names with any bytes, in listings and links.
mod names;

// JSON listings, also of 20,000 files; a network share that is down.
mod listing;

// Which files the library shows: all videos and audio files, no system folders.
mod shown;

// The library page: folders, search, posters, a single video.
mod library;

// The library page of large folders: order, paging, invalid queries, length.
mod paging;

// The player page, and the scripts and styles of all pages, without a browser.
mod player;

// The plain index of a folder.
mod index;

// Playlists for players.
mod playlist;

// Files beyond 2^31 and 2^32 bytes.
mod large;

// Scripts of other origins (CORS): responses, preflights.
mod sharing;

// Allowed host names.
mod hosts;

// With a password: protected paths, credentials, throttling.
mod auth;
// With a password: the tokens in URLs.
mod tokens;
// The built program with a password.
#[cfg(feature = "cli")]
mod password;

// Metrics: their values, and which requests may read them.
mod metrics;

// Clients behind a trusted proxy.
mod proxies;
// The OpenAPI description, compared with the responses of the server.
mod openapi;

// Refused methods and targets; health and icon.
mod errors;
