//! The workloads, with their measurements and the goals of the program.

/// Downloads of the whole film, as fast as possible.
mod bulk;
/// The time to the first byte of a seek while other clients stream.
mod first_byte;
/// Many clients that have stopped reading.
mod paused;
/// The time of a start, and the resources of an idle server.
mod rest;
/// Ranges at random positions, on keep-alive connections.
mod seeks;
/// Many viewers that read at a steady rate.
mod viewers;
/// Requests for time windows of subtitles while a stream runs.
mod windows;

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::film::Film;
use crate::options::Options;
use crate::results::{Metric, Table};
use crate::servers::{Peer, Place, Server, free_address};

/// The servers, the options and the results of the bench.
pub(crate) struct Bench<'a> {
    pub(crate) film: &'a Film,
    pub(crate) peers: &'a [Peer],
    pub(crate) options: &'a Options,
    pub(crate) table: Table,
}

/// The name of a workload on the command line, and its function.
pub(crate) type Workload = (&'static str, fn(&mut Bench<'_>) -> Result<()>);

pub(crate) const WORKLOADS: [Workload; 7] = [
    (bulk::NAME, bulk::measure),
    (seeks::NAME, seeks::measure),
    (first_byte::NAME, first_byte::measure),
    (paused::NAME, paused::measure),
    (viewers::NAME, viewers::measure),
    (windows::NAME, windows::measure),
    (rest::NAME, rest::measure),
];

/// The pause before each measurement. In this time, the server of the previous measurement completes its work, so that
/// this work does not affect the next server.
const BETWEEN: Duration = Duration::from_millis(100);

/// The values of one server in one round.
type Measurements = Vec<(Metric, f64)>;

impl Bench<'_> {
    /// Returns the time of one measurement. With `--quick`, it is a fifth of the usual time.
    fn time(&self, usual: Duration) -> Duration {
        if self.options.quick { usual / 5 } else { usual }
    }

    /// Starts a server. Returns the server and the time until its first response.
    fn start(&self, peer: &Peer, flags: &[&str]) -> Result<(Server, Duration)> {
        let address: SocketAddr = free_address()?;
        let flags = if peer.is_ours() { flags } else { &[] };
        peer.start(&Place {
            film: self.film,
            address,
            flags,
        })
    }

    /// Starts all servers of a workload. In each round, measures one server after the other. `warm_up` runs once for
    /// each server. A server that fails is not measured again.
    fn in_rounds(
        &mut self,
        workload: &'static str,
        rounds: usize,
        flags: &[&str],
        takes_part: impl Fn(&Peer) -> bool,
        mut warm_up: impl FnMut(&Server) -> Result<()>,
        mut measure: impl FnMut(&Server) -> Result<Measurements>,
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
                    Ok(measurements) => {
                        for (metric, value) in measurements {
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

/// Selects all servers except the bare loop, which is not a real server.
fn servers(peer: &Peer) -> bool {
    !peer.is_bare_loop()
}

/// Selects all servers and the bare loop, which shows the maximum speed of the clients.
fn servers_and_bare_loop(_: &Peer) -> bool {
    true
}
