//! Tests the maximum memory of the server while clients send hostile requests. `/proc` shows the memory of a whole
//! process, so the server is the built program, not a part of the test process.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::program::{Running, check_is_well};
use crate::support::{Client, eventually};

/// The limit for the resident memory of the program, in KiB.
const LIMIT: u64 = 128 * 1024;

fn raise_descriptor_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

/// The heads have almost the maximum length. All heads together have about 85 MB.
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
    let mut clients = Vec::new();
    for number in 0..3500 {
        let mut client = Client::connect(running.address);
        // The write may fail, because the server may already have closed the connection.
        let _ = client.stream.write_all(head.as_bytes());
        clients.push(client);
        if number % 500 == 0 {
            check_is_well(&running);
        }
    }
    check_is_well(&running);
    let peak = running.peak();
    drop(clients);
    assert!(peak < LIMIT / 2, "{peak} KiB");
}

/// The subtitles become much longer as WebVTT. The clients do not read the responses.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn hostile_subtitles_stay_within_memory() {
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
            let mut client = Client::connect_small(running.address);
            client.send(format!(
                "GET /api/subtitles/{name}.srt HTTP/1.1\r\nHost: a\r\n\r\n"
            ));
            clients.push(client);
        }
    }
    let until = Instant::now() + Duration::from_secs(8);
    while Instant::now() < until {
        check_is_well(&running);
        thread::sleep(Duration::from_millis(50));
    }
    let peak = running.peak();
    assert!(peak < LIMIT, "{peak} KiB");
    let mut viewer = Client::connect(running.address);
    let timeout = Some(Duration::from_secs(60));
    viewer.stream.set_read_timeout(timeout).unwrap();
    eventually("ordinary subtitles", || {
        let response = viewer.request("GET", "/api/subtitles/film.srt", "");
        response.status == 200 && response.text().ends_with("hello\n\n")
    });
    // After the clients disconnect, the server serves each file.
    drop(clients);
    for name in ["references", "zeros", "broken", "cues", "styles"] {
        eventually(name, || {
            let target = format!("/api/subtitles/{name}.srt");
            viewer.request("GET", &target, "").status == 200
        });
    }
}

/// The names become longer as URLs. The clients do not read the responses.
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
            let mut client = Client::connect_small(running.address);
            client.send("GET /api/videos HTTP/1.1\r\nHost: a\r\n\r\n");
            client
        })
        .collect();
    for _ in 0..20 {
        check_is_well(&running);
        thread::sleep(Duration::from_millis(100));
    }
    let peak = running.peak();
    drop(clients);
    assert!(peak < LIMIT, "{peak} KiB");
}
