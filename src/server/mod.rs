//! The server. A request takes this path:
//!
//! 1. The gate, one thread for all connections, parses the head of the request. It stores the request in a table (the
//!    handoff) under a number (the ticket).
//! 2. The gate sends the ticket over the link, a Unix socket, to the queue of tiny_http. A worker, one of several
//!    threads, takes the ticket from the queue and the request from the handoff.
//! 3. The [`router`] calls a handler, which returns a response.
//! 4. [`send`] writes the response. Then the worker returns the connection to the gate through the handoff.

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

use rustix::system::uname;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::gate::{Gate, ensure_listening, listen};
use crate::handoff::Handoff;
use crate::host::HostPolicy;
use crate::limits::{ServerLimits, WORKERS_TIMEOUT};
use crate::link::Link;
use crate::media::MediaDir;
use crate::metrics::{Metrics, Process};
use context::AppState;
use permits::Permits;
use pool::Pool;

/// A server that listens but does not answer requests yet.
///
/// A client that connects before the call of [`run`](Server::run) waits until this call. Dropping the server closes the
/// socket and never blocks.
pub struct Server {
    gate: Gate,
    pool: Pool,
    app: Arc<AppState>,
    address: SocketAddr,
}

/// Handle that stops a running [`Server`] from another thread, for example from a signal handler's thread.
#[derive(Debug, Clone)]
pub struct Handle {
    handoff: Arc<Handoff>,
}

impl Server {
    /// Opens the directory, starts the first workers and listens.
    ///
    /// The limit of open file descriptors (`RLIMIT_NOFILE`) limits the streams and connections. Raise this limit before
    /// the call, as the program does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Directory`] if the directory cannot be read. [`ErrorKind::Listen`] if the server cannot listen on
    /// the address. [`ErrorKind::System`] if the system provides no thread or file descriptor.
    pub fn bind(config: Config) -> Result<Server, Error> {
        Server::from_listener(Server::listen(&config)?, config)
    }

    /// Listens on the address of `config`. Pass the socket to [`from_listener`](Server::from_listener), in this process
    /// or in another one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Listen`] if the server cannot listen on the address.
    pub fn listen(config: &Config) -> Result<TcpListener, Error> {
        let Config { bind, port, .. } = *config;
        listen(bind, port).map_err(|error| {
            let what = match bind {
                Some(address) => format!("cannot listen on {}", SocketAddr::new(address, port)),
                None => format!("cannot listen on port {port}"),
            };
            Error::io(ErrorKind::Listen, what, error)
        })
    }

    /// Creates a server on a listening socket. The socket comes from a service manager, or from
    /// [`listen`](Server::listen) before the process drops its privileges. [`Config::bind`] and [`Config::port`] have
    /// no effect.
    ///
    /// The server also answers clients that connected before the call. The socket becomes non-blocking, also in other
    /// processes that share it. New connections get the options `TCP_NODELAY`, `SO_SNDTIMEO` and `TCP_USER_TIMEOUT`.
    /// The backlog does not change.
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
    /// Returns the errors of [`bind`](Server::bind). [`ErrorKind::Listen`] here means that the server cannot use the
    /// socket, for example because it does not listen.
    pub fn from_listener(listener: TcpListener, mut config: Config) -> Result<Server, Error> {
        let dir = MediaDir::new(&config.dir).map_err(|error| {
            let what = format!("cannot open media directory {:?}", config.dir);
            Error::io(ErrorKind::Directory, what, error)
        })?;
        let unusable =
            |error| Error::io(ErrorKind::Listen, "cannot use the listening socket", error);
        ensure_listening(&listener).map_err(unusable)?;
        let system = |error| Error::io(ErrorKind::System, "cannot start the server", error);
        let address = listener.local_addr().map_err(unusable)?;
        let limits = ServerLimits::now(config.max_streams, config.memory);
        let metrics: Arc<Metrics> = Arc::default();
        let (link, queue) = Link::new().map_err(system)?;
        let (connections, timeouts) = (limits.connections, config.timeouts);
        let gate = Gate::new(listener, link, Arc::clone(&metrics), connections, timeouts);
        let gate = gate.map_err(system)?;
        allow_own_name(&mut config.hosts);
        let authenticator = config.credentials.take().map(|it| Authenticator::new(&it));
        let authenticator = authenticator.transpose().map_err(system)?;
        let threads: Arc<_> = Arc::default();
        let app = Arc::new(AppState {
            dir,
            authenticator,
            metrics,
            process: Process::now(config.process_status.take()),
            threads: Arc::clone(&threads),
            limits,
            permits: Permits::new(&limits),
            handoff: Arc::clone(&gate.handoff),
            config,
        });
        let state = Arc::clone(&app);
        let handler = move |ticket, has_backup| worker::handle(&state, ticket, has_backup);
        let pool = Pool::start(limits.workers(), threads, queue, Box::new(handler));
        Ok(Server {
            gate,
            pool: pool.map_err(system)?,
            app,
            address,
        })
    }

    /// Returns the address of the listening socket. If [`Config::port`] is 0, the address contains the port that the
    /// system chose. `[::]` means all IPv6 and IPv4 addresses.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns whether the server requires a password (see [`Config::credentials`]).
    #[must_use]
    pub fn asks_for_password(&self) -> bool {
        self.app.authenticator.is_some()
    }

    /// Returns the absolute path of the media directory. Symlinks in the path are resolved.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.app.dir.canonical
    }

    /// Returns a handle that stops this server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        let handoff = Arc::clone(&self.gate.handoff);
        Handle { handoff }
    }

    /// Serves requests on this thread and on the worker threads until [`Handle::stop`] is called. After this call,
    /// running responses have up to 10 s to finish. Then `run` returns.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Broken`] if the server cannot continue. Start a new server in this case.
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
    /// Stops the server. The server accepts no more connections, and running responses have up to 10 s to finish. Then
    /// [`Server::run`] returns. This function does not wait for the end. Further calls have no effect.
    pub fn stop(&self) {
        self.handoff.stop();
    }
}

/// Adds the name of this machine to the allowed hosts, for example `nas.example.org`.
fn allow_own_name(hosts: &mut HostPolicy) {
    let system = uname();
    let name = system.nodename().to_string_lossy();
    if let Err(error) = hosts.allow(&name) {
        log::debug!("the name of this machine is not a valid host name: {error}");
    }
}
