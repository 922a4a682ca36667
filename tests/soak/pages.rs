use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// Pages whose responses fill the buffers of a client that does not read.
const PAGES: [&str; 10] = [
    "/?list",
    "/browse/many/",
    "/browse/tree/",
    "/watch/film.mp4",
    "/api/subtitles/film.srt",
    "/playlist/many/",
    "/playlist/film.mp4",
    "/api/videos/many/",
    "/assets/player.js",
    "/nothing/at/all",
];

/// Pages that need much disk and processor time.
const EXPENSIVE: [&str; 8] = [
    "/?q=e",
    "/?q=tree+99",
    "/browse/many/?sort=size",
    "/browse/many/?sort=date&last",
    "/watch/boxes.mp4",
    "/watch/tracks.mp4",
    "/api/subtitles/references.srt",
    "/watch/many/Season%2000%20Episode%2000000.mp4",
];

/// Opens 3,000 clients. Each client sends 20 requests, and reads no response.
pub(crate) fn unread(target: &Target<'_>) -> Result<String> {
    let mut clients = Vec::new();
    for number in 0..3000 {
        let mut client = Client::connect_small(target.address)?;
        let mut requests = Vec::new();
        for turn in 0..20 {
            requests.extend(get(PAGES[(number + turn) % PAGES.len()], ""));
        }
        let _ = client.send_some(&requests)?;
        clients.push(client);
    }
    thread::sleep(Duration::from_secs(10));
    Ok("3000 clients, 20 requests each".to_owned())
}

/// Runs 64 clients that send requests in a loop, each over a new connection. After every third request, a client closes
/// the connection and does not read the response.
pub(crate) fn expensive(target: &Target<'_>) -> Result<String> {
    let until = Instant::now() + Duration::from_secs(20);
    let mut counts = [0_u64; 3];
    thread::scope(|scope| -> Result<()> {
        let clients: Vec<_> = (0..64_usize)
            .map(|number| scope.spawn(move || ask_until(target.address, until, number)))
            .collect();
        for client in clients {
            let one = client.join().expect("a client does not panic")?;
            counts
                .iter_mut()
                .zip(one)
                .for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    })?;
    let [complete, refused, abandoned] = counts;
    Ok(format!(
        "{complete} responses, {refused} times 503, {abandoned} requests abandoned"
    ))
}

fn ask_until(address: SocketAddr, until: Instant, number: usize) -> Result<[u64; 3]> {
    let mut counts = [0; 3];
    let mut turn = number;
    while Instant::now() < until {
        turn += 1;
        let page = EXPENSIVE[turn % EXPENSIVE.len()];
        let mut client = Client::connect(address)?;
        if turn.is_multiple_of(3) {
            client.send(get(page, ""))?;
            counts[2] += 1;
            continue;
        }
        match client.get(page, "").map(|answer| answer.status) {
            Ok(200) => counts[0] += 1,
            Ok(503) => counts[1] += 1,
            Ok(status) => return Err(format!("{page} got the status {status}").into()),
            Err(error) => return Err(format!("{page}: {error}").into()),
        }
    }
    Ok(counts)
}

pub(crate) fn burst(target: &Target<'_>) -> Result<String> {
    let mut clients = Vec::new();
    for _ in 0..2000 {
        clients.push(Client::connect_small(target.address)?);
    }
    let begin = Instant::now();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(get(EXPENSIVE[number % EXPENSIVE.len()], ""))?;
    }
    let mut answered = 0;
    for client in &mut clients {
        match client.read_head()?.status {
            200 => answered += 1,
            503 => {}
            status => return Err(format!("a page got the status {status}").into()),
        }
    }
    Ok(format!(
        "2000 requests at the same time: {answered} responses, the others 503, the last after {:.1} s",
        begin.elapsed().as_secs_f64()
    ))
}
