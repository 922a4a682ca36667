//! Serves the video files of one directory over HTTP/1.1, with blocking I/O and a pool of worker threads.

pub mod http;
mod media;
mod route;
mod web;
