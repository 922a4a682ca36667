//! Tests that need access to the internals of a server.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::permits::Scope;
use crate::limits::{CUT_LEAST, OPENS};
use crate::media::FolderName;
use crate::{Config, ErrorKind, Server};

#[test]
fn broken_connection_to_tiny_http_ends_the_server_with_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::new(dir.path()).bind([127, 0, 0, 1].into()).port(0);
    let server = Server::bind(config).unwrap();
    let link = server.gate.link.stream.try_clone().unwrap();
    let running = thread::spawn(move || server.run());
    link.shutdown(Shutdown::Both).unwrap();
    let error = running.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broken);
}

fn get(address: SocketAddr, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {target} HTTP/1.0\r\n\r\n").unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8_lossy(&response).into_owned()
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
    let running = thread::spawn(move || server.run());
    let get = |target: &str| get(address, target);
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

/// A cut opens its film before it waits for memory. The waiting cuts must leave permits for streams of the same folder.
#[test]
fn cuts_that_wait_for_memory_do_not_block_streams() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media");
    let config = Config::new(dir).bind([127, 0, 0, 1].into()).port(0);
    let server = Server::bind(config).unwrap();
    let (address, handle) = (server.local_addr(), server.handle());
    let free = server.app.limits.text_budget / CUT_LEAST;
    let memory = || server.app.permits.cut_bytes.acquire(Scope::All, CUT_LEAST);
    let taken: Vec<_> = (0..free).map(|_| memory().unwrap()).collect();
    let running = thread::spawn(move || server.run());
    let cut = move || get(address, "/api/cut/clip.mp4?ranges=1-2");
    let cuts: Vec<_> = (0..2 * OPENS.count).map(|_| thread::spawn(cut)).collect();
    // After this time, all cuts wait for memory or are refused.
    thread::sleep(Duration::from_millis(500));
    let streamed = get(address, "/api/stream/clip.mp4");
    assert!(streamed.starts_with("HTTP/1.1 200 "), "{streamed:.200}");
    drop(taken);
    let cuts = cuts.into_iter().map(|cut| cut.join().unwrap());
    let (served, refused): (Vec<_>, Vec<_>) =
        cuts.partition(|response| response.starts_with("HTTP/1.1 200 "));
    assert!(!served.is_empty());
    assert!(
        refused
            .iter()
            .all(|response| response.starts_with("HTTP/1.1 503 "))
    );
    handle.stop();
    running.join().unwrap().unwrap();
}
