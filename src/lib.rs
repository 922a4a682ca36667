//! Serves the video files of one directory over HTTP/1.1. Browsers, TVs, players and scripts on the network can play,
//! seek and download them. The server uses blocking I/O and worker threads, without an async runtime.
//!
//! In this example, one program runs the server and downloads three bytes of a file from it:
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
//! A module imports only its own submodules, and modules below it in this table. `tests/it/structure.rs` checks this.
//!
//! | module | task |
//! |---|---|
//! | `server` | Answers requests: `worker` handles one request, `pool` has the threads, `errors` has the texts of errors, `send` writes responses. |
//! | `gate` | Owns the listener and every connection that no worker holds. Parses request heads. `shutdown` ends the server. |
//! | `handoff` | Contains the requests that wait for a worker, and the connections that workers return to the gate. |
//! | `link` | Connects the gate to the request queue of tiny_http. |
//! | `config` | Settings and their defaults, such as the number of streams. |
//! | `web` | Makes pages, listings and playlists from data. |
//! | `base_path` | The URL prefix under which a reverse proxy serves this server. |
//! | `route` | Finds the resource for a request target. |
//! | `media` | Safe names, the directory, listings, and the files beside a video. |
//! | `cut` | Makes a virtual MP4 file from parts of an MP4 file. |
//! | `container` | Reads the contents of MP4 and Matroska files. |
//! | `subtitles` | Converts subtitles of any encoding to WebVTT. Finds the language in a file name. |
//! | `auth` | The password, and the tokens of signed URLs. |
//! | `proxy` | Finds the client behind trusted proxies. |
//! | `host` | The host names that the server accepts. |
//! | `metrics` | The numbers of `/metrics`. |
//! | `access` | The access log. |
//! | `clock` | The current time, also after 2038 on 32-bit systems. |
//! | `error` | Errors of settings and of the start. |
//! | `limits` | Limits and timeouts that no flag sets. |
//! | `fold` | Removes case and accents from text, for comparisons. |
//! | `lock` | Locks a mutex. |
//! | [`http`] | RFC 9110: ranges, validators, preconditions, response heads. |
//!
//! The program uses the library and has more modules. `main.rs` runs the server process. `supervisor` runs the parent
//! process, which restarts the server process. `cli` reads the flags, `sandbox` confines the process, `systemd` reports
//! to the service manager, `greeting` prints the start-up lines, `logging` writes the log, and `exit` lists the exit
//! codes.
//!
//! The head of `src/server/mod.rs` lists the steps of one request.
//!
//! Invariants: a connection has one request at a time. A request is handled at most once. A file name is checked once,
//! and after that its type (`MediaName`) guarantees that it is safe. A file is opened once, and all later steps use the
//! open handle. The server decides status and fields of a response before it sends the first byte. After the first
//! byte, the server can report an error only by closing the connection. A panic ends only one connection.
//!
//! # Features
//!
//! `cli` (default): the dependencies of the program. To embed the library, use `default-features = false`.
//!
//! The library writes to [`log`]: one line for each response, at level info, target `videoserve::access`. tiny_http
//! logs one harmless error at the start, so hide the target `tiny_http`.

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
