//! Serves the video files of one directory over HTTP/1.1, with blocking I/O and a pool of worker threads.

pub mod http;
#[allow(dead_code, unused_imports)]
mod media;
mod route;
#[allow(dead_code, unused_imports)]
mod web;
