//! How a server stops: who is still answered, and that it ends.

use std::thread;

use crate::support::{Client, TestServer, eventually, local, numbered};

/// Running responses end, others do not begin, and `run` returns.
#[test]
fn slow_stop_is_clean() {
    let mut server = TestServer::start();
    let content = numbered(20_000_000);
    server.file("film", &content);
    let mut idle = server.connect();
    assert_eq!(idle.request("GET", "/healthz", "").status, 200);
    let mut half = server.connect();
    half.send("GET / HT");
    let mut viewer = server.connect();
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.head();

    server.handle.stop();
    idle.expect_close();
    half.expect_close();
    let address = server.address;
    eventually("nobody listens", || {
        std::net::TcpStream::connect(address).is_err()
    });
    assert!(viewer.take(content.len()) == content);
    viewer.expect_close();
    assert!(server.stop().unwrap().is_ok());
}

/// Who connected before the stop was let in by the system and counts on an answer: a proxy does not send a request again
/// that was not refused. That holds for more than are accepted at once, and for a request that is still on its way.
#[test]
fn who_was_there_before_a_stop_is_answered() {
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
    // The first answer says that the server has seen the stop.
    answered(&mut whole[0]);
    silent.send(REQUEST);
    half.send(&REQUEST[20..]);
    answered(&mut silent);
    answered(&mut half);
    whole.iter_mut().skip(1).for_each(answered);
    running.join().unwrap().unwrap();
}

/// A server that was never run, and one whose handle is used twice or too early.
#[test]
fn handles_are_forgiving() {
    let dir = tempfile::tempdir().unwrap();
    let bind = || videoserve::Server::bind(videoserve::Config::new(dir.path()).port(0)).unwrap();
    let server = bind();
    let address = server.local_addr();
    drop(server);
    eventually("nobody listens", || {
        std::net::TcpStream::connect(("127.0.0.1", address.port())).is_err()
    });

    let server = bind();
    let handle = server.handle();
    handle.stop();
    handle.stop();
    server.run().unwrap();
    handle.stop();
}

/// C-SEND-SYNC.
#[test]
fn types_cross_threads() {
    fn assert_send<T: Send>() {}
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send::<videoserve::Server>();
    assert_send_sync::<videoserve::Handle>();
    assert_send_sync::<videoserve::Config>();
    assert_send_sync::<videoserve::Error>();
}
