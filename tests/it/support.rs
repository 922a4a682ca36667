//! A server in this process, and a client that panics on errors.

use std::fmt::Display;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use videoserve::{Config, Error, Handle, Server};

use crate::shared::client;
pub(crate) use crate::shared::client::TIMEOUT;
use crate::shared::content::content;
pub(crate) use crate::shared::response::Response;

/// Returns a configuration for a free port of 127.0.0.1. The variable `TEST_COPYING=blocks` turns `sendfile` off.
pub(crate) fn local(dir: &Path) -> Config {
    let sendfile = match std::env::var("TEST_COPYING").as_deref() {
        Ok("blocks") => false,
        Ok(other) => panic!("TEST_COPYING={other}: the only value is blocks"),
        Err(_) => true,
    };
    let config = Config::new(dir).bind([127, 0, 0, 1].into()).port(0);
    config.sendfile(sendfile)
}

/// A server on a free port of 127.0.0.1, with its own folder. Stops on drop.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    running: Option<JoinHandle<Result<(), Error>>>,
    dir: tempfile::TempDir,
}

impl TestServer {
    pub(crate) fn start() -> TestServer {
        TestServer::with(|config| config)
    }

    /// Starts a server with the settings that `change` returns.
    pub(crate) fn with(change: impl FnOnce(Config) -> Config) -> TestServer {
        let dir = tempfile::tempdir().unwrap();
        let config = change(local(dir.path()));
        let server = Server::bind(config).unwrap();
        let (address, handle) = (server.local_addr(), server.handle());
        let running = Some(std::thread::spawn(move || server.run()));
        TestServer {
            address,
            handle,
            running,
            dir,
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file below the folder, and creates its parent folders.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn sparse_file(&self, name: &str, length: u64) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::File::create(&path).unwrap().set_len(length).unwrap();
        path
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Response {
        self.request("GET", target, "")
    }

    /// Sends a request over a new connection. `fields` are lines with CRLF.
    #[track_caller]
    pub(crate) fn request(&self, method: &str, target: &str, fields: &str) -> Response {
        self.connect().request(method, target, fields)
    }

    /// Stops the server. Returns the result of `run`.
    pub(crate) fn stop(&mut self) -> Option<Result<(), Error>> {
        self.handle.stop();
        self.running
            .take()
            .map(|running| running.join().expect("the server panicked"))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let stopped = self.stop();
        // During a panic, the result is not checked, because a second panic aborts the whole test program.
        assert!(std::thread::panicking() || stopped.is_none_or(|result| result.is_ok()));
    }
}

/// A [`client::Client`] that panics on errors. The message shows the first 300 bytes of the last call of `send`.
#[derive(Debug)]
pub(crate) struct Client {
    inner: client::Client,
    sent: String,
}

impl Deref for Client {
    type Target = client::Client;

    fn deref(&self) -> &client::Client {
        &self.inner
    }
}

impl DerefMut for Client {
    fn deref_mut(&mut self) -> &mut client::Client {
        &mut self.inner
    }
}

impl Client {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr) -> Client {
        Client::over(client::Client::connect(address))
    }

    #[track_caller]
    pub(crate) fn connect_small(address: SocketAddr) -> Client {
        Client::over(client::Client::connect_small(address))
    }

    #[track_caller]
    fn over(inner: io::Result<client::Client>) -> Client {
        Client {
            inner: inner.expect("the server accepts a connection"),
            sent: String::new(),
        }
    }

    #[track_caller]
    fn checked<T>(&self, result: io::Result<T>) -> T {
        result.unwrap_or_else(|error| panic!("{error}, after {:?}", self.sent))
    }

    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, target: &str, fields: &str) -> Response {
        self.send(client::request(method, target, fields));
        self.response_to(method)
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.sent = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
        let sent = self.inner.send(bytes);
        self.checked(sent);
    }

    /// Reads the response to any request except HEAD.
    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        self.response_to("GET")
    }

    #[track_caller]
    pub(crate) fn response_to(&mut self, method: &str) -> Response {
        let response = self.inner.response_to(method);
        check_status_line(self.checked(response))
    }

    #[track_caller]
    pub(crate) fn read_head(&mut self) -> Response {
        let head = self.inner.read_head();
        check_status_line(self.checked(head))
    }

    #[track_caller]
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        let bytes = self.inner.take(length);
        self.checked(bytes)
    }

    #[track_caller]
    pub(crate) fn read_at_most(&mut self, length: usize) -> Vec<u8> {
        let bytes = self.inner.take_at_most(length);
        self.checked(bytes)
    }

    #[track_caller]
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let bytes = self.inner.read_to_end();
        self.checked(bytes)
    }

    /// Checks that the server sends no more bytes and closes the connection.
    #[track_caller]
    pub(crate) fn expect_close(&mut self) {
        let rest = self.read_to_end();
        let shown = String::from_utf8_lossy(&rest);
        assert!(rest.is_empty(), "{shown:?} came after {:?}", self.sent);
    }
}

/// Checks that the status line has the version HTTP/1.1 and a reason phrase.
#[track_caller]
pub(crate) fn check_status_line(response: Response) -> Response {
    let line = response.head.lines().next().unwrap_or_default();
    assert!(line.starts_with("HTTP/1.1 ") && line.len() > 13, "{line:?}");
    response
}

/// Returns the first `length` bytes of [`content`].
pub(crate) fn numbered(length: usize) -> Vec<u8> {
    content(0, length)
}

/// Waits until a condition is true. Panics after [`TIMEOUT`].
#[track_caller]
pub(crate) fn eventually(name: impl Display, mut is_true: impl FnMut() -> bool) {
    let until = Instant::now() + TIMEOUT;
    while !is_true() {
        assert!(Instant::now() < until, "{name}: not within {TIMEOUT:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
