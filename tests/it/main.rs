//! Every test of the library and the program: one crate, so that it links once.

#![allow(clippy::too_many_lines)] // A list of steps or a table may be long.
#![allow(clippy::unwrap_used)] // A test that cannot go on fails there.
#![allow(clippy::disallowed_methods)] // Tests do not run on 32-bit machines after 2038.

// The parsers of `http` over random text: no panic, and values survive a round trip.
mod parsers;
// Range selection against a naive model: short files exhaustively, larger sets at random.
mod properties;

// A client, the program as a child process, content: shared by all test crates.
#[path = "../shared/mod.rs"]
mod shared;
// A server in this process, and a client whose errors fail the test.
mod support;

// The built program as a child process.
#[cfg(feature = "cli")]
mod program;

// Request heads at the gate: errors, limits, content that is drained.
mod head;

// Between and during responses: kept, pipelined, half-closed; time limits.
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

// The built program and its environment: a variable for each flag.
#[cfg(feature = "cli")]
mod environment;

// Manual page, completions and default file against `--help`.
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

// Few threads, little address space, few descriptors.
#[cfg(feature = "cli")]
mod scarce;

// Memory that clients can make the program use.
#[cfg(feature = "cli")]
mod memory;

// The shape of the code.
mod structure;

// Runs each row of the tables below over a new and a kept connection.
mod rows;

// Ranges: single, open, suffix, several, malformed, unsatisfiable.
mod range;

// Conditions: tags and dates, alone and together, with ranges; replicas.
mod condition;

// Streams: fields, dates, downloads, mounts.
mod stream;

// Paths out of the folder, hidden names, special files, symlinks, a race.
mod outside;

// A server below a path of a reverse proxy.
mod base_path;

// Parts of a film as a virtual file.
mod cut;

// Subtitles: encodings, conditions, missing files, long files.
mod subtitles;

// Subtitles, chapters and covers inside media files.
mod inside;

// Names of any bytes: listed, linked, followed.
mod names;

// Folders as JSON, also of 20,000 files; a network share that is down.
mod listing;

// Which files are shown: all videos and audio files, no system folders.
mod shown;

// The library page: folders, search, posters, a single video.
mod library;

// The library page of large folders: order, paging, invalid queries, length.
mod paging;

// The player page and the files of all pages, without a browser.
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

// Metrics: values and access.
mod metrics;

// Clients behind a trusted proxy.
mod proxies;
// The OpenAPI description against the server.
mod openapi;

// Refused methods and targets; health and icon.
mod errors;
