//! Tests the stop of a server. The server answers the clients that are connected, and then ends.

use std::thread;

use crate::support::{Client, TestServer, eventually, local, numbered};

#[test]
#[ignore = "slow; scripts/test runs it"]
fn stop_completes_running_responses_and_returns() {
    let mut server = TestServer::start();
    let content = numbered(20_000_000);
    server.file("film", &content);
    let mut idle = server.connect();
    assert_eq!(idle.request("GET", "/healthz", "").status, 200);
    let mut incomplete = server.connect();
    incomplete.send("GET / HT");
    let mut viewer = server.connect();
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();

    server.handle.stop();
    idle.expect_close();
    incomplete.expect_close();
    let address = server.address;
    eventually("the port is closed", || {
        std::net::TcpStream::connect(address).is_err()
    });
    assert!(viewer.take(content.len()) == content);
    viewer.expect_close();
    assert!(server.stop().unwrap().is_ok());
}

/// Before the stop, the kernel has completed the handshakes of these connections, but the server has not accepted them.
/// If the server closes a new connection without a response, a proxy does not send the request again. So the server
/// must answer all 302 clients. The loop that accepts connections ends after 256 of them, so the server must run it
/// again. Two clients complete their requests after the stop.
#[test]
fn clients_connected_before_a_stop_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let server = videoserve::Server::bind(local(dir.path())).unwrap();
    let (address, handle) = (server.local_addr(), server.handle());
    const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut silent = Client::connect(address);
    let mut half = Client::connect(address);
    half.send(&REQUEST[..20]);
    let mut whole: Vec<Client> = (0..300).map(|_| Client::connect(address)).collect();
    for client in &mut whole {
        client.send(REQUEST);
    }

    handle.stop();
    let running = thread::spawn(move || server.run());
    let answered = |client: &mut Client| {
        let response = client.response();
        assert_eq!(response.status, 200);
        assert_eq!(response.field("connection"), Some("close"));
        client.expect_close();
    };
    // After the first response, the server has certainly noticed the stop.
    answered(&mut whole[0]);
    silent.send(REQUEST);
    half.send(&REQUEST[20..]);
    answered(&mut silent);
    answered(&mut half);
    whole.iter_mut().skip(1).for_each(answered);
    running.join().unwrap().unwrap();
}

/// A server that is dropped before its start also closes its port.
#[test]
fn handle_stops_a_server_before_its_start_and_twice() {
    let dir = tempfile::tempdir().unwrap();
    let bind = || videoserve::Server::bind(videoserve::Config::new(dir.path()).port(0)).unwrap();
    let server = bind();
    let address = server.local_addr();
    drop(server);
    eventually("the port is closed", || {
        std::net::TcpStream::connect(("127.0.0.1", address.port())).is_err()
    });

    let server = bind();
    let handle = server.handle();
    handle.stop();
    handle.stop();
    server.run().unwrap();
    handle.stop();
}

#[test]
fn public_types_are_send_and_sync() {
    fn assert_send<T: Send>() {}
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send::<videoserve::Server>();
    assert_send_sync::<videoserve::Handle>();
    assert_send_sync::<videoserve::Config>();
    assert_send_sync::<videoserve::Error>();
}
