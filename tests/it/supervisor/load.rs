//! Clients that repeat a request and count the results.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::support::TIMEOUT;

#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) refused: u64,
    /// Connections that ended without a response.
    pub(super) unanswered: u64,
    /// The number of times that [`ask`] returned each text.
    pub(super) texts: BTreeMap<String, u64>,
}

pub(super) struct Load {
    is_over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Seen>>,
}

impl Load {
    pub(super) fn start(address: SocketAddr, clients: usize) -> Load {
        let is_over = Arc::new(AtomicBool::new(false));
        let client = || {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                let mut seen = Seen::default();
                while !is_over.load(Ordering::Relaxed) {
                    match ask(address) {
                        Ok(Some(text)) => *seen.texts.entry(text).or_default() += 1,
                        Ok(None) => seen.unanswered += 1,
                        Err(_) => seen.refused += 1,
                    }
                    thread::sleep(Duration::from_millis(5));
                }
                seen
            })
        };
        let clients = (0..clients).map(|_| client()).collect();
        Load { is_over, clients }
    }

    pub(super) fn stop(self) -> Seen {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for client in self.clients {
            let seen = client.join().unwrap();
            all.refused += seen.refused;
            all.unanswered += seen.unanswered;
            for (text, count) in seen.texts {
                *all.texts.entry(text).or_default() += count;
            }
        }
        all
    }
}

/// Returns the content of the file `a`. If the status is not 200, returns the status code. Returns `None` if the
/// connection ended without a response.
///
/// # Errors
///
/// Returns an error if the client cannot connect.
pub(super) fn ask(address: SocketAddr) -> io::Result<Option<String>> {
    const REQUEST: &[u8] =
        b"GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    let mut response = String::new();
    let talk = stream
        .set_read_timeout(Some(TIMEOUT))
        .and_then(|()| stream.write_all(REQUEST))
        .and_then(|()| stream.read_to_string(&mut response));
    if talk.is_err() {
        return Ok(None);
    }
    let content = response
        .strip_prefix("HTTP/1.1 200 ")
        .and_then(|rest| rest.split_once("\r\n\r\n"));
    Ok(match content {
        Some((_, content)) => Some(content.to_owned()),
        None => response.split(' ').nth(1).map(str::to_owned),
    })
}
