use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Client, Wanted};
use crate::Result;
use crate::shared::client::drop_content;

/// Clients that each read the film at a steady rate, with a plain GET.
pub(crate) struct Readers {
    readers: Vec<Reader>,
    /// Bytes in a second, of each.
    rate: u64,
}

struct Reader {
    stream: TcpStream,
    got: u64,
    /// The blocks of it that are complete.
    blocks: u32,
    /// Time of the last check.
    looked: Duration,
}

/// Results of all readers.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Blocks that were due, a tenth of a second of the film each.
    pub(crate) blocks: u64,
    /// Blocks that arrived more than [`LATE`] after they were due.
    pub(crate) late: u64,
    /// Longest time between two checks of a client.
    pub(crate) own_delay: Duration,
}

/// How much of the film a block is, in time.
const BLOCK: Duration = Duration::from_millis(100);
const LATE: Duration = Duration::from_millis(250);
/// Time between two checks.
const TICK: Duration = Duration::from_millis(10);
/// The most that is dropped at a time.
const MOST: usize = 1 << 20;

impl Readers {
    /// Connects and waits for the heads.
    pub(crate) fn open(address: SocketAddr, target: &str, count: usize, rate: u64) -> Result<Self> {
        let open = |_| -> io::Result<Reader> {
            let mut client = Client::connect(address)?;
            Wanted::Whole.must_be(&client.ask(target, "")?)?;
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
        // Not all of them at the same instant.
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
    /// Reads what a viewer has watched by now, or as much of it as is there.
    fn take(&mut self, watched: Duration, rate: u64, block: &mut [u8]) -> io::Result<()> {
        let until = position(watched, rate);
        if let Some(most @ 1..) = until.checked_sub(self.got) {
            match drop_content(&self.stream, block, most) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.got += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Pace {
    /// Counts the blocks that this reader has received since its last check. A block that was not late at that check does
    /// not count as late, because on a busy machine the reader itself may be late.
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

    /// Counts the blocks that should be there and never came.
    fn count_missing(&mut self, reader: &Reader) {
        let mut due = BLOCK * (reader.blocks + 1);
        while reader.looked > due + LATE {
            self.blocks += 1;
            self.late += 1;
            due += BLOCK;
        }
    }
}

/// How far into the film that is, in bytes.
fn position(watched: Duration, rate: u64) -> u64 {
    u64::try_from(watched.as_micros())
        .unwrap_or(u64::MAX)
        .saturating_mul(rate)
        / 1_000_000
}
