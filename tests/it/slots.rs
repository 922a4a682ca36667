//! Tests stream permits and worker threads. There are `max_streams` permits. A response with the content of a file
//! holds a permit and a thread until it ends. The tests check when permits and threads become free, and which responses
//! other clients get until then.

use std::io::Read;
use std::net::{IpAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::shared::client::uninterrupted;
use crate::support::{Client, TestServer, eventually, numbered};

const GIB: u64 = 1 << 30;

/// The server releases a permit shortly after the final byte of the response. The next request waits up to 10 ms for
/// the permit, so it does not get 503.
#[test]
fn sequential_requests_use_one_stream() {
    let server = TestServer::with(|config| config.max_streams(1).unwrap());
    server.file("a", numbered(100));
    for _ in 0..300 {
        assert_eq!(server.get("/api/stream/a").status, 200);
    }
}

#[test]
fn disconnect_frees_the_stream() {
    let server = TestServer::with(|config| config.max_streams(1).unwrap());
    server.sparse_file("film", GIB);
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let response = client.read_head();
        assert_eq!(response.status, 200);
        client.take(100_000);
        drop(client);
        eventually("the stream is free", || {
            server
                .request("GET", "/api/stream/film", "Range: bytes=0-0\r\n")
                .status
                == 206
        });
    }
}

/// Returns an address of this machine that is not loopback, if there is one. A client with a loopback address may be a
/// proxy of many clients, so it has no limit of its own.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // For a UDP socket, `connect` sends no packet. It only selects the source address.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().unwrap().ip();
    (!address.is_loopback()).then_some(address)
}

#[test]
fn client_gets_at_most_half_of_the_streams() {
    let Some(address) = own_address() else {
        eprintln!("skipped: this machine has only loopback addresses");
        return;
    };
    let server = TestServer::with(|config| config.bind(address).max_streams(40).unwrap());
    server.sparse_file("film", GIB);
    let readers: Vec<(Client, u16)> = (0..25)
        .map(|_| {
            let mut client = server.connect();
            client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let status = client.read_head().status;
            (client, status)
        })
        .collect();
    let statuses: Vec<u16> = readers.iter().map(|(_, status)| *status).collect();
    assert_eq!(statuses, [[200; 20].as_slice(), &[503; 5]].concat());
    drop(readers);
    eventually("all streams are free", || {
        server
            .request("GET", "/api/stream/film", "Range: bytes=0-0\r\n")
            .status
            == 206
    });
}

/// Opens `count` streams of the file `film`. The clients read only the heads.
pub(crate) fn viewers(server: &TestServer, count: usize) -> Vec<Client> {
    let view = |_| {
        let mut client = server.connect();
        client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.read_head().status, 200);
        client
    };
    (0..count).map(view).collect()
}

/// At the limit, the server answers 503 within 1 s. It still answers requests that need no stream permit.
#[test]
fn request_over_the_stream_limit_returns_503() {
    let server = TestServer::with(|config| config.max_streams(3).unwrap());
    server.sparse_file("film", GIB);
    let mut viewers = viewers(&server, 3);
    let before = Instant::now();
    let mut late = server.connect();
    let response = late.request("GET", "/api/stream/film", "");
    assert_eq!(response.status, 503);
    assert!(
        response
            .field("retry-after")
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
    assert!(response.text().starts_with("{\"detail\":"));
    assert!(before.elapsed() < Duration::from_secs(1));
    assert_eq!(server.get("/healthz").text(), "ok");
    assert_eq!(late.request("HEAD", "/api/stream/film", "").status, 200);
    assert_eq!(late.request("GET", "/api/stream/nothing", "").status, 404);
    assert_eq!(server.get("/api/videos").status, 200);

    viewers.pop();
    eventually("one stream is free", || {
        late.request("GET", "/api/stream/film", "Range: bytes=0-0\r\n")
            .status
            == 206
    });
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn stalled_client_is_closed_and_slow_client_is_not() {
    let server = TestServer::with(|config| {
        config
            .max_streams(2)
            .unwrap()
            .stall_timeout(Duration::from_secs(1))
            .unwrap()
    });
    server.sparse_file("film", GIB);
    let open = || {
        let mut client = server.connect();
        client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.read_head().status, 200);
        client
    };
    let mut slow = open();
    let stalled = open();
    let start = Instant::now();
    let mut freed = None;
    while start.elapsed() < Duration::from_secs(5) {
        slow.take(300_000);
        thread::sleep(Duration::from_millis(200));
        if freed.is_none()
            && server
                .request("GET", "/api/stream/film", "Range: bytes=0-0\r\n")
                .status
                == 206
        {
            freed = Some(start.elapsed());
        }
    }
    let freed = freed.expect("the stalled client still has its stream");
    assert!(freed > Duration::from_millis(900), "{freed:?}");
    slow.take(10_000_000);
    // The response of the stalled client ended early.
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    let mut stream = &stalled.stream;
    while let Ok(read @ 1..) = uninterrupted(|| stream.read(&mut buffer)) {
        received += read as u64;
    }
    assert!(received < GIB / 2);
}

/// A blocked send continues only when a third of the socket buffer is free. If a client reads fast at the start, the
/// kernel enlarges this buffer. A client that becomes slow may need more than the stall timeout to read a third of it.
/// But the client still reads, so the server must not close the connection.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn client_that_becomes_slower_is_not_closed() {
    let ways = [true, false].map(|sendfile| {
        thread::spawn(move || {
            let server = TestServer::with(|config| {
                let config = config.stall_timeout(Duration::from_secs(3)).unwrap();
                config.sendfile(sendfile)
            });
            server.sparse_file("film", GIB);
            let mut slow = server.connect();
            // The receive buffer is small, so that unread bytes stay in the buffers of the server.
            sockopt::set_socket_recv_buffer_size(&slow.stream, 64 * 1024).unwrap();
            let ranges = "0-5199999,6000000-19999999";
            slow.send(format!(
                "GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\nRange: bytes={ranges}\r\n\r\n"
            ));
            assert_eq!(slow.read_head().status, 206);
            slow.take(4_000_000);
            for _ in 0..90 {
                slow.take(10_000);
                thread::sleep(Duration::from_millis(100));
            }
            slow.take(12_000_000);
        })
    });
    for (way, sendfile) in ways.into_iter().zip([true, false]) {
        let result = way.join();
        assert!(
            result.is_ok(),
            "sendfile {sendfile}: the connection was lost"
        );
    }
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn unread_short_responses_occupy_no_worker() {
    const REQUESTS: usize = 60_000;
    let server = TestServer::start();
    let mut clients: Vec<Client> = (0..12).map(|_| server.connect()).collect();
    let writers: Vec<_> = clients
        .iter()
        .map(|client| {
            let mut stream = client.stream.try_clone().unwrap();
            stream.set_write_timeout(None).unwrap();
            thread::spawn(move || {
                use std::io::Write;
                let requests =
                    "GET /api/stream/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
                for _ in 0..REQUESTS / 100 {
                    if stream.write_all(requests.as_bytes()).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    // During this loop, unread responses fill the socket buffers. The server must still answer other clients.
    for _ in 0..50 {
        let before = Instant::now();
        assert_eq!(server.get("/healthz").text(), "ok");
        assert!(
            before.elapsed() < Duration::from_secs(2),
            "{:?}",
            before.elapsed()
        );
        thread::sleep(Duration::from_millis(10));
    }
    // The first client now reads all its responses. None is lost.
    let mut reader = clients.swap_remove(0);
    drop(clients);
    for _ in 0..REQUESTS {
        assert_eq!(reader.response().status, 404);
    }
    for writer in writers {
        writer.join().unwrap();
    }
}

/// A short response, such as an asset, needs no stream permit while the socket buffer has space. When the buffer is
/// full, the server takes a permit, and sends the remaining bytes when the client reads.
#[test]
fn assets_that_are_read_late_are_complete() {
    const REQUESTS: usize = 400;
    let server = TestServer::start();
    let wanted = server.get("/assets/player.js").content;
    let mut client = Client::connect_small(server.address);
    client.send("GET /assets/player.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(REQUESTS));
    // During this pause, the socket buffer becomes full.
    thread::sleep(Duration::from_millis(300));
    for number in 0..REQUESTS {
        assert!(client.response().content == wanted, "response {number}");
    }
}

/// After the call of `stop`, the server still sends the responses to all received requests. It must end soon after the
/// client has read these responses.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn stop_ends_soon_after_unread_responses_are_read() {
    // The size of the socket buffers is unknown, so the test uses many numbers of requests. For one of these numbers,
    // only the final response does not fit into the buffers.
    let stops: Vec<_> = (14..46)
        .map(|requests| {
            thread::spawn(move || {
                let mut server = TestServer::start();
                for number in 0..60 {
                    server.file(&format!("{number:050}"), "");
                }
                let mut client = Client::connect_small(server.address);
                client.send("GET /api/videos HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(requests));
                thread::sleep(Duration::from_secs(3));
                server.handle.stop();
                let reader = thread::spawn(move || client.read_to_end());
                let start = Instant::now();
                server.stop();
                assert!(reader.join().unwrap().starts_with(b"HTTP/1.1 200 OK\r\n"));
                let elapsed = start.elapsed();
                assert!(elapsed < Duration::from_secs(6), "{requests}: {elapsed:?}");
            })
        })
        .collect();
    for stop in stops {
        stop.join().unwrap();
    }
}
