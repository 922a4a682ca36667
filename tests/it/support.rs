//! A server in this process and a client that is nothing but a socket, so that no error on the wire is hidden.

use std::fmt::Display;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::socket::uninterrupted;
use videoserve::{Config, Error, Handle, Server};

/// No answer of a server that works takes so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A free port of 127.0.0.1; with `TEST_COPYING=blocks`, without `sendfile`.
pub(crate) fn local(dir: &Path) -> Config {
    let sendfile = match std::env::var("TEST_COPYING").as_deref() {
        Ok("blocks") => false,
        Ok(other) => panic!("TEST_COPYING={other}: the only value is blocks"),
        Err(_) => true,
    };
    let config = Config::new(dir).bind([127, 0, 0, 1].into()).port(0);
    config.sendfile(sendfile)
}

/// A server on a free port of 127.0.0.1 over a directory of its own. Stops on drop.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    running: Option<JoinHandle<Result<(), Error>>>,
    dir: tempfile::TempDir,
}

impl TestServer {
    /// With the defaults.
    pub(crate) fn start() -> TestServer {
        TestServer::with(|config| config)
    }

    /// With other settings.
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

    /// Puts a file into the directory, with the folders above it.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A file of that length without a byte on the disk.
    pub(crate) fn sparse_file(&self, name: &str, length: u64) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::File::create(&path).unwrap().set_len(length).unwrap();
        path
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// One request over a connection of its own.
    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Response {
        self.request("GET", target, "")
    }

    /// One request with fields, each with its line end, over a connection of its own.
    #[track_caller]
    pub(crate) fn request(&self, method: &str, target: &str, fields: &str) -> Response {
        self.connect().request(method, target, fields)
    }

    /// Stops the server and waits until it has; what `run` returned.
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
        // A second panic would hide the first.
        assert!(std::thread::panicking() || stopped.is_none_or(|result| result.is_ok()));
    }
}

/// One connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// What was received beyond the last response.
    rest: Vec<u8>,
}

impl Client {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr) -> Client {
        Client::over(TcpStream::connect(address).unwrap())
    }

    /// One that takes next to nothing into its own buffer.
    #[track_caller]
    pub(crate) fn small(address: SocketAddr) -> Client {
        let domain = socket2::Domain::for_address(address);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        socket.connect(&address.into()).unwrap();
        Client::over(socket.into())
    }

    fn over(stream: TcpStream) -> Client {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            rest: Vec::new(),
        }
    }

    /// A whole request without content, and its response.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, target: &str, fields: &str) -> Response {
        self.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        ));
        self.response_to(method)
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The response to a GET, or to anything else that has content.
    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        self.response_to("GET")
    }

    /// Reads one response, exactly as long as RFC 9112 §6.3 says that it is.
    #[track_caller]
    pub(crate) fn response_to(&mut self, method: &str) -> Response {
        let mut response = self.head();
        let bodiless = method == "HEAD" || matches!(response.status, 100 | 204 | 304);
        response.content = if bodiless {
            Vec::new()
        } else if response.field("transfer-encoding") == Some("chunked") {
            self.chunks()
        } else if let Some(length) = response.field("content-length") {
            self.take(length.parse().unwrap())
        } else {
            self.read_to_end()
        };
        response
    }

    /// Reads the head of a response and leaves its content.
    #[track_caller]
    pub(crate) fn head(&mut self) -> Response {
        let end = loop {
            if let Some(end) = self
                .rest
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break end + 4;
            }
            assert!(
                self.receive() > 0,
                "closed in a head: {:?}",
                String::from_utf8_lossy(&self.rest)
            );
        };
        let text = String::from_utf8(self.rest.drain(..end).collect()).unwrap();
        Response::parse(&text)
    }

    /// So many bytes.
    #[track_caller]
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        while self.rest.len() < length {
            assert!(
                self.receive() > 0,
                "closed after {} of {length} bytes",
                self.rest.len()
            );
        }
        self.rest.drain(..length).collect()
    }

    /// So many bytes, or fewer if the connection ends before.
    #[track_caller]
    pub(crate) fn read_at_most(&mut self, length: usize) -> Vec<u8> {
        while self.rest.len() < length && self.receive() > 0 {}
        let length = length.min(self.rest.len());
        self.rest.drain(..length).collect()
    }

    #[track_caller]
    fn chunks(&mut self) -> Vec<u8> {
        let mut content = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = self.rest.windows(2).position(|window| window == b"\r\n") {
                    break String::from_utf8(self.rest.drain(..end + 2).collect()).unwrap();
                }
                assert!(self.receive() > 0, "closed in a chunk size");
            };
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            content.extend(self.take(size));
            assert_eq!(self.take(2), b"\r\n");
            if size == 0 {
                return content;
            }
        }
    }

    /// All that comes until the server closes, or resets, the connection.
    #[track_caller]
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        while self.receive() > 0 {}
        std::mem::take(&mut self.rest)
    }

    /// That the server has closed the connection, and said nothing more.
    #[track_caller]
    pub(crate) fn expect_close(&mut self) {
        let rest = self.read_to_end();
        assert!(
            rest.is_empty(),
            "unexpected {:?}",
            String::from_utf8_lossy(&rest)
        );
    }

    /// Zero when the connection is over.
    #[track_caller]
    fn receive(&mut self) -> usize {
        let mut buffer = [0; 64 * 1024];
        match uninterrupted(|| self.stream.read(&mut buffer)) {
            Ok(received) => {
                self.rest.extend_from_slice(&buffer[..received]);
                received
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("nothing received: {error}"),
        }
    }
}

/// A response as it came.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

impl Response {
    #[track_caller]
    pub(crate) fn parse(head: &str) -> Response {
        let mut lines = head.strip_suffix("\r\n\r\n").unwrap().split("\r\n");
        let status_line = lines.next().unwrap();
        let mut words = status_line.splitn(3, ' ');
        assert_eq!(words.next(), Some("HTTP/1.1"), "{status_line:?}");
        let status = words.next().unwrap().parse().unwrap();
        assert!(!words.next().unwrap().is_empty(), "{status_line:?}");
        let fields = lines
            .map(|line| {
                let (name, value) = line
                    .split_once(": ")
                    .unwrap_or_else(|| panic!("no field line: {line:?}"));
                assert!(!value.contains(char::is_control), "{line:?}");
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        Response {
            status,
            fields,
            content: Vec::new(),
        }
    }

    /// The only value of a field.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self
            .fields
            .iter()
            .filter(|(field, _)| field == name)
            .map(|(_, value)| value.as_str());
        let value = values.next();
        assert!(
            values.next().is_none(),
            "{name} stands twice in {:?}",
            self.fields
        );
        value
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).unwrap()
    }
}

/// Content that says where it is: line n reads `X` and its number, eight bytes each (`X000001\n`).
pub(crate) fn numbered(length: usize) -> Vec<u8> {
    (0..length.div_ceil(8))
        .flat_map(|line| format!("X{line:06}\n").into_bytes())
        .take(length)
        .collect()
}

/// Asks until the answer is yes. For what another thread or process does in its own time.
#[track_caller]
pub(crate) fn eventually(what: impl Display, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
