//! Serves the video files of one directory over HTTP/1.1: every browser, TV, player and script of a network can
//! play, seek and download them. Blocking I/O and a pool of worker threads; no async runtime.
//!
//! ```no_run
//! use std::thread;
//! use videoserve::{Config, Server};
//!
//! # fn main() -> Result<(), videoserve::Error> {
//! let server = Server::bind(Config::new("./final").port(0))?;
//! println!("http://{}/", server.local_addr());
//! let handle = server.handle();
//! let running = thread::spawn(move || server.run());
//! // … and when the program ends:
//! handle.stop();
//! running.join().expect("the server does not panic")?;
//! # Ok(())
//! # }
//! ```
//!
//! A runnable version, which serves a file to itself:
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
//! Imports go one way: `server` → `gate`, `handlers` → `route`, `media`, `web` → [`http`], `subtitles`.
//!
//! | module | knows | never knows |
//! |---|---|---|
//! | [`http`] | RFC 9110: ranges, validators, conditions, what a response head says | files, sockets, the clock |
//! | `media` | which names are safe, how files and folders are opened below one directory | HTTP |
//! | `auth` | passwords, tokens, tries that are slowed | requests, the clock |
//! | `clock` | the date and time, also on 32-bit systems after 2038 | what for |
//! | `container` | the heads of MP4 and Matroska files: duration, tracks, codecs | the disk, HTTP, pages |
//! | `subtitles` | encodings, SubRip, WebVTT, what names say about languages | files, HTTP, pages |
//! | `proxy` | which proxies are believed, and what they say about who asks | sockets, what the answer is used for |
//! | `route` | which resource a target is for | whether it exists |
//! | `machine` | what the system says about memory and sockets, before a program confines itself | what becomes of it |
//! | `metrics` | what is counted, and how Prometheus reads it | where the numbers come from |
//! | `web` | pages and listings: data to text | where the data goes |
//! | `gate` | every socket that no worker holds; whole heads only go on from there | files |
//! | `server` | the workers, and what joins the rest | the RFC's rules |
//!
//! What holds everywhere: a name is proved safe once, by its type, and nobody handles a raw path after that. A file
//! is opened once and only its handle is believed. A response is decided before its first byte is sent. After that
//! an error closes the connection, for nothing else tells a client that what it has is not the whole.
//!
//! # Features
//!
//! `cli` (default): what only the program needs. A program that embeds the library wants `default-features = false`.
//! It chooses its own logger: lines go to [`log`], one for each response at level info, target
//! `videoserve::access`. tiny_http says once at the start, at level error, that its accept loop has ended; it is
//! meant to (see `gate/link.rs`), so filter the target `tiny_http`.

// Tables of test cases may be long.
#![cfg_attr(test, allow(clippy::too_many_lines))]

mod access;
mod auth;
#[doc(hidden)]
pub mod clock;
mod config;
mod container;
mod error;
mod gate;
mod handoff;
mod host;
pub mod http;
mod limits;
mod link;
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

/// The examples of the user's manual compile, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
