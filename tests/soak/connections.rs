use std::io::Read;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::media::FILM_TARGET;
use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// Opens 2,000 connections. 1,000 of them send one request, and the others send none. The server closes a connection
/// without a request after 10 s, and a connection with a complete request after 60 s. So 1,000 are open after 13 s.
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
        return Err(format!(
            "{kept} connections are open after 13 s, instead of the 1000 with a request"
        )
        .into());
    }
    Ok(
        "the 1000 silent connections were closed, the 1000 keep-alive connections were not"
            .to_owned(),
    )
}

pub(crate) fn paused(target: &Target<'_>) -> Result<String> {
    let (readers, taken) = readers(target.address, 512)?;
    thread::sleep(Duration::from_secs(10));
    drop(readers);
    Ok(format!(
        "{taken} of 512 clients got a stream, the others got 503"
    ))
}

fn readers(address: SocketAddr, count: usize) -> Result<(Vec<Client>, usize)> {
    let mut readers = Vec::new();
    let mut taken = 0;
    for _ in 0..count {
        let mut reader = Client::connect_small(address)?;
        match reader.ask(FILM_TARGET, "")?.status {
            200 => taken += 1,
            503 => {}
            status => return Err(format!("a client got the status {status}").into()),
        }
        readers.push(reader);
    }
    Ok((readers, taken))
}

/// Resets 5,000 connections: immediately, after a part of a head, after a request, or after the first bytes of a
/// response.
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
