use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Result;
use crate::client::{Connection, Wanted, drop_content};

/// Plays the film from one plain GET: begins, and goes on after a stall, when there are 5 s of it, and reads no more
/// than 20 s ahead.
pub(super) struct Player {
    stream: TcpStream,
    rate: u64,
    got: u64,
    opened: Instant,
    looked: Instant,
    /// How much of the film has been shown.
    played: Duration,
    is_playing: bool,
    watched: Watched,
    block: Vec<u8>,
}

/// What somebody before it saw.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watched {
    /// How long it took to the first picture.
    pub(super) started: Option<Duration>,
    /// How often the picture stood still after that, and how long in all.
    pub(super) stalls: u32,
    pub(super) stood: Duration,
}

const ENOUGH_TO_BEGIN: Duration = Duration::from_secs(5);
const AHEAD: Duration = Duration::from_secs(20);
const BLOCK: usize = 256 * 1024;

impl Player {
    pub(super) fn open(address: SocketAddr, target: &str, rate: u64) -> Result<Self> {
        let opened = Instant::now();
        let mut connection = Connection::open(address)?;
        connection.ask(target, "")?.must_answer(Wanted::Whole)?;
        let (stream, got) = connection.into_nonblocking()?;
        Ok(Self {
            stream,
            rate,
            got,
            opened,
            looked: Instant::now(),
            played: Duration::ZERO,
            is_playing: false,
            watched: Watched::default(),
            block: vec![0; BLOCK],
        })
    }

    /// Lets the time go by that has passed since the last look, then takes what has come.
    pub(super) fn look(&mut self) -> io::Result<()> {
        let passed = self.looked.elapsed();
        self.looked += passed;
        if self.is_playing {
            self.played += passed;
            if self.played > self.there() {
                self.played = self.there();
                self.is_playing = false;
                self.watched.stalls += 1;
            }
        } else if self.watched.started.is_some() {
            self.watched.stood += passed;
        }
        while self.there() < self.played + AHEAD {
            match drop_content(&self.stream, &mut self.block, u64::MAX) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.got += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if !self.is_playing && self.there() >= self.played + ENOUGH_TO_BEGIN {
            self.is_playing = true;
            self.watched.started.get_or_insert(self.opened.elapsed());
        }
        Ok(())
    }

    pub(super) fn watched(&self) -> Watched {
        self.watched
    }

    /// How much of the film has come.
    fn there(&self) -> Duration {
        Duration::from_micros(self.got.saturating_mul(1_000_000) / self.rate)
    }
}
