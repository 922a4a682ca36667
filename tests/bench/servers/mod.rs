//! Starts the servers, and reads their memory and processor time from `/proc`.

/// A minimal server, which shows the maximum speed of the clients.
pub(crate) mod bare_loop;
/// The list of servers, and the search for their programs.
mod peers;
/// Arguments and settings of each server.
mod settings;
/// Memory, processor time and context switches of all processes of a server.
mod usage;

pub(crate) use peers::{Found, Peer, find};
pub(crate) use settings::Place;
pub(crate) use usage::{Clock, Peak, ProcessTree};

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::client::Client;

use crate::shared::process::Process;

/// A running server. It ends when this value is dropped.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
    /// The target of the film on this server.
    target: &'static str,
}

/// The maximum time until a server answers.
const START_TIME: Duration = Duration::from_secs(20);
const FIRST: &str = "Range: bytes=0-99\r\n";
/// The pause between two attempts to reach a server that is starting.
const ASK_AGAIN: Duration = Duration::from_micros(200);

impl Server {
    /// Waits for the first response. Returns the time since `begin`.
    fn wait(&mut self, begin: Instant, log: &str) -> Result<Duration> {
        loop {
            let answer =
                Client::connect(self.address).and_then(|mut one| one.ask(self.target, FIRST));
            match answer {
                Ok(head) if (200..300).contains(&head.status) => return Ok(begin.elapsed()),
                Ok(head) => {
                    return Err(format!("the server answers {}; see {log}", head.status).into());
                }
                Err(error) if begin.elapsed() > START_TIME => {
                    return Err(format!("the server does not answer: {error}; see {log}").into());
                }
                Err(_) => {}
            }
            if let Some(status) = self.process.has_ended()? {
                return Err(format!("the server ended with {status}; see {log}").into());
            }
            thread::sleep(ASK_AGAIN);
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn target(&self) -> &'static str {
        self.target
    }

    /// Returns the process of the server and all its descendants.
    pub(crate) fn tree(&self) -> Result<ProcessTree> {
        ProcessTree::of(self.process.id())
    }

    /// Stops the server. Returns an error if its exit code is not 0. Callers use this error only for videoserve.
    pub(crate) fn stop(self) -> Result<()> {
        Ok(self.process.stop()?)
    }
}

pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
