//! The server: joins the gate, tiny_http's queue and the workers.
//!
//! One request: the gate parses a head and keeps the connection in the handoff under a ticket → the ticket goes over the
//! link into tiny_http's queue → a worker takes it → [`router`] → a handler returns a response → [`send`] writes it →
//! the handoff returns the connection to the gate.

mod authorization;
mod context;
mod errors;
mod handlers;
mod permits;
mod pool;
mod response;
mod router;
mod send;
#[cfg(test)]
mod tests;
mod worker;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::system::uname;

use crate::auth::{Authenticator, Key};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::gate::{Gate, Listener, listen};
use crate::handoff::Handoff;
use crate::host::HostPolicy;
use crate::limits::{Limits, WORKERS_TIMEOUT};
use crate::link::Link;
use crate::media::MediaDir;
use crate::metrics::{Metrics, Process};
use context::{AppState, Monitor};
use permits::Permits;
use pool::Pool;

/// A server that listens and has not begun to answer.
///
/// Clients that connect before [`run`](Server::run) wait. Dropping it closes the socket and never blocks.
pub struct Server {
    gate: Gate,
    pool: Pool,
    app: Arc<AppState>,
    address: SocketAddr,
}

/// Stops a running [`Server`] from another thread, or from a signal handler's thread. Can be cloned.
#[derive(Debug, Clone)]
pub struct Handle {
    handoff: Arc<Handoff>,
}

impl Server {
    /// Opens the directory, starts the first workers and listens.
    ///
    /// Streams and connections are limited by the descriptors that the process may open (`RLIMIT_NOFILE`); raise
    /// the limit before, as the program does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Directory`] if the directory cannot be read, [`ErrorKind::Listen`] if the address cannot be
    /// listened on, [`ErrorKind::System`] if the system gives no thread or descriptor.
    pub fn bind(config: Config) -> Result<Server, Error> {
        let media = open(&config.dir)?;
        let socket = Server::listen(&config)?;
        Server::with(media, socket, config)
    }

    /// Listens on the address of `config`, as [`bind`](Server::bind) does, without serving. The socket is for
    /// [`from_listener`](Server::from_listener), also in another process.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Listen`] if the address cannot be listened on.
    pub fn listen(config: &Config) -> Result<TcpListener, Error> {
        let Config { bind, port, .. } = *config;
        listen(bind, port, config.timeouts.stall).map_err(|error| {
            let address = match bind {
                Some(address) => SocketAddr::new(address, port).to_string(),
                None => format!("port {port}"),
            };
            Error::io(
                ErrorKind::Listen,
                format!("cannot listen on {address}"),
                error,
            )
        })
    }

    /// Does the same on a listening socket: that of a service manager which starts a program when its first client
    /// comes, or of a program that gives up its rights in between. [`Config::bind`] and [`Config::port`] are ignored.
    ///
    /// Clients that connected before are answered, too. The socket becomes non-blocking, also for other processes that
    /// have a copy of it; new connections get `TCP_NODELAY`, `SO_SNDTIMEO` and `TCP_USER_TIMEOUT` as the server needs
    /// them. The backlog stays what it is.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::net::TcpListener;
    /// use videoserve::{Config, Server};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// let server = Server::from_listener(listener, Config::new("."))?;
    /// assert_eq!(server.local_addr(), address);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`bind`](Server::bind); [`ErrorKind::Listen`] if the socket does not listen, or is neither IPv4 nor IPv6.
    pub fn from_listener(listener: TcpListener, config: Config) -> Result<Server, Error> {
        let media = open(&config.dir)?;
        Server::with(media, listener, config)
    }

    fn with(dir: MediaDir, socket: TcpListener, mut config: Config) -> Result<Server, Error> {
        let unusable =
            |error| Error::io(ErrorKind::Listen, "cannot use the listening socket", error);
        let listener = Listener::new(socket, config.timeouts.stall).map_err(unusable)?;
        let system = |error| Error::io(ErrorKind::System, "cannot start the server", error);
        let address = listener.address().map_err(unusable)?;
        let limits = Limits::now(config.max_streams, config.memory);
        let metrics: Arc<Metrics> = Arc::default();
        let (link, queue) = Link::new().map_err(system)?;
        let connections = limits.connections;
        let gate = Gate::new(
            listener,
            link,
            Arc::clone(&metrics),
            connections,
            config.timeouts,
        );
        let gate = gate.map_err(system)?;
        allow_own_name(&mut config.hosts);
        let authenticator = match config.credentials.take() {
            None => None,
            Some(credentials) => {
                let key = Key::random().map_err(system)?;
                Some(Authenticator::new(&credentials, key, Instant::now()))
            }
        };
        let threads = Arc::default();
        let app = Arc::new(AppState {
            dir,
            authenticator,
            metrics,
            monitor: config.metrics.then(|| Monitor {
                process: Process::now(config.process_status.clone()),
                started: Instant::now(),
                threads: Arc::clone(&threads),
            }),
            limits,
            permits: Permits::new(&limits),
            handoff: Arc::clone(gate.handoff()),
            config,
        });
        let state = Arc::clone(&app);
        let handler = move |ticket, backup| worker::handle(&state, ticket, backup);
        let pool = Pool::start(limits.workers(), threads, queue, Box::new(handler));
        Ok(Server {
            gate,
            pool: pool.map_err(system)?,
            app,
            address,
        })
    }

    /// The address that is listened on, with the real port. `[::]` stands for all addresses, IPv6 and IPv4.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Whether a password is asked for (see [`Config::credentials`]).
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        self.app.authenticator.is_some()
    }

    /// The directory that is served, absolute and without links.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.app.dir.canonical()
    }

    /// A handle that stops this server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            handoff: Arc::clone(self.gate.handoff()),
        }
    }

    /// Serves, on this thread and its workers, until [`Handle::stop`] is called and the responses that run then have
    /// ended, or 10 s have passed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Broken`] if the server cannot go on: start another one.
    pub fn run(self) -> Result<(), Error> {
        let result = self.gate.run();
        self.pool.stop(WORKERS_TIMEOUT);
        result.map_err(|error| Error::io(ErrorKind::Broken, "cannot reach the workers", error))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Handle {
    /// Stops accepting, lets running responses finish for up to 10 s, then lets [`Server::run`] return. Returns at
    /// once; calling it again changes nothing.
    pub fn stop(&self) {
        self.handoff.stop();
    }
}

fn open(dir: &Path) -> Result<MediaDir, Error> {
    MediaDir::new(dir).map_err(|error| {
        Error::io(
            ErrorKind::Directory,
            format!("cannot open media directory {dir:?}"),
            error,
        )
    })
}

/// Allows the name of this machine, also where it has a public domain.
fn allow_own_name(hosts: &mut HostPolicy) {
    let system = uname();
    let name = system.nodename().to_string_lossy();
    if let Err(error) = hosts.allow(&name) {
        log::debug!("this machine's name is no host name: {error}");
    }
}
