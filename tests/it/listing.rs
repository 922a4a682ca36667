//! Tests JSON listings of folders, redirects to URLs of folders, and a network share that does not answer.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rows::{Rows, dir_in_memory};
use crate::support::{Response, TestServer};

#[track_caller]
fn parsed(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.field("content-type"), Some("application/json"));
    serde_json::from_str(response.text()).expect("JSON")
}

fn set_modified(path: &Path, time: SystemTime) {
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// Starts a server with some files and folders. All entries of the top folder have the same date.
fn library() -> Rows {
    let rows = Rows::start();
    let names =
        "Film 10.mp4|film 2.mkv|a.srt|b.vtt|poster.JPG|song.mp3|notes|.hidden.mp4|Show 2/e1.mp4";
    let deeper = "show 10/e1.mp4|show 10/.x/e2.mp4|a&b <c>/x.mp4|empty/.keep";
    for name in names.split('|').chain(deeper.split('|')) {
        rows.server.file(name, name.as_bytes());
    }
    fs::create_dir(rows.server.dir().join(".secrets")).unwrap();
    for entry in fs::read_dir(rows.server.dir()).unwrap() {
        set_modified(
            &entry.unwrap().path(),
            UNIX_EPOCH + Duration::from_nanos(784_111_777_900_000_000),
        );
    }
    rows
}

#[test]
fn listing_describes_every_entry() {
    let mut rows = library();
    let folder = |name: &str, url: &str| {
        json!({"name": name, "path": name, "kind": "folder", "modified": 784_111_777,
               "listing_url": format!("/api/videos/{url}/")})
    };
    let file = |name: &str, kind: &str, url: &str| {
        json!({"name": name, "path": name, "kind": kind, "length": name.len(), "modified": 784_111_777,
               "stream_url": format!("/api/stream/{url}")})
    };
    let expected = json!({"path": "", "entries": [
        folder("a&b <c>", "a%26b%20%3Cc%3E"),
        folder("empty", "empty"),
        folder("Show 2", "Show%202"),
        folder("show 10", "show%2010"),
        file("a.srt", "subtitles", "a.srt"),
        file("b.vtt", "subtitles", "b.vtt"),
        file("film 2.mkv", "video", "film%202.mkv"),
        file("Film 10.mp4", "video", "Film%2010.mp4"),
        file("notes", "other", "notes"),
        file("poster.JPG", "image", "poster.JPG"),
        file("song.mp3", "audio", "song.mp3"),
    ]});
    for target in ["/api/videos", "/api/videos/", "/api/videos?x=1"] {
        let response = rows.get(target, "");
        assert_eq!(parsed(&response), expected, "{target}");
        assert_eq!(response.field("cache-control"), Some("no-cache"));
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        let head = rows.ask("HEAD", target, "");
        assert_eq!(
            (head.status, head.field("content-type")),
            (200, Some("application/json"))
        );
    }
    // A time before 1970 is rounded down: -1.5 s → -2.
    let path = rows.server.dir().join("show 10/e1.mp4");
    set_modified(&path, UNIX_EPOCH - Duration::from_millis(1500));
    for target in ["/api/videos/show%2010/", "/api/videos/show%2010"] {
        let expected = json!({"path": "show 10", "entries": [
            {"name": "e1.mp4", "path": "show 10/e1.mp4", "kind": "video", "length": 14, "modified": -2,
             "stream_url": "/api/stream/show%2010/e1.mp4"},
        ]});
        assert_eq!(parsed(&rows.get(target, "")), expected);
    }
    let empty = parsed(&rows.get("/api/videos/empty/", ""));
    assert_eq!(empty, json!({"path": "empty", "entries": []}));
}

/// The page of a folder has relative links. They work only if the URL of the page ends with a slash.
#[test]
fn folder_without_its_slash_redirects() {
    let mut rows = library();
    for (target, location) in [
        ("/browse", "/"),
        ("/browse/empty", "/browse/empty/"),
        (
            "/browse/empty?sort=date&q=%20",
            "/browse/empty/?sort=date&q=%20",
        ),
        ("/browse/show%2010", "/browse/show%2010/"),
        ("/browse/%73how%2010/%2dx", "/browse/show%2010/-x/"),
        (
            "/browse/%FF%0d%0aSet-Cookie:x",
            "/browse/%FF%0D%0ASet-Cookie%3Ax/",
        ),
        ("/browse/evil.com", "/browse/evil.com/"),
    ] {
        let response = rows.get_and_head(target, "");
        assert_eq!(
            (response.status, response.field("location")),
            (308, Some(location)),
            "{target}"
        );
        assert!(response.content.is_empty());
    }
}

#[test]
fn missing_or_hidden_folder_returns_404() {
    let mut rows = library();
    for target in [
        "nothing/",
        "notes/",
        "empty/nothing/",
        ".secrets/",
        "show%2010/.x/",
        "../",
        "empty//",
    ] {
        let json = rows.get_and_head(&format!("/api/videos/{target}"), "");
        let found = (json.status, json.field("content-type"), json.text());
        assert_eq!(
            found,
            (
                404,
                Some("application/json"),
                "{\"detail\":\"Video not found\"}"
            )
        );
        let page = rows.get_and_head(&format!("/browse/{target}"), "");
        let found = (page.status, page.field("content-type"));
        assert_eq!(found, (404, Some("text/html; charset=utf-8")), "{target}");
    }
}

fn many(count: usize) -> (TempDir, TestServer) {
    let dir = dir_in_memory();
    for number in 1..=count {
        let name = format!("film {number} of many with a name of some length.mp4");
        File::create(dir.path().join(name)).unwrap();
    }
    let server = TestServer::with(|_| crate::support::local(dir.path()));
    (dir, server)
}

/// Checks that the listing has each file exactly once, in natural order.
#[track_caller]
fn check_all_files(content: &[u8], count: usize) {
    let listing: Value = serde_json::from_slice(content).unwrap();
    let entries = listing["entries"].as_array().unwrap();
    let numbers = entries.iter().map(|entry| {
        let name = entry["name"].as_str().unwrap();
        name.split(' ').nth(1).unwrap().parse::<usize>().unwrap()
    });
    assert!(numbers.eq(1..=count));
}

#[test]
fn listing_of_any_length_has_its_content_length() {
    for count in [0, 1, 1_000, 20_000] {
        let (_dir, server) = many(count);
        let mut client = server.connect();
        let whole = client.request("GET", "/api/videos", "");
        check_all_files(&whole.content, count);
        let length = whole.content.len().to_string();
        let head = client.request("HEAD", "/api/videos", "");
        for response in [&whole, &head] {
            assert_eq!(response.field("content-length"), Some(length.as_str()));
            assert_eq!(response.field("transfer-encoding"), None);
        }
        assert!(!whole.text().contains("truncated"));
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
        for fields in ["", "Connection: keep-alive\r\n"] {
            let mut client = server.connect();
            client.send(format!("GET /api/videos HTTP/1.0\r\n{fields}\r\n"));
            let response = client.response();
            assert_eq!(response.field("content-length"), Some(length.as_str()));
            assert!(response.content == whole.content);
        }
    }
}

/// A FUSE mount that never answers, like a network share whose server does not run.
#[cfg(feature = "cli")]
struct DeadShare {
    path: std::path::PathBuf,
    /// The open FUSE device. After it is closed, operations in the share fail with ENOTCONN.
    device: Option<File>,
}

#[cfg(feature = "cli")]
impl DeadShare {
    /// Mounts the share. Returns `None` if this user may not mount.
    fn mount(path: &Path) -> Option<DeadShare> {
        use rustix::mount::{MountFlags, mount};
        use std::ffi::CString;
        use std::os::fd::AsRawFd;

        let mut options = File::options();
        let device = options.read(true).write(true).open("/dev/fuse").ok()?;
        let descriptor = device.as_raw_fd();
        let data = format!("fd={descriptor},rootmode=40000,user_id=0,group_id=0");
        let data = CString::new(data).unwrap();
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount("dead", path, "fuse", flags, data.as_c_str()).ok()?;
        Some(DeadShare {
            path: path.to_path_buf(),
            device: Some(device),
        })
    }
}

#[cfg(feature = "cli")]
impl Drop for DeadShare {
    fn drop(&mut self) {
        let detach = rustix::mount::UnmountFlags::DETACH;
        let _ = rustix::mount::unmount(&self.path, detach);
    }
}

/// A listing of the parent folder does not access the share, so it does not wait.
#[cfg(feature = "cli")]
#[test]
fn folder_with_dead_share_is_listed_at_once() {
    use crate::program::Running;
    use crate::support::Client;

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("film.mp4"), "film").unwrap();
    fs::create_dir(dir.path().join("nas")).unwrap();
    let Some(_share) = DeadShare::mount(&dir.path().join("nas")) else {
        eprintln!("skipped: only root can mount");
        return;
    };
    let running = Running::quiet(dir.path(), &[]);
    for (target, shows) in [
        ("/", "nas"),
        ("/?sort=date", "nas"),
        ("/api/videos", "nas"),
        ("/playlist/", "film"),
        ("/watch/film.mp4", "film"),
    ] {
        let mut client = Client::connect(running.address);
        let timeout = Some(Duration::from_secs(5));
        client.stream.set_read_timeout(timeout).unwrap();
        let response = client.request("GET", target, "");
        assert_eq!(response.status, 200, "{target}");
        assert!(response.text().contains(shows), "{target}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn symlink_into_a_failed_share_is_listed_without_details() {
    use crate::program::Running;
    use crate::support::Client;

    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("nas")).unwrap();
    for name in ["1.mkv", "2.mkv"] {
        std::os::unix::fs::symlink("nas/film.mkv", dir.path().join(name)).unwrap();
    }
    let Some(mut share) = DeadShare::mount(&dir.path().join("nas")) else {
        eprintln!("skipped: only root can mount");
        return;
    };
    share.device = None;
    let mut running = Running::serving(dir.path(), &[]);
    let response = Client::connect(running.address).request("GET", "/api/videos", "");
    let listing = parsed(&response);
    let entries = listing["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    let expected = json!({"name": "1.mkv", "path": "1.mkv", "kind": "video", "stream_url": "/api/stream/1.mkv"});
    assert_eq!(entries[1], expected);
    running.signal(rustix::process::Signal::TERM);
    let (_, log) = running.wait();
    let warnings: Vec<_> = log
        .lines()
        .filter(|it| it.contains("cannot read the details"))
        .collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains(".mkv\" and 1 more: "), "{log}");
}
