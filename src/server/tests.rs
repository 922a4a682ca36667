//! Tests that need access to the internals of a server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use super::permits::Scope;
use crate::limits::OPENS;
use crate::media::FolderName;
use crate::{Config, ErrorKind, Server};

#[test]
fn broken_connection_to_tiny_http_ends_the_server_with_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::new(dir.path()).bind([127, 0, 0, 1].into()).port(0);
    let server = Server::bind(config).unwrap();
    let link = server.gate.link.stream.try_clone().unwrap();
    let running = std::thread::spawn(move || server.run());
    link.shutdown(Shutdown::Both).unwrap();
    let error = running.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broken);
}

/// The test takes all permits of a folder, as blocked requests do.
#[test]
fn hung_folder_returns_503_and_other_folders_answer() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["share/below", "other"] {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        std::fs::write(dir.path().join(folder).join("a.mp4"), "content").unwrap();
    }
    let config = Config::new(dir.path()).bind([127, 0, 0, 1].into()).port(0);
    let server = Server::bind(config).unwrap();
    let (address, handle) = (server.local_addr(), server.handle());
    let share = FolderName::from_segments(&[b"share".to_vec()]).unwrap();
    let opens = || server.app.permits.opens.acquire(Scope::of(&share), 1);
    let hung: Vec<_> = (0..OPENS.count).map(|_| opens().unwrap()).collect();
    let running = std::thread::spawn(move || server.run());
    let get = |target: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {target} HTTP/1.0\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    };
    for pattern in ["/api/stream/", "/watch/", "/playlist/"] {
        let refused = get(&format!("{pattern}share/below/a.mp4"));
        assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
        assert!(refused.contains("\r\nRetry-After: "), "{refused}");
        let answered = get(&format!("{pattern}other/a.mp4"));
        assert!(answered.starts_with("HTTP/1.1 200 "), "{answered}");
    }
    drop(hung);
    let answered = get("/api/stream/share/below/a.mp4");
    assert!(answered.starts_with("HTTP/1.1 200 "), "{answered}");
    handle.stop();
    running.join().unwrap().unwrap();
}
