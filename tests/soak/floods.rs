use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::media::FILM_TARGET;
use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// The duration of each flood.
const TIME: Duration = Duration::from_secs(8);
const CLIENTS: usize = 8;

pub(crate) fn endless_line(target: &Target<'_>) -> Result<String> {
    flood(target.address, b"GET /", &[b'a'; 64 * 1024])
}

pub(crate) fn endless_field(target: &Target<'_>) -> Result<String> {
    flood(
        target.address,
        b"GET / HTTP/1.1\r\nHost: a\r\nA: ",
        &[b'a'; 64 * 1024],
    )
}

pub(crate) fn many_fields(target: &Target<'_>) -> Result<String> {
    let fields = "A: b\r\n".repeat(100_000);
    flood(
        target.address,
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        fields.as_bytes(),
    )
}

pub(crate) fn endless_length(target: &Target<'_>) -> Result<String> {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n";
    flood(target.address, head, &[b'a'; 64 * 1024])
}

pub(crate) fn endless_chunks(target: &Target<'_>) -> Result<String> {
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    flood(
        target.address,
        head,
        "5\r\naaaaa\r\n".repeat(6000).as_bytes(),
    )
}

/// Sends `head`, and then `rest` again and again, until the server closes the connection. Repeats this with new
/// connections.
fn flood(address: SocketAddr, head: &[u8], rest: &[u8]) -> Result<String> {
    let until = Instant::now() + TIME;
    let counts = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| -> Result<(u64, u64)> {
                    let (mut connections, mut most) = (0, 0);
                    while Instant::now() < until {
                        let mut client = Client::connect(address)?;
                        let mut sent = 0;
                        client.send(head)?;
                        while client.send(rest).is_ok() {
                            sent += rest.len() as u64;
                            if Instant::now() > until + TIME {
                                return Err("the server never closes the connection".into());
                            }
                        }
                        connections += 1;
                        most = most.max(sent);
                    }
                    Ok((connections, most))
                })
            })
            .collect();
        let join = |client: thread::ScopedJoinHandle<'_, Result<(u64, u64)>>| {
            client.join().expect("a flood does not panic")
        };
        clients.into_iter().map(join).collect::<Result<Vec<_>>>()
    })?;
    let connections: u64 = counts.iter().map(|(connections, _)| connections).sum();
    let most = counts.iter().map(|(_, most)| *most).max().unwrap_or(0);
    Ok(format!(
        "{connections} connections closed, each after at most {}",
        crate::mebibytes(most)
    ))
}

/// Sends 64 requests for a film over one connection, and reads slowly. The server must not use many threads for this
/// connection.
pub(crate) fn pipeline_of_films(target: &Target<'_>) -> Result<String> {
    let mut client = Client::connect_small(target.address)?;
    client.send(get(FILM_TARGET, "").repeat(64))?;
    let mut block = vec![0; 64 * 1024];
    let mut received = 0;
    let mut most_threads = 0;
    let until = Instant::now() + TIME;
    while Instant::now() < until {
        received += client.read(&mut block)? as u64;
        most_threads = most_threads.max(target.server.usage()?.threads);
        thread::sleep(Duration::from_millis(1));
    }
    if most_threads > 20 {
        return Err(format!("{most_threads} threads for one connection").into());
    }
    Ok(format!(
        "64 films requested, {} received, at most {most_threads} threads",
        crate::mebibytes(received)
    ))
}
