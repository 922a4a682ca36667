use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Client, Wanted};
use crate::Result;
use crate::shared::client::drop_content;

/// Clients that download the film at a steady rate, with one GET each.
pub(crate) struct Readers {
    readers: Vec<Reader>,
    /// The bytes per second of each reader.
    rate: u64,
}

struct Reader {
    stream: TcpStream,
    got: u64,
    /// The number of blocks that have arrived completely. A block is the part of the film that plays for 0.1 s.
    blocks: u32,
    /// The time of the previous check, from the start of this reader.
    looked: Duration,
}

/// Results of all readers.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// The number of blocks that have arrived or are late.
    pub(crate) blocks: u64,
    /// The number of blocks that arrived more than [`LATE`] too late, or never.
    pub(crate) late: u64,
    /// The longest time between two checks. If it is long, the clients were slow, so late blocks are not a fault of the
    /// server.
    pub(crate) own_delay: Duration,
}

/// The duration of a block.
const BLOCK: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_millis(250);
/// The pause between two checks.
const TICK: Duration = Duration::from_millis(10);
/// The maximum number of bytes to discard in one call.
const MOST: usize = 1 << 20;

impl Readers {
    /// Opens the connections, sends the requests and waits for the heads.
    pub(crate) fn open(address: SocketAddr, target: &str, count: usize, rate: u64) -> Result<Self> {
        let open = |_| -> io::Result<Reader> {
            let mut client = Client::connect(address)?;
            Wanted::Whole.check_head(&client.ask(target, "")?)?;
            let got = client.ahead() as u64;
            client.stream.set_nonblocking(true)?;
            Ok(Reader {
                stream: client.stream,
                got,
                blocks: 0,
                looked: Duration::ZERO,
            })
        };
        let readers = (0..count).map(open).collect::<io::Result<_>>()?;
        Ok(Self { readers, rate })
    }

    /// Reads until the time is over or `is_over` is set.
    pub(crate) fn read(mut self, time: Duration, is_over: &AtomicBool) -> Result<Pace> {
        let mut pace = Pace::default();
        let mut block = vec![0; MOST];
        // The readers start one after the other, so that they do not need their blocks at the same time.
        let apart = BLOCK / u32::try_from(self.readers.len().max(1))?;
        let begin = Instant::now();
        let mut looked = begin;
        while begin.elapsed() < time && !is_over.load(Ordering::Relaxed) {
            thread::sleep(TICK);
            pace.own_delay = pace.own_delay.max(looked.elapsed());
            looked = Instant::now();
            let mut start = begin;
            for reader in &mut self.readers {
                let watched = start.elapsed();
                reader.take(watched, self.rate, &mut block)?;
                pace.count(reader, watched, self.rate);
                start += apart;
            }
        }
        for reader in &self.readers {
            pace.count_missing(reader);
        }
        Ok(pace)
    }
}

impl Reader {
    /// Reads the bytes that the viewer needs for the time `watched`. Does not wait for bytes that have not arrived.
    fn take(&mut self, watched: Duration, rate: u64, block: &mut [u8]) -> io::Result<()> {
        let until = position(watched, rate);
        // The receive buffer is small at first, so one call may return only some of these bytes.
        while let Some(most @ 1..) = until.checked_sub(self.got) {
            match drop_content(&self.stream, block, most) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.got += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Pace {
    /// Counts the blocks that a reader has received since the previous check, and how many of them are late. The exact
    /// time of arrival is unknown, but at the previous check, the block was still missing. So the block counts as late
    /// if it was more than [`LATE`] overdue at the previous check. A delay of the client before the current check does
    /// not make a block late.
    fn count(&mut self, reader: &mut Reader, watched: Duration, rate: u64) {
        let mut due = BLOCK * (reader.blocks + 1);
        while reader.got >= position(due, rate) {
            self.blocks += 1;
            self.late += u64::from(reader.looked > due + LATE);
            reader.blocks += 1;
            due += BLOCK;
        }
        reader.looked = watched;
    }

    /// Counts the late blocks that never arrived.
    fn count_missing(&mut self, reader: &Reader) {
        let mut due = BLOCK * (reader.blocks + 1);
        while reader.looked > due + LATE {
            self.blocks += 1;
            self.late += 1;
            due += BLOCK;
        }
    }
}

/// Returns the position in the film, in bytes, of a viewer who has watched for this time.
fn position(watched: Duration, rate: u64) -> u64 {
    u64::try_from(watched.as_micros())
        .unwrap_or(u64::MAX)
        .saturating_mul(rate)
        / 1_000_000
}
