//! Memory that clients can make the program use. The server is the built program, so that `/proc` shows its memory alone.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::program::{Running, is_well};
use crate::support::{Client, eventually};

/// Limit of the program's resident memory, in KiB.
const LIMIT: u64 = 128 * 1024;

/// Raises the limit of descriptors, for thousands of clients in this process.
fn raise_descriptor_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

/// Incomplete heads, each within its limits: about 85 MB in all.
#[test]
fn long_incomplete_heads_stay_within_memory() {
    raise_descriptor_limit();
    let dir = tempfile::tempdir().unwrap();
    let running = Running::quiet(dir.path(), &[]);
    let head = format!(
        "GET /{} HTTP/1.1\r\nHost: a\r\nA: {}",
        "a".repeat(8 * 1024 - 100),
        "b".repeat(16 * 1024 - 100)
    );
    let mut halves = Vec::new();
    for number in 0..3500 {
        let mut client = Client::connect(running.address);
        // The server may have evicted earlier ones.
        let _ = client.stream.write_all(head.as_bytes());
        halves.push(client);
        if number % 500 == 0 {
            is_well(&running);
        }
    }
    is_well(&running);
    let peak = running.peak();
    drop(halves);
    assert!(peak < LIMIT / 2, "{peak} KiB");
}

/// Subtitles that become much longer as WebVTT, requested by many clients that do not read.
#[test]
fn slow_hostile_subtitles_stay_within_memory() {
    let dir = tempfile::tempdir().unwrap();
    let times = "1\n00:00:00,000 --> 09:00:00,000\n";
    let length = 4 * 1024 * 1024 - times.len();
    for (name, line) in [
        ("references", "&"),
        ("zeros", "\0"),
        ("broken", "\u{e4}\u{e4}\u{e4}\n"),
        ("cues", "0:0:0,0-->0:0:1,0\n&\n\n0:0:0,0-->0:0:1,0\n>\n\n"),
        ("styles", "<i>a<b>b</i>c</b>&"),
    ] {
        let content = times.to_owned() + &line.repeat(length / line.len());
        std::fs::write(dir.path().join(format!("{name}.srt")), content).unwrap();
    }
    std::fs::write(dir.path().join("film.srt"), times.to_owned() + "hello\n").unwrap();
    let running = Running::quiet(dir.path(), &[]);
    let mut clients = Vec::new();
    for _ in 0..3 {
        for name in ["references", "zeros", "broken", "cues", "styles"] {
            let mut client = Client::small(running.address);
            client.send(format!(
                "GET /api/subtitles/{name}.srt HTTP/1.1\r\nHost: a\r\n\r\n"
            ));
            clients.push(client);
        }
    }
    let until = Instant::now() + Duration::from_secs(8);
    while Instant::now() < until {
        is_well(&running);
        thread::sleep(Duration::from_millis(50));
    }
    let peak = running.peak();
    assert!(peak < LIMIT, "{peak} KiB");
    // Ordinary subtitles are still served.
    let mut viewer = Client::connect(running.address);
    let patience = Some(Duration::from_secs(60));
    viewer.stream.set_read_timeout(patience).unwrap();
    eventually("ordinary subtitles", || {
        let response = viewer.request("GET", "/api/subtitles/film.srt", "");
        response.status == 200 && response.text().ends_with("hello\n\n")
    });
    // Without the other clients, each file is served.
    drop(clients);
    for name in ["references", "zeros", "broken", "cues", "styles"] {
        eventually(name, || {
            let target = format!("/api/subtitles/{name}.srt");
            viewer.request("GET", &target, "").status == 200
        });
    }
}

/// The same for the listings of a folder whose names are long, and longer as URLs.
#[test]
fn unread_listings_of_long_names_stay_within_memory() {
    raise_descriptor_limit();
    let dir = tempfile::tempdir().unwrap();
    for number in 0..1200 {
        let name = format!("{number:04}{}", "\u{e4}".repeat(120));
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let running = Running::quiet(dir.path(), &[]);
    let clients: Vec<Client> = (0..300)
        .map(|_| {
            let mut client = Client::small(running.address);
            client.send("GET /api/videos HTTP/1.1\r\nHost: a\r\n\r\n");
            client
        })
        .collect();
    for _ in 0..20 {
        is_well(&running);
        thread::sleep(Duration::from_millis(100));
    }
    let peak = running.peak();
    drop(clients);
    assert!(peak < LIMIT, "{peak} KiB");
}
