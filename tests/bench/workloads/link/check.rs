use std::fmt;
use std::time::{Duration, Instant};

use super::relay::Carried;
use super::wire::Shape;
use crate::Result;
use crate::client::{Connection, Wanted};
use crate::results::milliseconds;
use crate::servers::Server;

/// What one client alone sees of a link, before the players come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alone {
    connected: Duration,
    /// Mbit/s of content, of which 19.3 fit into 20 Mbit/s of packets.
    rate: f64,
}

/// What a link was like: as it was meant to be?
pub(super) struct Link {
    pub(super) shape: Shape,
    pub(super) alone: Alone,
    pub(super) carried: Carried,
    /// Packets that the devices dropped since nobody took them.
    pub(super) unseen: u64,
}

const CONNECTIONS: usize = 3;
const BLOCK: u64 = 64 * 1024;
/// Congestion control has to find out what the link can do.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(2);

/// What is still the link that was meant. It can be slower than its shape, never faster: a goal that is met on a link
/// that is not is met all the same.
const RATE_AT_LEAST: f64 = 18.0;
const DELAY_BEYOND: Duration = Duration::from_millis(5);
const LATE_AT_MOST: f64 = 1.0;
const AWAY_AT_MOST: Duration = Duration::from_millis(100);

impl Alone {
    pub(super) fn measure(server: &Server) -> Result<Self> {
        let mut connected = Duration::MAX;
        for _ in 0..CONNECTIONS {
            let begin = Instant::now();
            Connection::open(server.address())?;
            connected = connected.min(begin.elapsed());
        }
        let mut connection = Connection::open(server.address())?;
        connection
            .ask(server.target(), "")?
            .must_answer(Wanted::Whole)?;
        take_for(&mut connection, WARM_UP)?;
        let begin = Instant::now();
        let count = take_for(&mut connection, MEASURED)?;
        let rate = 8.0 * count as f64 / 1e6 / begin.elapsed().as_secs_f64();
        Ok(Self { connected, rate })
    }
}

fn take_for(connection: &mut Connection, time: Duration) -> Result<u64> {
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < time {
        connection.discard(BLOCK)?;
        count += BLOCK;
    }
    Ok(count)
}

impl Link {
    fn late(&self) -> f64 {
        let counts = [self.carried.to_client, self.carried.to_server];
        share(
            counts.map(|one| one.late).iter().sum(),
            counts.map(|one| one.packets).iter().sum(),
        )
    }

    /// Whether the players had the link that they were meant to have.
    pub(super) fn is_as_meant(&self) -> bool {
        // How much one connection gets through losses is the matter of its congestion control.
        let slow = self.shape.lost == 0 && self.alone.rate < RATE_AT_LEAST;
        !slow
            && self.alone.connected <= self.shape.delay + DELAY_BEYOND
            && self.late() <= LATE_AT_MOST
            && self.carried.away <= AWAY_AT_MOST
            && self.unseen == 0
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (to_client, back) = (self.carried.to_client, self.carried.to_server);
        write!(
            out,
            "connected in {:.1} ms, {:.1} Mbit/s alone; of {} packets {} lost ({:.2} %), {} too many for the queue \
             (back: {} of {}); {:.2} % late, looked after every {:.0} ms at the longest",
            milliseconds(self.alone.connected),
            self.alone.rate,
            to_client.packets,
            to_client.lost,
            share(to_client.lost, to_client.packets),
            to_client.dropped,
            back.lost + back.dropped,
            back.packets,
            self.late(),
            milliseconds(self.carried.away),
        )?;
        if self.unseen > 0 {
            write!(out, "; {} never carried", self.unseen)?;
        }
        if !self.is_as_meant() {
            out.write_str("; WORSE THAN MEANT: the machine had too much else to do")?;
        }
        Ok(())
    }
}

/// In per cent.
fn share(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
