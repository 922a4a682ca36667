//! Serves the video files of one directory over HTTP/1.1. Browsers, TVs, players and scripts on the network can play,
//! seek and download them. The server uses blocking I/O and worker threads, without an async runtime.
//!
//! An example that serves a file to itself:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dir = std::env::temp_dir().join(format!("videoserve-example-{}", std::process::id()));
//! std::fs::create_dir_all(&dir)?;
//! std::fs::write(dir.join("clip.mp4"), b"0123456789")?;
//!
//! let config = videoserve::Config::new(&dir).bind("127.0.0.1".parse()?).port(0);
//! let server = videoserve::Server::bind(config)?;
//! let (address, handle) = (server.local_addr(), server.handle());
//! let running = std::thread::spawn(move || server.run());
//!
//! let mut client = TcpStream::connect(address)?;
//! write!(client, "GET /api/stream/clip.mp4 HTTP/1.1\r\nHost: {address}\r\nRange: bytes=3-5\r\nConnection: close\r\n\r\n")?;
//! let mut response = String::new();
//! client.read_to_string(&mut response)?;
//! assert!(response.starts_with("HTTP/1.1 206 Partial Content\r\n"));
//! assert!(response.contains("Content-Range: bytes 3-5/10\r\n"));
//! assert!(response.ends_with("\r\n\r\n345"));
//!
//! handle.stop();
//! running.join().expect("the server does not panic")?;
//! std::fs::remove_dir_all(&dir)?;
//! # Ok(())
//! # }
//! ```
//!
//! # The code
//!
//! A module imports only modules below it in this list. `tests/it/structure.rs` checks this, and that files do not
//! import each other in a cycle.
//!
//! | module | task |
//! |---|---|
//! | `server` | handles requests: `worker` (one request), `pool` (threads), `permits`, `router`, `handlers`, `response`, `errors`, `send` |
//! | `gate` | the thread that owns the listener and every connection that no worker holds; parses request heads; stops the server (`shutdown`) |
//! | `handoff`, `link` | connections on the way between gate and workers; the request queue of tiny_http |
//! | `config` | settings and their defaults, such as the number of streams |
//! | `web` | pages, listings, playlists: data → text |
//! | `base_path` | URLs below the path that a reverse proxy publishes |
//! | `route` | target → resource |
//! | `media` | safe names, the directory, listings, files beside a video |
//! | `cut` | parts of an MP4 file as a virtual MP4 file |
//! | `container` | contents of MP4 and Matroska files: bytes → values |
//! | `subtitles` | text of any encoding → WebVTT; the language in the name of a file |
//! | `auth`, `proxy`, `host` | passwords and tokens; the client behind a proxy; allowed host names |
//! | `metrics`, `access`, `clock` | counters; the access log; the time, also on 32-bit systems after 2038 |
//! | `error`, `limits` | errors of settings and start; limits and timeouts that are not settings |
//! | `fold`, `lock` | text in lower case without accents, for comparisons; a mutex without poisoning |
//! | [`http`] | RFC 9110 as values: ranges, validators, preconditions, response heads |
//!
//! The program (`src/main.rs`) is above this list. Its modules are `cli`, `sandbox`, `supervisor`, `systemd`,
//! `greeting` and `logging`. On SIGTERM, it calls [`Handle::stop`].
//!
//! `server` describes the steps of one request.
//!
//! Invariants: a ticket is claimed at most once. A connection has one request at a time. A name is checked once, and
//! its type then guarantees that it is safe. A file is opened once, and all later steps use this handle. The server
//! decides the whole response before it sends the first byte. After the first byte, an error can only close the
//! connection. A panic ends only one connection.
//!
//! # Features
//!
//! `cli` (default): the dependencies of the program. To embed the library, use `default-features = false`.
//!
//! The library writes to [`log`]: one line for each response, at level info, target `videoserve::access`. tiny_http
//! logs one harmless error at the start (see `link.rs`), so filter the target `tiny_http`.

// Tables of test cases may be long.
#![cfg_attr(test, allow(clippy::too_many_lines))]

mod access;
mod auth;
mod base_path;
#[doc(hidden)]
pub mod clock;
mod config;
mod container;
mod cut;
mod error;
mod fold;
mod gate;
mod handoff;
mod host;
pub mod http;
mod limits;
mod link;
mod lock;
mod media;
mod metrics;
#[doc(hidden)]
pub mod parsers;
mod proxy;
mod route;
mod server;
mod subtitles;
mod web;

pub use config::Config;
pub use error::{Error, ErrorKind};
#[doc(hidden)]
pub use limits::Timeouts;
pub use server::{Handle, Server};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
