use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use rustix::thread::gettid;

use super::wire::{Counts, Shape, Wire};
use crate::Result;

/// A thread that carries packets between two devices until it is told to stop.
pub(super) struct Relay {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<Carried>>>,
}

/// What it has done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    pub(super) to_client: Counts,
    pub(super) to_server: Counts,
    /// The longest time that it did not look after its packets.
    pub(super) away: Duration,
}

/// How often it looks. In each direction it adds twice this to the delay, at the most, on a machine that has time for it.
const TICK: Duration = Duration::from_micros(500);
/// A packet is no longer than this: the devices have an MTU of 1500.
const LONGEST: usize = 2048;
/// Somewhat before the servers and players whose packets these are, as the system's own work for a network is.
const PRIORITY: i32 = -10;

impl Relay {
    /// The way to the client has the shape; the way back has its rate alone, as with netem at the server's end.
    pub(super) fn start(server: File, client: File, shape: Shape) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || carry(&server, &client, shape, &told));
        Self {
            stop,
            thread: Some(thread),
        }
    }

    pub(super) fn stop(mut self) -> Result<Carried> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().ok_or("the link was stopped twice")?;
        let ended = thread.join().map_err(|_| "the link's thread panicked")?;
        Ok(ended.map_err(|error| format!("the link broke: {error}"))?)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Only who calls `stop` wants to know what became of it.
            let _ = thread.join();
        }
    }
}

fn carry(
    mut server: &File,
    mut client: &File,
    shape: Shape,
    stop: &AtomicBool,
) -> io::Result<Carried> {
    // Best effort: where it is not allowed, the counts show what comes of it.
    let _ = setpriority_process(Some(gettid()), PRIORITY);
    let back = Shape {
        delay: Duration::ZERO,
        lost: 0,
        ..shape
    };
    let (mut to_client, mut to_server) = (Wire::new(shape), Wire::new(back));
    let mut away = Duration::ZERO;
    let mut looked = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        away = away.max(now - looked);
        looked = now;
        pull(&mut server, &mut to_client, now)?;
        pull(&mut client, &mut to_server, now)?;
        while let Some(packet) = to_client.take(now) {
            client.write_all(&packet)?;
        }
        while let Some(packet) = to_server.take(now) {
            server.write_all(&packet)?;
        }
        thread::sleep(TICK);
    }
    Ok(Carried {
        to_client: to_client.counts,
        to_server: to_server.counts,
        away,
    })
}

/// Takes all packets that have come out of a device.
fn pull(device: &mut &File, wire: &mut Wire, now: Instant) -> io::Result<()> {
    let mut packet = [0; LONGEST];
    loop {
        match device.read(&mut packet) {
            Ok(count) => wire.put(&packet[..count], now),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
