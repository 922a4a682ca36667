//! The settings of a server, checked when they are set.

mod origins;

use std::fs::File;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::auth::Credentials;
use crate::base_path::BasePath;
use crate::error::Error;
use crate::host::HostPolicy;
use crate::limits::{Timeouts, memory_limit};
use crate::proxy::TrustedProxies;
use crate::route::Mount;

pub(crate) use origins::Origins;

/// The settings of a [`Server`](crate::Server).
///
/// [`new`](Config::new) returns the defaults of the program. Each setter checks its value, so a `Config` has valid values
/// only.
///
/// ```
/// # fn main() -> Result<(), videoserve::Error> {
/// let config = videoserve::Config::new("/srv/video")
///     .port(0)
///     .mount("/videos")?
///     .cors_origin("https://editor.example")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) dir: PathBuf,
    pub(crate) bind: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) base: BasePath,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) origins: Origins,
    pub(crate) hosts: HostPolicy,
    pub(crate) proxies: TrustedProxies,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) max_streams: usize,
    pub(crate) timeouts: Timeouts,
    pub(crate) sendfile: bool,
    pub(crate) metrics: bool,
    pub(crate) process_status: Option<Arc<File>>,
    /// Bytes that this process may use. Read here, because a program may confine itself before it binds.
    pub(crate) memory: usize,
}

impl Config {
    /// The port to listen on, unless [`port`](Config::port) says otherwise.
    pub const DEFAULT_PORT: u16 = 8001;
    /// The most streams at the same time, unless [`max_streams`](Config::max_streams) says otherwise.
    pub const DEFAULT_MAX_STREAMS: usize = 256;
    /// The time without progress after which a connection is closed, unless [`stall_timeout`](Config::stall_timeout) says
    /// otherwise.
    ///
    /// Firefox leaves a connection alone for up to 58 s while it plays a 1.6 Mbit/s video from its buffer.
    pub const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_secs(90);

    /// The largest [`max_streams`](Config::max_streams): each stream costs a thread and two descriptors.
    pub const MAX_STREAMS_LIMIT: usize = 4096;
    /// The longest [`stall_timeout`](Config::stall_timeout).
    pub const STALL_TIMEOUT_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

    /// Returns the defaults, for the files below `dir`. The directory is opened when the server is bound.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Config {
        Config {
            dir: dir.into(),
            bind: None,
            port: Config::DEFAULT_PORT,
            base: BasePath::default(),
            mounts: Vec::new(),
            origins: Origins::default(),
            hosts: HostPolicy::default(),
            proxies: TrustedProxies::default(),
            credentials: None,
            max_streams: Config::DEFAULT_MAX_STREAMS,
            timeouts: Timeouts {
                stall: Config::DEFAULT_STALL_TIMEOUT,
                ..Timeouts::default()
            },
            sendfile: true,
            metrics: false,
            process_status: None,
            memory: memory_limit(),
        }
    }

    /// Returns the directory that is served.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sets another directory: the path of the same directory changes for a program that changes its root.
    #[must_use]
    pub fn with_dir(mut self, dir: impl Into<PathBuf>) -> Config {
        self.dir = dir.into();
        self
    }

    /// Sets the address to listen on. The default is all addresses, IPv6 and IPv4.
    #[must_use]
    pub fn bind(mut self, address: IpAddr) -> Config {
        self.bind = Some(address);
        self
    }

    /// Sets the TCP port; 0 lets the system choose a free one
    /// (see [`Server::local_addr`](crate::Server::local_addr)).
    #[must_use]
    pub fn port(mut self, port: u16) -> Config {
        self.port = port;
        self
    }

    /// Adds a URL prefix for the streams, beside `/api/stream`.
    ///
    /// # Errors
    ///
    /// If `prefix` does not begin with `/`, names the root, has empty, `.` or `..` segments, covers a path that the
    /// server uses itself, or lies above or below the [base path](Config::base_path).
    pub fn mount(mut self, prefix: &str) -> Result<Config, Error> {
        self.mounts.push(Mount::parse(prefix)?);
        self.check_prefixes()
    }

    /// Sets the path below which a reverse proxy shows the server, such as `/videos`. All URLs that the server writes begin
    /// with it. Requests are answered with it and without it, because some proxies remove it and some do not.
    /// The default is `/`, for a server with a host name of its own.
    ///
    /// # Errors
    ///
    /// As [`mount`](Config::mount); or if a request could mean both this path and a mount.
    pub fn base_path(mut self, path: &str) -> Result<Config, Error> {
        self.base = BasePath::parse(path)?;
        self.check_prefixes()
    }

    fn check_prefixes(self) -> Result<Config, Error> {
        match self.mounts.iter().any(|it| self.base.clashes_with(it)) {
            true => Err(Error::setting(format!(
                "the base path {:?} must neither be a mount nor lie above or below one",
                self.base.url()
            ))),
            false => Ok(self),
        }
    }

    /// Adds an origin whose scripts may read the streams and listings (the CORS protocol of the Fetch standard), such as
    /// `https://editor.example:8443`; or `*` for every origin.
    ///
    /// # Errors
    ///
    /// If `origin` is neither `*` nor a scheme and a host, with a port or without.
    pub fn cors_origin(mut self, origin: &str) -> Result<Config, Error> {
        self.origins.allow(origin)?;
        Ok(self)
    }

    /// Adds a host name to accept, beside addresses, names of one label and names that only a local network can have. A
    /// request for any other name gets 421, because a page of another site can point its own name at this machine (DNS
    /// rebinding).
    ///
    /// # Errors
    ///
    /// If `name` is not a plain host name.
    pub fn allow_host(mut self, name: &str) -> Result<Config, Error> {
        self.hosts.allow(name)?;
        Ok(self)
    }

    /// Adds a proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted: an address such as `192.0.2.1`, or a network
    /// such as `192.0.2.0/24` or `fd00::/8`. By default no address is trusted, because any client can send these fields.
    ///
    /// The client that a trusted proxy names is the one in the log, the one that has a share of the streams and the one
    /// whose wrong passwords are counted. If the client uses HTTPS to the proxy, playlists have `https` addresses.
    ///
    /// # Errors
    ///
    /// If `network` is no address, or the length behind it is 0 or longer than the address.
    pub fn trusted_proxy(mut self, network: &str) -> Result<Config, Error> {
        self.proxies.trust(network)?;
        Ok(self)
    }

    /// Requires this user name and password (HTTP Basic). Without them, only the URLs that our pages contain work, each for
    /// one resource. By default no password is required.
    ///
    /// Basic credentials are readable on the network unless a reverse proxy adds TLS. Wrong ones are throttled for each
    /// network.
    ///
    /// # Errors
    ///
    /// If one of them is empty, has a control character or is very long, or the user name has a colon (RFC 7617). The
    /// message does not show the password.
    pub fn credentials(mut self, user: &str, password: &str) -> Result<Config, Error> {
        self.credentials = Some(Credentials::new(user, password)?);
        Ok(self)
    }

    /// Sets the most streams at the same time; a further request gets 503 at once. Each stream costs a thread, two
    /// descriptors and about 80 KiB, or 350 KiB while a large listing is sent.
    ///
    /// One client (address) gets 16 of them, and beyond that no more than are still free, unless it is on this machine
    /// (loopback). A proxy on another machine is one client unless it is [trusted](Config::trusted_proxy), so it gets half.
    ///
    /// # Errors
    ///
    /// If `streams` is 0 or above [`MAX_STREAMS_LIMIT`](Config::MAX_STREAMS_LIMIT).
    pub fn max_streams(mut self, streams: usize) -> Result<Config, Error> {
        if streams == 0 || streams > Config::MAX_STREAMS_LIMIT {
            return Err(Error::setting(format!(
                "{streams} streams cannot be served: the number must be from 1 to {}",
                Config::MAX_STREAMS_LIMIT
            )));
        }
        self.max_streams = streams;
        Ok(self)
    }

    /// Sets the time without progress after which a connection is closed. Players continue with a range request.
    ///
    /// # Errors
    ///
    /// If `timeout` is below one second or above [`STALL_TIMEOUT_LIMIT`](Config::STALL_TIMEOUT_LIMIT).
    pub fn stall_timeout(mut self, timeout: Duration) -> Result<Config, Error> {
        if timeout < Duration::from_secs(1) || timeout > Config::STALL_TIMEOUT_LIMIT {
            return Err(Error::setting(format!(
                "a stall time-out of {} s cannot be kept: it must be from 1 to {} s",
                timeout.as_secs(),
                Config::STALL_TIMEOUT_LIMIT.as_secs()
            )));
        }
        self.timeouts.stall = timeout;
        Ok(self)
    }

    /// Sets whether ranges from 16 KiB on are sent with `sendfile(2)`; on by default.
    ///
    /// Turn it off where a file system has a defective `sendfile`; and in a program that has given `SIGPIPE` its default
    /// action, because every client that leaves would end it. Rust programs ignore that signal unless they change it.
    #[must_use]
    pub fn sendfile(mut self, on: bool) -> Config {
        self.sendfile = on;
        self
    }

    /// Sets whether `/metrics` is served, in the text format 0.0.4 of Prometheus; off by default. If a password is set, it
    /// is required for this page too.
    #[must_use]
    pub fn metrics(mut self, on: bool) -> Config {
        self.metrics = on;
        self
    }

    /// Sets an open `/proc/self/status`, for a program that confines itself before it binds and then cannot open it.
    /// Without it, [`metrics`](Config::metrics) would lack the memory of the process.
    #[must_use]
    pub fn process_status(mut self, status: File) -> Config {
        self.process_status = Some(Arc::new(status));
        self
    }

    /// Sets all timeouts, for tests that use short ones. Not part of the stable API.
    #[doc(hidden)]
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Config {
        self.timeouts = timeouts;
        self
    }
}
