//! The servers: how each is started, and what the system says about it. They know nothing of requests.

/// The least that a server can do.
pub(crate) mod bare_loop;
/// Which there are, and where they are found.
mod peers;
/// Arguments and settings of each.
mod settings;
/// What `/proc` says about a server with all its processes.
mod usage;

pub(crate) use peers::{Found, Peer, find};
pub(crate) use settings::Place;
pub(crate) use usage::{Clock, Family, Peak};

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::client::Client;

use crate::shared::process::Process;

/// A server at work. It ends when this value is dropped.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
    /// Where it has the film.
    target: &'static str,
}

/// How long a server may take until it answers.
const START_TIME: Duration = Duration::from_secs(20);
/// The first request: little of the film, where ranges are known.
const FIRST: &str = "Range: bytes=0-99\r\n";
/// How often it is asked until then.
const ASK_AGAIN: Duration = Duration::from_micros(200);

impl Server {
    /// Waits for its first answer, and says how long that took from `begin`.
    fn wait(&mut self, begin: Instant, log: &str) -> Result<Duration> {
        loop {
            let answer =
                Client::connect(self.address).and_then(|mut one| one.ask(self.target, FIRST));
            match answer {
                Ok(head) if (200..300).contains(&head.status) => return Ok(begin.elapsed()),
                Ok(head) => return Err(format!("it answers {}; see {log}", head.status).into()),
                Err(error) if begin.elapsed() > START_TIME => {
                    return Err(format!("it does not answer: {error}; see {log}").into());
                }
                Err(_) => {}
            }
            if let Some(status) = self.process.has_ended()? {
                return Err(format!("it ended with {status}; see {log}").into());
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

    /// It and all below it.
    pub(crate) fn family(&self) -> Result<Family> {
        Family::of(self.process.id())
    }

    /// Asks it to end. The program must do so with exit code 0; others have other customs.
    pub(crate) fn stop(self) -> Result<()> {
        Ok(self.process.stop()?)
    }
}

/// Returns a free loopback address.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
