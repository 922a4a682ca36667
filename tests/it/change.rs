//! Tests files and folders that change while they are served. A complete response has no padding (zeros in place of
//! bytes that the file lost), and contains bytes of only one version. No client waits for missing bytes.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::time::Duration;

use crate::support::{Client, TestServer, numbered};

/// The length of the film in bytes. It is larger than all socket buffers together.
const LENGTH: usize = 96 << 20;

/// Changes the file after a client has read the first 1000 bytes. Returns all received bytes, and true if the response
/// is complete.
fn interrupted(change: impl FnOnce(&TestServer)) -> (Vec<u8>, bool) {
    let server = TestServer::start();
    server.file("film", vec![b'1'; LENGTH]);
    let mut client = server.connect();
    client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let response = client.read_head();
    assert_eq!(
        response.field("content-length"),
        Some(LENGTH.to_string().as_str())
    );
    let mut content = client.take(1000);
    // Some kernels round the timestamps of files to 10 ms. After a wait of 20 ms, the change gives the file a new
    // timestamp.
    std::thread::sleep(Duration::from_millis(20));
    change(&server);
    content.extend(client.read_at_most(LENGTH - 1000));
    let whole = content.len() == LENGTH;
    if !whole {
        client.expect_close();
    }
    assert_eq!(server.get("/healthz").text(), "ok");
    (content, whole)
}

#[test]
fn file_that_shrinks_closes_the_connection() {
    const CUT: usize = 1_000_000;
    let (content, whole) = interrupted(|server| {
        OpenOptions::new()
            .write(true)
            .open(server.dir().join("film"))
            .unwrap()
            .set_len(CUT as u64)
            .unwrap();
    });
    // `sendfile` does not copy: the socket buffers contain the memory pages of the file. The kernel fills the page at
    // the new end with zeros, so the client may get zeros. The test checks only the bytes before the new end.
    let kept = &content[..content.len().min(CUT)];
    assert!(!whole && kept.iter().all(|&byte| byte == b'1'));
}

/// Without `sendfile`, the socket buffers contain copies of the bytes, which do not change when the file becomes
/// shorter.
#[test]
fn file_that_shrinks_after_blocks_were_sent_has_no_padding() {
    const CUT: u64 = 300_001;
    for ending in ["Connection: close\r\n", ""] {
        let server = TestServer::with(|config| config.sendfile(false));
        server.file("film", vec![b'1'; 400_000]);
        let mut client = server.connect();
        client.send(format!(
            "GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n{ending}\r\n"
        ));
        let mut content = client.read_head().content;
        // After 100 ms, the socket buffers are full.
        std::thread::sleep(Duration::from_millis(100));
        let file = OpenOptions::new()
            .write(true)
            .open(server.dir().join("film"));
        file.unwrap().set_len(CUT).unwrap();
        content.extend(client.read_at_most(400_000 - content.len()));
        let zeros = content.iter().filter(|&&byte| byte != b'1').count();
        assert!(
            content.len() < 400_000 || zeros == 0,
            "{zeros} bytes of padding in a complete response"
        );
    }
}

/// The server must send exactly the announced length. A client takes any further byte for the start of the next
/// response.
#[test]
fn file_that_keeps_growing_is_sent_to_its_announced_length() {
    for sendfile in [true, false] {
        let server = TestServer::with(|config| config.sendfile(sendfile));
        server.file("film", vec![b'1'; 4 << 20]);
        let mut film = OpenOptions::new()
            .append(true)
            .open(server.dir().join("film"))
            .unwrap();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || {
            // The loop ends when `stop` is dropped.
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                film.write_all(&[b'1'; 1000]).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        for range in [
            "",
            "Range: bytes=100-\r\n",
            "Range: bytes=0-9,200-3000000\r\n",
        ] {
            let mut client = server.connect();
            let response = client.request("GET", "/api/stream/film", range);
            assert!(matches!(response.status, 200 | 206), "{range}");
            assert_eq!(
                client.request("GET", "/healthz", "").text(),
                "ok",
                "{range}"
            );
        }
        drop(stop);
        writer.join().unwrap();
    }
}

#[test]
fn file_written_in_place_closes_the_connection() {
    let (content, whole) = interrupted(|server| {
        let mut file = OpenOptions::new()
            .write(true)
            .open(server.dir().join("film"))
            .unwrap();
        file.seek(SeekFrom::Start(LENGTH as u64 / 2)).unwrap();
        file.write_all(&vec![b'2'; LENGTH / 2]).unwrap();
    });
    assert!(
        !whole && content.iter().all(|&byte| byte == b'1'),
        "a mix of two versions"
    );
}

/// A call of `sendfile` blocks while the socket buffers are full. If the file changes during the final call, this call
/// sends bytes of the new version. The server must then close the connection before the response is complete. The
/// client reads `taken` bytes before the file changes. The test tries several values, because the start of the final
/// call depends on the size of the buffers.
#[test]
fn file_written_in_place_during_the_last_call_is_never_mixed() {
    const LENGTH: usize = 8 << 20;
    let server = TestServer::start();
    for taken in (6..16).map(|number| number << 19) {
        let film = server.file("film", vec![b'1'; LENGTH]);
        let mut client = Client::connect_small(server.address);
        client.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client.read_head();
        let mut content = client.take(taken);
        // After 50 ms, the socket buffers are full.
        std::thread::sleep(Duration::from_millis(50));
        fs::write(film, vec![b'2'; LENGTH]).unwrap();
        content.extend(client.read_at_most(LENGTH - taken));
        let is_mixed = content.contains(&b'2');
        assert!(
            content.len() < LENGTH || !is_mixed,
            "a complete response with two versions, after {taken} bytes"
        );
    }
}

#[test]
fn file_replaced_or_deleted_is_sent_to_its_end() {
    let (content, whole) = interrupted(|server| {
        fs::write(server.dir().join("new"), vec![b'2'; 10]).unwrap();
        fs::rename(server.dir().join("new"), server.dir().join("film")).unwrap();
        assert_eq!(server.get("/api/stream/film").text(), "2222222222");
    });
    assert!(whole && content.iter().all(|&byte| byte == b'1'));
    let (content, whole) = interrupted(|server| {
        fs::remove_file(server.dir().join("film")).unwrap();
        assert_eq!(server.get("/api/stream/film").status, 404);
    });
    assert!(whole && content.iter().all(|&byte| byte == b'1'));
}

#[test]
fn open_file_that_becomes_unreachable_is_sent_to_its_end() {
    use std::os::unix::fs::PermissionsExt;
    let unreadable = fs::Permissions::from_mode(0o000);
    let (content, whole) = interrupted(|server| {
        let film = server.dir().join("film");
        fs::set_permissions(film, unreadable).unwrap();
    });
    // A new mode changes the ctime of a file, but not its content. So the server continues.
    assert!(whole && content.iter().all(|&byte| byte == b'1'));
    let (content, whole) = interrupted(|server| {
        fs::remove_dir_all(server.dir()).unwrap();
        assert_eq!(server.get("/api/stream/film").status, 404);
        fs::create_dir(server.dir()).unwrap();
        server.file("film", vec![b'2'; 10]);
        assert_eq!(server.get("/api/stream/film").text(), "2222222222");
    });
    assert!(whole && content.iter().all(|&byte| byte == b'1'));
}

/// If-Range with the old tag returns the whole new file. So a resumed download does not mix two versions.
#[test]
fn new_version_has_a_new_tag() {
    let server = TestServer::start();
    server.file("film", numbered(100));
    let first = server.get("/api/stream/film");
    let tag = first.field("etag").unwrap().to_owned();
    assert_eq!(
        server.get("/api/stream/film").field("etag"),
        Some(tag.as_str())
    );
    std::thread::sleep(Duration::from_millis(20));
    server.file("film", vec![b'2'; 100]);
    let resumed = server.request(
        "GET",
        "/api/stream/film",
        &format!("Range: bytes=50-\r\nIf-Range: {tag}\r\n"),
    );
    assert_eq!((resumed.status, resumed.content), (200, vec![b'2'; 100]));
    assert_ne!(
        server.get("/api/stream/film").field("etag"),
        Some(tag.as_str())
    );
    let unconditional = server.request(
        "GET",
        "/api/stream/film",
        &format!("If-None-Match: {tag}\r\n"),
    );
    assert_eq!(unconditional.status, 200);
}

/// The server opens its folder again for each request.
#[test]
fn folder_removed_and_created_again_is_served() {
    let server = TestServer::start();
    server.file("film", "old");
    assert_eq!(server.get("/api/stream/film").text(), "old");
    fs::remove_dir_all(server.dir()).unwrap();
    assert_eq!(server.get("/api/stream/film").status, 404);
    assert_eq!(server.get("/healthz").text(), "ok");
    fs::create_dir(server.dir()).unwrap();
    server.file("film", "new");
    assert_eq!(server.get("/api/stream/film").text(), "new");
}
