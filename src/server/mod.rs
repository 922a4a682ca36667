//! The server: what joins the gate, tiny_http and the workers.
//!
//! One request goes forward only: `gate` → link → tiny_http → `worker` → `respond` (decides) → `transfer` (sends) →
//! back to the gate.

mod converter;
mod entry;
mod library;
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

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use rustix::system::uname;

use crate::auth::{Gatekeeper, Key};
use crate::config::{Config, Origins};
use crate::error::{Error, ErrorKind};
use crate::gate::desk::Desk;
use crate::gate::link::Link;
use crate::gate::{CONNECTION_LIMIT, Gate, Parts, listen, poll_and_desk};
use crate::host::HostPolicy;
use crate::media::MediaDir;
use crate::route::Mount;
use crate::subtitles::MAX_LENGTH;
use crate::web::Links;
use converter::Converter;
use pool::Pool;
use purse::Purse;

/// Descriptors that are neither a client's socket nor a video: standard streams, listener, poll, link, folders that
/// are being listed, two trees that are being searched.
const DESCRIPTOR_RESERVE: usize = 40 + 2 * 36;
/// Bytes of pages, listings and subtitles that are in memory while they are sent. Enough for one page of the usual length in each
/// of 256 streams; a hostile file of subtitles becomes as much as a third.
const TEXTS_LIMIT: usize = 24 * 1024 * 1024;
/// The part of a limited address space that the stacks of workers may take. Allocators take large pieces of it ahead of
/// need, and an allocation that fails ends the process.
const STACKS_PART: usize = 16;
/// The part of it that texts may take while they are sent.
const TEXTS_PART: usize = 32;
/// How much longer it must be than a file of subtitles that is converted.
const CONVERSION_PART: usize = 1024;
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
    /// Where a password is set.
    gatekeeper: Option<Gatekeeper>,
    stall_timeout: Duration,
    /// For pages and subtitles while they are sent.
    texts: Arc<Purse>,
    converter: Converter,
    longest_subtitles: u64,
}

impl Service {
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
        let Config {
            dir,
            bind,
            port,
            mounts,
            origins,
            hosts,
            credentials,
            max_streams,
            stall_timeout,
        } = config;
        let media = MediaDir::new(&dir).map_err(|error| {
            Error::io(
                ErrorKind::Directory,
                format!("cannot open media directory {dir:?}"),
                error,
            )
        })?;
        let listener = listen(bind, port, stall_timeout).map_err(|error| {
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
        let address = listener.local_addr().map_err(|error| {
            Error::io(
                ErrorKind::Listen,
                "cannot read the address listened on",
                error,
            )
        })?;
        let gatekeeper = credentials
            .map(|it| Ok(Gatekeeper::new(&it, Key::random()?, Instant::now())))
            .transpose()
            .map_err(|error| Error::io(ErrorKind::System, "cannot make a key", error))?;
        let system = |error| Error::io(ErrorKind::System, "cannot start the server", error);
        let (streams, connection_limit) = limits(max_streams);
        let hosts = with_own_name(hosts);
        let service = Service {
            dir: Arc::new(media),
            mounts,
            origins,
            hosts,
            gatekeeper,
            stall_timeout,
            texts: Purse::new(TEXTS_LIMIT.min(address_space() / TEXTS_PART)),
            longest_subtitles: MAX_LENGTH.min((address_space() / CONVERSION_PART) as u64),
            converter: Converter::start().map_err(system)?,
        };
        Server::assemble(listener, address, streams, connection_limit, service).map_err(system)
    }

    fn assemble(
        listener: TcpListener,
        address: SocketAddr,
        streams: usize,
        connection_limit: usize,
        service: Service,
    ) -> std::io::Result<Server> {
        let stall_timeout = service.stall_timeout;
        let (poll, desk) = poll_and_desk()?;
        let (link, requests) = Link::new()?;
        let pool = Pool::start(streams, requests.clone(), Arc::clone(&desk), service)?;
        let parts = Parts {
            poll,
            listener,
            link,
            requests,
            desk,
            connection_limit,
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
    pub fn dir(&self) -> &std::path::Path {
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
    /// [`ErrorKind::System`] if the system refuses to watch the sockets.
    pub fn run(self) -> Result<(), Error> {
        let Server { parts, pool, .. } = self;
        let result = Gate::new(parts, &pool.0)
            .map(Gate::run)
            .map_err(|error| Error::io(ErrorKind::System, "cannot watch the sockets", error));
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

/// People reach this machine by its own name, also where that has a public domain.
fn with_own_name(mut hosts: HostPolicy) -> HostPolicy {
    let system = uname();
    let name = system.nodename().to_string_lossy();
    if let Err(error) = hosts.allow(&name) {
        log::debug!("this machine's name is no host name: {error}");
    }
    hosts
}

/// How many streams and how many connections in all, with the descriptors and the address space there are. A stream takes
/// two descriptors, for its socket and its file, and the stack of a worker.
fn limits(max_streams: usize) -> (usize, usize) {
    let descriptors = allowed(Resource::Nofile).saturating_sub(DESCRIPTOR_RESERVE);
    // At most half of the descriptors are for streams: somebody must still be able to connect.
    let by_descriptors = descriptors / 4;
    let workers = address_space() / STACKS_PART / pool::STACK;
    let by_address_space = workers.saturating_sub(pool::OTHERS);
    let streams = max_streams.min(by_descriptors).min(by_address_space).max(1);
    if streams < max_streams {
        let cause = match by_descriptors <= by_address_space {
            true => "open more files",
            false => "use more address space",
        };
        log::warn!(
            "only {streams} streams at a time, not {max_streams}: the process may not {cause}"
        );
    }
    let connections = (CONNECTION_LIMIT + streams)
        .min(descriptors.saturating_sub(streams))
        .max(8);
    (streams, connections)
}

fn address_space() -> usize {
    allowed(Resource::As)
}

fn allowed(resource: Resource) -> usize {
    let limit = getrlimit(resource).current;
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}
