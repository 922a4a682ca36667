use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::random::Random;

/// What a link does to packets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// How long they are on their way.
    pub(super) delay: Duration,
    /// How many of 1000 get lost.
    pub(super) lost: u64,
    /// How long the queue before the link is. What comes when it is full is dropped.
    pub(super) queue: Duration,
}

/// 20 Mbit/s, in bytes per second. Whole IP packets count, as they do for netem on such a device.
const RATE: u64 = 2_500_000;

/// One direction: a queue, then the rate, then the delay, on which some get lost.
pub(super) struct Wire {
    shape: Shape,
    random: Random,
    /// When the last packet of the queue will have left it.
    free: Instant,
    under_way: VecDeque<(Instant, Vec<u8>)>,
    pub(super) counts: Counts,
}

/// What became of the packets.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) packets: u64,
    pub(super) lost: u64,
    /// Those that found the queue full.
    pub(super) dropped: u64,
    /// Those that came out late, because the machine had something else to do.
    pub(super) late: u64,
}

/// A packet that comes out later than this is late. The delay is to be what it says, roughly.
const LATE: Duration = Duration::from_millis(5);

impl Wire {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            shape,
            // The same losses for everybody: each link counts its own packets.
            random: Random::new(),
            free: Instant::now(),
            under_way: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn put(&mut self, packet: &[u8], now: Instant) {
        self.counts.packets += 1;
        let begin = self.free.max(now);
        if begin - now > self.shape.queue {
            self.counts.dropped += 1;
            return;
        }
        let nanoseconds = packet.len() as u64 * 1_000_000_000 / RATE;
        self.free = begin + Duration::from_nanos(nanoseconds);
        // Lost on its way, so it has taken its time of the link.
        if self.random.below(1000) < self.shape.lost {
            self.counts.lost += 1;
            return;
        }
        self.under_way
            .push_back((self.free + self.shape.delay, packet.to_vec()));
    }

    /// The next packet that has arrived.
    pub(super) fn take(&mut self, now: Instant) -> Option<Vec<u8>> {
        let (due, _) = self.under_way.front()?;
        let behind = now.checked_duration_since(*due)?;
        self.counts.late += u64::from(behind > LATE);
        self.under_way.pop_front().map(|(_, packet)| packet)
    }
}
