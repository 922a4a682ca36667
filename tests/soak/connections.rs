use std::io::Read;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::media::FILM_TARGET;
use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// 2,000 heads, a byte of each every three seconds.
pub(crate) fn trickle(target: &Target<'_>) -> Result<String> {
    let mut clients = Vec::new();
    for _ in 0..2000 {
        clients.push(Client::connect(target.address)?);
    }
    let head = get("/healthz", "A: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    let mut closed = 0;
    for byte in head.chunks(1).take(8) {
        let round = Instant::now();
        let count = clients.len();
        clients.retain_mut(|client| client.send(byte).is_ok());
        closed += count - clients.len();
        thread::sleep(Duration::from_secs(3).saturating_sub(round.elapsed()));
    }
    Ok(format!("{closed} of 2000 were closed on the way"))
}

/// 4,000 heads that lack their end, each as long as is allowed.
pub(crate) fn long_half_heads(target: &Target<'_>) -> Result<String> {
    let mut head = get(
        &format!("/{}", "a".repeat(8000)),
        &format!("A: {}\r\n", "b".repeat(16_000)),
    );
    head.truncate(head.len() - 4);
    let mut clients = Vec::new();
    for _ in 0..4000 {
        let mut client = Client::connect(target.address)?;
        // Some are closed for the sake of others.
        let _ = client.send(&head);
        clients.push(client);
    }
    thread::sleep(Duration::from_secs(3));
    Ok("4000 of 24 KB each".to_owned())
}

/// 2,000 connections: half of them silent, half kept after an answer.
pub(crate) fn idle(target: &Target<'_>) -> Result<String> {
    let mut clients = Vec::new();
    for number in 0..2000 {
        let mut client = Client::connect(target.address)?;
        if number % 2 == 0 {
            client.get("/healthz", "")?;
        }
        clients.push(client);
    }
    thread::sleep(Duration::from_secs(13));
    let mut kept = 0;
    for client in &mut clients {
        kept += usize::from(client.get("/healthz", "").is_ok());
    }
    if kept != 1000 {
        return Err(
            format!("{kept} are kept after 13 s instead of the 1000 that had asked").into(),
        );
    }
    Ok("the 1000 silent ones were closed, the 1000 kept ones were not".to_owned())
}

/// 512 readers that take the head and pause.
pub(crate) fn paused(target: &Target<'_>) -> Result<String> {
    let (readers, taken) = readers(target.address, 512)?;
    thread::sleep(Duration::from_secs(10));
    drop(readers);
    Ok(format!("{taken} of 512 had a stream, the others 503"))
}

/// One client takes all streams, again and again; nobody shares them out yet.
pub(crate) fn one_takes_all(target: &Target<'_>) -> Result<String> {
    let until = Instant::now() + Duration::from_secs(10);
    let mut rounds = 0;
    while Instant::now() < until {
        let (readers, taken) = readers(target.address, 300)?;
        if taken < 250 {
            return Err(format!("{taken} streams instead of 256").into());
        }
        for reader in readers {
            reader.reset()?;
        }
        thread::sleep(Duration::from_millis(500));
        rounds += 1;
    }
    Ok(format!("all streams taken {rounds} times"))
}

fn readers(address: SocketAddr, count: usize) -> Result<(Vec<Client>, usize)> {
    let mut readers = Vec::new();
    let mut taken = 0;
    for _ in 0..count {
        let mut reader = Client::connect_small(address)?;
        match reader.ask(FILM_TARGET, "")?.status {
            200 => taken += 1,
            503 => {}
            status => return Err(format!("a reader was answered with {status}").into()),
        }
        readers.push(reader);
    }
    Ok((readers, taken))
}

/// 5,000 that connect and reset: at once, after half a head, after a request.
pub(crate) fn resets(target: &Target<'_>) -> Result<String> {
    let request = get(FILM_TARGET, "");
    for number in 0..5000 {
        let mut client = Client::connect(target.address)?;
        match number % 4 {
            0 => {}
            1 => client.send(&request[..20])?,
            2 => client.send(&request)?,
            _ => {
                client.send(get("/watch/film.mp4", ""))?;
                let _ = client.stream.read(&mut [0; 100]);
            }
        }
        client.reset()?;
    }
    Ok("5000 resets".to_owned())
}
