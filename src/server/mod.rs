//! The server: what joins the gate, tiny_http and the workers.
//!
//! One request goes forward only: `gate` → link → tiny_http → `worker` → `respond` (decides) → `transfer` (sends) →
//! back to the gate.

mod asked;
mod converter;
mod entry;
mod library;
mod limits;
mod monitor;
mod pages;
mod pool;
mod purse;
mod refusal;
mod respond;
mod subtitles;
#[cfg(test)]
mod tests;
mod transfer;
mod worker;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::system::uname;

use crate::auth::{Gatekeeper, Key};
use crate::config::{Config, Origins};
use crate::error::{Error, ErrorKind};
use crate::gate::desk::Desk;
use crate::gate::link::Link;
use crate::gate::{Gate, Listener, Parts, poll_and_desk};
use crate::host::HostPolicy;
use crate::http::RequestHead;
use crate::media::MediaDir;
use crate::metrics::{Metrics, Process};
use crate::proxy::{Caller, Fields, TrustedProxies};
use crate::route::Mount;
use crate::web::Links;
use converter::Converter;
use limits::Limits;
use monitor::Monitor;
use pool::Pool;
use purse::Purse;
use transfer::Copying;

/// How long workers may take to notice that their sockets were shut.
const WORKERS_TIMEOUT: Duration = Duration::from_secs(1);

/// A server that listens and has not begun to answer.
///
/// Clients that connect before [`run`](Server::run) wait. Dropping it closes the socket and never blocks.
#[derive(Debug)]
pub struct Server {
    parts: Parts,
    pool: Owned,
    address: SocketAddr,
}

/// Stops a running [`Server`] from another thread, or from a signal handler's thread. Can be cloned.
#[derive(Debug, Clone)]
pub struct Handle {
    desk: Arc<Desk>,
}

/// The pool in its owner's hands: workers end when these let go of it.
#[derive(Debug)]
struct Owned(Arc<Pool>);

/// What an answer depends on beside the request.
#[derive(Debug)]
struct Service {
    dir: Arc<MediaDir>,
    mounts: Vec<Mount>,
    origins: Origins,
    hosts: HostPolicy,
    proxies: TrustedProxies,
    metrics: Arc<Metrics>,
    /// Where they are shown.
    monitor: Option<Monitor>,
    /// Where a password is set.
    gatekeeper: Option<Gatekeeper>,
    stall_timeout: Duration,
    copying: Copying,
    /// For pages and subtitles while they are sent.
    texts: Arc<Purse>,
    converter: Converter,
    longest_subtitles: u64,
}

impl Service {
    /// Who asks over a connection from `peer`.
    fn caller(&self, peer: IpAddr, request: &RequestHead) -> Caller {
        self.proxies.caller(
            peer,
            &Fields {
                forwarded: request.forwarded(),
                x_forwarded_for: request.x_forwarded_for(),
                x_forwarded_proto: request.x_forwarded_proto(),
            },
        )
    }

    /// What makes the URLs of a page that is made now.
    fn links(&self) -> Links {
        Links::new(self.gatekeeper.as_ref().map(|it| it.tokens(Instant::now())))
    }
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
        let Config { bind, port, .. } = config;
        let listener = Listener::open(bind, port, config.stall_timeout).map_err(|error| {
            let whereto = match bind {
                Some(address) => SocketAddr::new(address, port).to_string(),
                None => format!("port {port}"),
            };
            Error::io(
                ErrorKind::Listen,
                format!("cannot listen on {whereto}"),
                error,
            )
        })?;
        Server::with(media, listener, config)
    }

    /// Does the same on a socket that somebody else has bound and listens on: a service manager that starts a program
    /// when its first client comes, or a program that gives up its rights in between. [`Config::bind`] and
    /// [`Config::port`] are not heeded.
    ///
    /// Clients that connected before are answered, too. The socket becomes non-blocking, also for others who have a copy
    /// of it; of whoever connects from here on, `TCP_NODELAY`, `TCP_NOTSENT_LOWAT` and `TCP_USER_TIMEOUT` are set as the
    /// server needs them. How many clients may wait was said when it was listened on.
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
    /// As [`bind`](Server::bind); [`ErrorKind::Listen`] if nobody listens on the socket, or it is none of IPv4 or IPv6.
    pub fn from_listener(listener: TcpListener, config: Config) -> Result<Server, Error> {
        let media = open(&config.dir)?;
        let listener = Listener::adopt(listener, config.stall_timeout).map_err(unusable)?;
        Server::with(media, listener, config)
    }

    fn with(media: MediaDir, listener: Listener, config: Config) -> Result<Server, Error> {
        let address = listener.address().map_err(unusable)?;
        let Config {
            dir: _,
            bind: _,
            port: _,
            mounts,
            origins,
            hosts,
            proxies,
            credentials,
            max_streams,
            stall_timeout,
            sendfile,
            machine,
            metrics,
            process_status,
        } = config;
        let gatekeeper = credentials
            .map(|it| Ok(Gatekeeper::new(&it, Key::random()?, Instant::now())))
            .transpose()
            .map_err(|error| Error::io(ErrorKind::System, "cannot make a key", error))?;
        let system = |error| Error::io(ErrorKind::System, "cannot start the server", error);
        let limits = Limits::now(max_streams, machine.memory);
        let hosts = with_own_name(hosts);
        let service = Service {
            dir: Arc::new(media),
            mounts,
            origins,
            hosts,
            proxies,
            metrics: Arc::default(),
            monitor: metrics.then(|| Monitor {
                process: Process::now(process_status),
                started: Instant::now(),
                connection_limit: limits.connections,
            }),
            gatekeeper,
            stall_timeout,
            copying: Copying::new(sendfile, machine.in_flight)
                .within(machine.sockets, limits.streams),
            texts: Purse::new(limits.texts),
            longest_subtitles: limits.longest_subtitles,
            converter: Converter::start().map_err(system)?,
        };
        Server::assemble(listener, address, limits, service).map_err(system)
    }

    fn assemble(
        listener: Listener,
        address: SocketAddr,
        limits: Limits,
        service: Service,
    ) -> std::io::Result<Server> {
        let stall_timeout = service.stall_timeout;
        let metrics = Arc::clone(&service.metrics);
        let (poll, desk) = poll_and_desk()?;
        let (link, requests) = Link::new()?;
        let pool = Pool::start(limits.streams, requests.clone(), Arc::clone(&desk), service)?;
        let parts = Parts {
            poll,
            listener,
            link,
            requests,
            desk,
            metrics,
            connection_limit: limits.connections,
            stall_timeout,
        };
        Ok(Server {
            parts,
            pool: Owned(pool),
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
        self.pool.0.service().gatekeeper.is_some()
    }

    /// The directory that is served, absolute and without links.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.pool.0.service().dir.canonical()
    }

    /// A handle that stops this server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            desk: Arc::clone(&self.parts.desk),
        }
    }

    /// Serves, on this thread and its workers, until [`Handle::stop`] is called and the responses that run then have
    /// ended, or 10 s have passed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::System`] if the system refuses to watch the sockets, or a way to the workers that broke cannot be
    /// made anew.
    pub fn run(self) -> Result<(), Error> {
        let Server { parts, pool, .. } = self;
        let system = |what| move |error| Error::io(ErrorKind::System, what, error);
        let result = Gate::new(parts, &pool.0)
            .map_err(system("cannot watch the sockets"))
            .and_then(|gate| {
                gate.run()
                    .map_err(system("cannot reach tiny_http any more"))
            });
        pool.0.stop();
        pool.0.wait_until_gone(WORKERS_TIMEOUT);
        result
    }
}

impl Handle {
    /// Stops accepting, lets running responses finish for up to 10 s, then lets [`Server::run`] return. Returns at
    /// once; calling it again changes nothing.
    pub fn stop(&self) {
        self.desk.stop();
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.stop();
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

fn unusable(error: std::io::Error) -> Error {
    Error::io(ErrorKind::Listen, "cannot use the listening socket", error)
}

/// People reach this machine by its own name, also where that has a public domain.
fn with_own_name(mut hosts: HostPolicy) -> HostPolicy {
    let system = uname();
    let name = system.nodename().to_string_lossy();
    if let Err(error) = hosts.allow(&name) {
        log::debug!("this machine's name is no host name: {error}");
    }
    hosts
}
