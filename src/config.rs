//! The settings of a server. Each setter checks its value.

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
use crate::route::{Mount, plain_segments};

pub(crate) use origins::Origins;

/// The settings of a [`Server`](crate::Server).
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
    /// The open `/proc/self/status`, if `metrics` is set.
    pub(crate) process_status: Option<Arc<File>>,
    /// The number of bytes of memory that this process may use. [`new`](Config::new) reads this limit from the system.
    /// A sandbox that starts after `new` may hide the limit.
    pub(crate) memory: usize,
}

impl Config {
    /// The default of [`port`](Config::port).
    pub const DEFAULT_PORT: u16 = 8001;
    /// The default of [`max_streams`](Config::max_streams).
    pub const DEFAULT_MAX_STREAMS: usize = 256;
    /// The default of [`stall_timeout`](Config::stall_timeout).
    ///
    /// While Firefox plays a video from its buffer, it reads nothing for up to 58 s. So the default must be above 58 s.
    pub const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_secs(90);

    /// The maximum of [`max_streams`](Config::max_streams).
    pub const MAX_STREAMS_LIMIT: usize = 4096;
    /// The maximum of [`stall_timeout`](Config::stall_timeout).
    pub const STALL_TIMEOUT_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

    /// Returns the default settings for the files below `dir`. [`Server::bind`](crate::Server::bind) opens the
    /// directory.
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

    /// Returns the directory to serve.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sets the directory to serve. A program calls this function after it has changed its root directory (chroot),
    /// because the directory then has another path.
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

    /// Sets the TCP port. With 0, the system chooses a free port (see
    /// [`Server::local_addr`](crate::Server::local_addr)).
    #[must_use]
    pub fn port(mut self, port: u16) -> Config {
        self.port = port;
        self
    }

    /// Adds a URL prefix for the streams, in addition to `/api/stream`.
    ///
    /// # Errors
    ///
    /// Returns an error if `prefix` does not begin with `/`, is the root, or has empty, `.` or `..` segments. It also
    /// returns an error if `prefix` hides a path of the server. `prefix` must not be the
    /// [base path](Config::base_path), and must not be above or below it.
    pub fn mount(mut self, prefix: &str) -> Result<Config, Error> {
        let refuse = |cause| Error::setting(format!("{prefix:?} cannot be mounted: {cause}"));
        self.mounts.push(plain_segments(prefix).map_err(refuse)?);
        self.check_prefixes()
    }

    /// Sets the URL prefix of the server at a reverse proxy, such as `/videos`. All URLs that the server writes begin
    /// with this prefix. The server accepts requests with and without the prefix, because some proxies remove it. The
    /// default is `/`.
    ///
    /// # Errors
    ///
    /// `/` is valid. For other values, returns an error in the same cases as [`mount`](Config::mount). It also returns
    /// an error if a segment begins with a dot or is too long.
    pub fn base_path(mut self, path: &str) -> Result<Config, Error> {
        self.base = BasePath::parse(path)?;
        self.check_prefixes()
    }

    fn check_prefixes(self) -> Result<Config, Error> {
        let base = &self.base.segments;
        let overlaps = |mount: &Mount| base.iter().zip(mount).all(|(one, other)| one == other);
        match !base.is_empty() && self.mounts.iter().any(overlaps) {
            true => Err(Error::setting(format!(
                "the base path {:?} must not be a mount, and must not be above or below a mount",
                self.base.url
            ))),
            false => Ok(self),
        }
    }

    /// Adds an origin whose scripts may read the streams and listings (CORS), such as `https://editor.example:8443`.
    /// `*` means every origin.
    ///
    /// # Errors
    ///
    /// The valid forms are `*`, `SCHEME://HOST` and `SCHEME://HOST:PORT`. Returns an error for any other form.
    pub fn cors_origin(mut self, origin: &str) -> Result<Config, Error> {
        self.origins.allow(origin)?;
        Ok(self)
    }

    /// Adds a host name that the server accepts. The server always accepts IP addresses, names without a dot, and names
    /// of local networks, such as `nas.local`. A request for any other name gets 421. Without this check, a web page
    /// can point its own host name at this machine, and read the files (DNS rebinding).
    ///
    /// # Errors
    ///
    /// Returns an error if `name` is not a plain host name.
    pub fn allow_host(mut self, name: &str) -> Result<Config, Error> {
        self.hosts.allow(name)?;
        Ok(self)
    }

    /// Adds a proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted. `network` is an address such as
    /// `192.0.2.1`, or a network such as `192.0.2.0/24` or `fd00::/8`. By default, no address is trusted, because any
    /// client can send these fields.
    ///
    /// For a request from this proxy, the server takes the client address from X-Forwarded-For. The log shows this
    /// address. Each client address has its own limit of streams and its own count of wrong passwords. If the client
    /// uses HTTPS to the proxy, playlists contain `https` URLs.
    ///
    /// # Errors
    ///
    /// Returns an error if `network` is not an address, or if the prefix length is 0 or longer than the address.
    pub fn trusted_proxy(mut self, network: &str) -> Result<Config, Error> {
        self.proxies.trust(network)?;
        Ok(self)
    }

    /// Requires this user name and password (HTTP Basic). By default, no password is required. Pages, playlists and
    /// listings contain signed URLs, which need no password. Each signed URL opens one resource.
    ///
    /// Without TLS, other computers on the network can read the password. The server limits the rate of wrong passwords
    /// for each network.
    ///
    /// # Errors
    ///
    /// Returns an error if the user name or the password is empty, or contains a control character. It also returns an
    /// error if both together have more than 1024 bytes, or if the user name contains a colon (RFC 7617). The error
    /// does not contain the password.
    pub fn credentials(mut self, user: &str, password: &str) -> Result<Config, Error> {
        self.credentials = Some(Credentials::new(user, password)?);
        Ok(self)
    }

    /// Sets the maximum number of simultaneous streams. A request beyond this number gets 503. Each stream needs a
    /// thread, two descriptors and about 80 KiB of memory, or 350 KiB while it sends a large listing.
    ///
    /// Each client address may have 16 streams. It gets its 17th stream if at least 17 streams are free, its 18th
    /// stream if at least 18 streams are free, and so on. Clients on this machine (loopback) have no such limit. All
    /// clients behind a proxy on another machine count as one client, if the proxy is not
    /// [trusted](Config::trusted_proxy).
    ///
    /// # Errors
    ///
    /// Returns an error if `streams` is 0 or above [`MAX_STREAMS_LIMIT`](Config::MAX_STREAMS_LIMIT).
    pub fn max_streams(mut self, streams: usize) -> Result<Config, Error> {
        if streams == 0 || streams > Config::MAX_STREAMS_LIMIT {
            return Err(Error::setting(format!(
                "{streams} is not a valid number of streams: it must be from 1 to {}",
                Config::MAX_STREAMS_LIMIT
            )));
        }
        self.max_streams = streams;
        Ok(self)
    }

    /// Sets the time after which the server closes a connection without progress. A player that needs more bytes
    /// continues on a new connection, with a range request.
    ///
    /// # Errors
    ///
    /// Returns an error if `timeout` is below one second or above [`STALL_TIMEOUT_LIMIT`](Config::STALL_TIMEOUT_LIMIT).
    pub fn stall_timeout(mut self, timeout: Duration) -> Result<Config, Error> {
        if timeout < Duration::from_secs(1) || timeout > Config::STALL_TIMEOUT_LIMIT {
            return Err(Error::setting(format!(
                "the stall timeout of {} s is not valid: it must be from 1 to {} s",
                timeout.as_secs(),
                Config::STALL_TIMEOUT_LIMIT.as_secs()
            )));
        }
        self.timeouts.stall = timeout;
        Ok(self)
    }

    /// Sets whether the server uses `sendfile(2)` for ranges of at least 16 KiB. The default is `true`.
    ///
    /// Turn it off if a file system has a defective `sendfile`. Also turn it off if the program has set `SIGPIPE` to
    /// its default action. If a client disconnects, `sendfile` causes `SIGPIPE`, and the default action ends the
    /// program. Rust programs ignore `SIGPIPE` by default.
    #[must_use]
    pub fn sendfile(mut self, on: bool) -> Config {
        self.sendfile = on;
        self
    }

    /// Sets whether the server has the path `/metrics`, in the text format 0.0.4 of Prometheus. The default is `false`.
    /// If a password is set, `/metrics` needs it too.
    ///
    /// This function opens `/proc/self/status`. So call it before a sandbox that forbids opening this file.
    #[must_use]
    pub fn metrics(mut self, on: bool) -> Config {
        self.metrics = on;
        let open = || File::open("/proc/self/status").ok();
        self.process_status = on.then(open).flatten().map(Arc::new);
        self
    }

    /// Sets all timeouts, for tests with short timeouts. Not part of the stable API.
    #[doc(hidden)]
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Config {
        self.timeouts = timeouts;
        self
    }
}
