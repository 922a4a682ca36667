//! What is measured of all servers alike. Each module knows one workload: what the clients do, what is read off the
//! server, and the goals of the program.

/// The whole film, as fast as it goes.
mod bulk;
/// The first byte of a seek while others stream.
mod first_byte;
/// Many readers who have stopped reading.
mod paused;
/// How long a start takes, and what a server costs that has nothing to do.
mod rest;
/// Ranges here and there in connections that are kept.
mod seeks;
/// Many viewers who read at a steady rate.
mod viewers;
/// Windows of subtitles beside a stream.
mod windows;

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::film::Film;
use crate::options::Options;
use crate::results::{Metric, Table};
use crate::servers::{Peer, Place, Server, free_address};

/// What a workload has to do with.
pub(crate) struct Field<'a> {
    pub(crate) film: &'a Film,
    pub(crate) peers: &'a [Peer],
    pub(crate) options: &'a Options,
    pub(crate) table: Table,
}

/// What to call it on the command line, and what to run.
pub(crate) type Workload = (&'static str, fn(&mut Field<'_>) -> Result<()>);

pub(crate) const WORKLOADS: [Workload; 7] = [
    (bulk::NAME, bulk::measure),
    (seeks::NAME, seeks::measure),
    (first_byte::NAME, first_byte::measure),
    (paused::NAME, paused::measure),
    (viewers::NAME, viewers::measure),
    (windows::NAME, windows::measure),
    (rest::NAME, rest::measure),
];

/// Pause between two turns, so that one server's remaining work does not disturb the next one.
const BETWEEN: Duration = Duration::from_millis(100);

/// What one server reached in one round.
type Figures = Vec<(Metric, f64)>;

impl Field<'_> {
    /// A time for one measurement, or much less of it where it is only about whether all works.
    fn time(&self, usual: Duration) -> Duration {
        if self.options.quick { usual / 5 } else { usual }
    }

    /// Starts a server; says how long it took until the first answer.
    fn start(&self, peer: &Peer, flags: &[&str]) -> Result<(Server, Duration)> {
        let address: SocketAddr = free_address()?;
        let flags = if peer.is_ours() { flags } else { &[] };
        peer.start(&Place {
            film: self.film,
            address,
            flags,
        })
    }

    /// Starts all servers that a workload is for, and lets them take turns for so many rounds. All are kept running
    /// for the time, with nothing to do when it is not their turn. The first turn of each is `warm_up`. A server that
    /// fails takes no more turns.
    fn in_rounds(
        &mut self,
        workload: &'static str,
        rounds: usize,
        flags: &[&str],
        takes_part: impl Fn(&Peer) -> bool,
        mut warm_up: impl FnMut(&Server) -> Result<()>,
        mut measure: impl FnMut(&Server) -> Result<Figures>,
    ) -> Result<()> {
        let mut servers = Vec::new();
        for (index, peer) in self.peers.iter().enumerate() {
            if !takes_part(peer) || self.table.has_failed(index, workload) {
                continue;
            }
            let ready = self.start(peer, flags).and_then(|(server, _)| {
                warm_up(&server)?;
                Ok(server)
            });
            match ready {
                Ok(server) => servers.push((index, server)),
                Err(error) => self.table.fail(index, workload, &error.to_string()),
            }
        }
        for _ in 0..rounds {
            for (index, server) in &servers {
                if self.table.has_failed(*index, workload) {
                    continue;
                }
                thread::sleep(BETWEEN);
                match measure(server) {
                    Ok(figures) => {
                        for (metric, value) in figures {
                            self.table.add(*index, metric, value);
                        }
                    }
                    Err(error) => self.table.fail(*index, workload, &error.to_string()),
                }
            }
        }
        for (index, server) in servers {
            let ended = server.stop();
            if self.peers[index].is_ours() {
                ended?;
            }
        }
        Ok(())
    }
}

/// All servers except the bare loop, which is no real server.
fn servers(peer: &Peer) -> bool {
    !peer.is_bare_loop()
}

/// The bare loop too, which shows what the clients can take.
fn servers_and_bare_loop(_: &Peer) -> bool {
    true
}
