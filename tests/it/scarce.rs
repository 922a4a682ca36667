//! Tests the program with few threads, little address space or few descriptors. With these limits, the program must
//! either serve all clients, or print why it cannot start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{Running, check_is_well, clean};
use crate::support::{Client, eventually};

/// Returns a command that runs the program with a limit of threads. The kernel counts all threads of a user, so the
/// program runs as a user without other processes. Only root can change the user, so other users get `None`.
fn with_threads(limit: u32, dir: &Path) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start a process as another user");
        return None;
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    // User 65533 may have no access to the folder of the program, so `setpriv` starts a copy of the program.
    let copy = dir.join(".program");
    fs::copy(env!("CARGO_BIN_EXE_videoserve"), &copy).unwrap();
    let mut command = clean("prlimit");
    command
        .arg(format!("--nproc={limit}"))
        .args([
            "setpriv",
            "--clear-groups",
            "--reuid=65533",
            "--regid=65533",
        ])
        .arg(copy)
        .args(["--port", "0", "--dir"])
        .arg(dir)
        .stdin(Stdio::null());
    Some(command)
}

/// If the limit is too low, the program must print one line and exit within 2 s. Otherwise, it must print its URL
/// within 2 s. With a limit of 18 threads, it must serve all clients.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn program_with_few_threads_serves_all_clients() {
    let dir = tempfile::tempdir().unwrap();
    let file = fs::File::create(dir.path().join("film")).unwrap();
    file.set_len(1 << 30).unwrap();
    for number in 0..2000 {
        fs::write(dir.path().join(format!("{number}.mp4")), "").unwrap();
    }
    for limit in 1..=14 {
        let Some(mut command) = with_threads(limit, dir.path()) else {
            return;
        };
        let before = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // After 2 s, the program has either exited or printed its URL.
        let until = before + Duration::from_secs(2);
        let ended = loop {
            match child.try_wait().unwrap() {
                None if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                ended => break ended,
            }
        };
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        let (errors, text) = (
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout),
        );
        assert!(!errors.contains("panic"), "{limit}: {errors}");
        match ended {
            Some(status) => {
                assert_eq!(status.code(), Some(1), "{limit}: {errors}");
                assert_eq!(errors.lines().count(), 1, "{limit}: {errors}");
            }
            None => assert!(text.contains("http://"), "{limit}: no URL was printed"),
        }
    }
    // The following requests wait for a search, a folder scan or a stream. They must not occupy all workers.
    let mut command = with_threads(18, dir.path()).unwrap();
    command.env("RUST_LOG", "off");
    let running = Running::start(command);
    let mut clients = Vec::new();
    for number in 0..160 {
        let mut client = Client::connect_small(running.address);
        let target = ["/?q=x", "/browse/?list", "/api/stream/film", "/watch/1.mp4"][number % 4];
        client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        clients.push(client);
    }
    for _ in 0..10 {
        check_is_well(&running);
    }
    drop(clients);
    eventually("a stream is free", || is_streaming(&running));
}

/// The address space of 256 MiB is too small for the stacks of all workers. So the program must run fewer workers. No
/// allocation may fail, because a failed allocation ends the program.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn program_with_little_address_space_serves_all_clients() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::File::create(dir.path().join("film"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let times = "1\n00:00:00,000 --> 09:00:00,000\n";
    let content = times.to_owned() + &"&".repeat(4 * 1024 * 1024 - times.len());
    std::fs::write(dir.path().join("film.srt"), content).unwrap();
    let mut command = clean("sh");
    command
        .args(["-c", "ulimit -v 262144; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_videoserve"), "--port", "0", "--dir"])
        .arg(dir.path())
        .env("RUST_LOG", "off");
    let running = Running::start(command);
    let mut readers = Vec::new();
    let mut taken = 0;
    for number in 0..400 {
        let target = if number % 8 == 0 {
            "/api/subtitles/film.srt"
        } else {
            "/api/stream/film"
        };
        let mut client = Client::connect_small(running.address);
        client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        taken += usize::from(number % 8 != 0 && client.read_head().status == 200);
        readers.push(client);
    }
    assert!(taken >= 8, "{taken} streams");
    check_is_well(&running);
    drop(readers);
    eventually("a stream is free", || is_streaming(&running));
}

fn is_streaming(running: &Running) -> bool {
    let mut client = Client::connect(running.address);
    let range = "Range: bytes=0-0\r\n";
    client.request("GET", "/api/stream/film", range).status == 206
}

/// The maximum number of connections with 200 descriptors. The server reserves 112 descriptors for other purposes, and
/// 22 for the files of 22 streams.
const DESCRIPTORS_200: usize = 66;

#[test]
fn program_with_few_descriptors_evicts_idle_connections_or_returns_503() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "content").unwrap();
    let running = Running::with_descriptors(200, dir.path(), &[]);
    let mut clients = Vec::new();
    for _ in 0..DESCRIPTORS_200 + 50 {
        let mut client = Client::connect(running.address);
        assert_eq!(client.request("GET", "/api/stream/a", "").text(), "content");
        clients.push(client);
    }
    // The server evicts the connections with the longest idle time. The gate, a thread of the server, owns the idle
    // connections. A worker returns a connection to the gate shortly after the response, so the test must wait.
    let is_closed = |client: &Client| {
        client.stream.set_nonblocking(true).unwrap();
        let peeked = client.stream.peek(&mut [0]);
        client.stream.set_nonblocking(false).unwrap();
        matches!(peeked, Ok(0))
    };
    let closed = |clients: &[Client]| clients.iter().filter(|one| is_closed(one)).count();
    eventually("50 connections are evicted", || closed(&clients) == 50);
    assert_eq!(closed(&clients[60..]), 0);
    clients.retain(|client| !is_closed(client));
    for client in &mut clients {
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    }
    for client in &mut clients {
        client.send("GET");
    }
    // A connection is idle until the gate has read `GET`. Until then, a new client can take its place. So the test
    // connects until a client is refused.
    eventually("a late client is refused", || {
        let mut late = Client::connect(running.address);
        late.stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        if late.stream.peek(&mut [0]).is_err() {
            return false;
        }
        assert_eq!(late.response().status, 503);
        late.expect_close();
        true
    });
    drop(clients);
    eventually("a client is answered again", || {
        let mut client = Client::connect(running.address);
        client.request("GET", "/healthz", "").status == 200
    });
}

#[test]
fn incomplete_heads_are_evicted_before_idle_connections() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::with_descriptors(200, dir.path(), &[]);
    let connect = |_| Client::connect(running.address);
    let mut idle: Vec<Client> = (0..DESCRIPTORS_200 / 2).map(connect).collect();
    for client in &mut idle {
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    }
    let mut heads: Vec<Client> = (0..DESCRIPTORS_200 / 2).map(connect).collect();
    for client in &mut heads {
        client.send("GET");
    }
    // The server evicts a connection with an incomplete head only after 1 s.
    thread::sleep(Duration::from_millis(1_500));
    for _ in 0..10 {
        heads.push(Client::connect(running.address));
        let late = heads.last_mut().unwrap();
        assert_eq!(late.request("GET", "/healthz", "").text(), "ok");
    }
    for client in &mut idle {
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    }
}
