//! Tests that reach inside a server.

use std::net::Shutdown;

use crate::{Config, ErrorKind, Server};

#[test]
fn broken_link_ends_the_server_with_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::new(dir.path()).bind([127, 0, 0, 1].into()).port(0);
    let server = Server::bind(config).unwrap();
    let link = server.gate.link.stream().try_clone().unwrap();
    let running = std::thread::spawn(move || server.run());
    link.shutdown(Shutdown::Both).unwrap();
    let error = running.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broken);
}
