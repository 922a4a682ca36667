//! What only a hand inside the server can do to it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::gate::Version;
use crate::gate::desk::Parcel;
use crate::http::Persistence;
use crate::{Config, Server};

fn health(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    answer(stream)
}

fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\nok") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        response.push(byte[0]);
    }
    assert!(response.starts_with(b"HTTP/1.1 200 OK\r\n"));
    Ok(())
}

/// A server of this folder on a free port of loopback, not yet running.
fn bind(dir: &tempfile::TempDir) -> Server {
    let config = Config::new(dir.path()).bind([127, 0, 0, 1].into()).port(0);
    Server::bind(config).unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream
}

/// The link to tiny_http breaks while clients ask: no client notices more than a delay.
#[test]
fn a_broken_link_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let server = bind(&dir);
    let first_link = server.parts.link.stream().try_clone().unwrap();
    let (address, handle) = (server.local_addr(), server.handle());
    let running = thread::spawn(move || server.run());

    let clients: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = connect(address);
                let mut slowest = Duration::ZERO;
                let until = Instant::now() + Duration::from_secs(2);
                while Instant::now() < until {
                    let before = Instant::now();
                    health(&mut stream).unwrap();
                    slowest = slowest.max(before.elapsed());
                }
                slowest
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(100));
    first_link.shutdown(Shutdown::Both).unwrap();
    for client in clients {
        assert!(client.join().unwrap() < Duration::from_secs(1));
    }
    handle.stop();
    running.join().unwrap().unwrap();
}

/// It breaks again and again, also while requests are on it, some clients pipeline and some watch a film: each request
/// gets its one answer, within a second.
#[test]
fn a_link_that_breaks_again_and_again_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("film"), vec![b'x'; 3_000_000]).unwrap();
    let server = bind(&dir);
    let address = server.local_addr();
    let is_over = Arc::new(AtomicBool::new(false));
    let (handle, requests) = (server.handle(), server.parts.requests.clone());
    let running = thread::spawn(move || server.run());

    let film = {
        let is_over = Arc::clone(&is_over);
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let mut stream = connect(address);
                let request =
                    b"GET /api/stream/film HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
                stream.write_all(request).unwrap();
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer).unwrap();
                assert!(answer.len() > 3_000_000 && answer.ends_with(b"xxx"));
            }
        })
    };
    let clients: Vec<_> = (1..5)
        .map(|pipelined| {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                let mut stream = connect(address);
                let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(pipelined);
                let mut slowest = Duration::ZERO;
                while !is_over.load(Ordering::Relaxed) {
                    let before = Instant::now();
                    stream.write_all(&request).unwrap();
                    for _ in 0..pipelined {
                        answer(&mut stream).unwrap();
                    }
                    slowest = slowest.max(before.elapsed());
                }
                slowest
            })
        })
        .collect();
    // A request that is there when it breaks twice is given up; no link breaks so often by itself.
    for _ in 0..8 {
        thread::sleep(Duration::from_millis(400));
        requests.break_link();
    }
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        let slowest = client.join().unwrap();
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    }
    film.join().unwrap();
    handle.stop();
    running.join().unwrap().unwrap();
}

/// Nothing that came through the gate does this; if it did, it would not take the server with it.
#[test]
fn a_head_that_breaks_the_link_twice_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let server = bind(&dir);
    let (address, handle) = (server.local_addr(), server.handle());
    let desk = Arc::clone(&server.parts.desk);
    let link = server.parts.link.stream().try_clone().unwrap();
    let stream = Arc::new(connect(address));
    let peer = stream.peer_addr().unwrap();
    let parcel = Parcel {
        id: usize::MAX,
        stream,
        peer,
        version: Version::Http11,
        persistence: Persistence::Close,
        received: Instant::now(),
        wire: b"no request line\r\n".to_vec(),
        sendings: 1,
    };
    // It never went over the first link; the new one gets it from the desk.
    desk.leave(parcel, &mut Vec::new());
    let running = thread::spawn(move || server.run());
    link.shutdown(Shutdown::Both).unwrap();

    let until = Instant::now() + Duration::from_secs(10);
    while desk.waiting() > 0 {
        assert!(Instant::now() < until, "it is still sent");
        thread::sleep(Duration::from_millis(5));
    }
    health(&mut connect(address)).unwrap();
    handle.stop();
    running.join().unwrap().unwrap();
}

/// Whoever asks while a disk keeps all workers waiting is answered by others.
#[test]
fn workers_that_are_held_up_hold_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let server = bind(&dir);
    let (address, handle) = (server.local_addr(), server.handle());
    server.pool.0.hold_up(100);
    thread::spawn(move || server.run());

    let clients: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = connect(address);
                for _ in 0..20 {
                    health(&mut stream).unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    handle.stop();
}
