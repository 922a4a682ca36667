//! Tests cuts over HTTP: statuses, ranges, validators, and files that change. A cut is a new MP4 file that the server
//! joins from parts of a film. `src/cut/tests` and `tests/clients/cut.sh` test the frames of cuts.

use std::fs::OpenOptions;
use std::time::{Duration, UNIX_EPOCH};

use crate::rows::Rows;
use crate::support::{Response, TestServer};

/// A film of twelve seconds, with H.264 and AAC.
pub(crate) const CLIP: &[u8] = include_bytes!("../media/clip.mp4");

/// Returns the clip, but changes the type of its video track to `hint`. The server ignores tracks of this type.
pub(crate) fn audio_only() -> Vec<u8> {
    let mut clip = CLIP.to_vec();
    let handler = clip.windows(4).position(|it| it == b"vide").unwrap();
    clip[handler..handler + 4].copy_from_slice(b"hint");
    clip
}

fn clip() -> Rows {
    let rows = Rows::start();
    rows.server.file("clip.mp4", CLIP);
    rows
}

/// Returns the clip, but with `to` in place of the first `from`.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut clip = CLIP.to_vec();
    let at = clip.windows(from.len()).position(|it| it == from).unwrap();
    clip[at..at + to.len()].copy_from_slice(to);
    clip
}

#[test]
fn cut_returns_the_status_for_its_ranges() {
    let mut rows = clip();
    rows.server.file("sound.m4a", audio_only());
    let many = vec!["1-2"; 200].join(",");
    for (target, status, media_type) in [
        ("clip.mp4", 200, "video/mp4"),
        ("clip.mp4?ranges=1-2", 200, "video/mp4"),
        ("clip.mp4?ranges=5-6,1-2,1.5-7", 200, "video/mp4"),
        ("clip.mp4?ranges=11-", 200, "video/mp4"),
        ("clip.mp4?ranges=11-99", 200, "video/mp4"),
        ("clip.mp4?ranges=11-9999999", 200, "video/mp4"),
        (&format!("clip.mp4?ranges={many}"), 200, "video/mp4"),
        ("sound.m4a?ranges=1-2", 200, "audio/mp4"),
        ("clip.mp4?ranges=", 400, "application/json"),
        ("clip.mp4?ranges=x", 400, "application/json"),
        ("clip.mp4?ranges=2-1", 400, "application/json"),
        ("clip.mp4?ranges=1-2,99-", 400, "application/json"),
        ("clip.mp4?ranges=1.001-1.002", 400, "application/json"),
        (
            &format!("clip.mp4?ranges=1-2,{many}"),
            400,
            "application/json",
        ),
        ("none.mp4", 404, "application/json"),
    ] {
        let response = rows.get_and_head(&format!("/api/cut/{target}"), "");
        assert_eq!(response.status, status, "{target}");
        assert_eq!(response.field("content-type"), Some(media_type), "{target}");
        let is_mp4 = response.content.get(4..8) == Some(b"ftyp");
        assert_eq!(is_mp4, status == 200, "{target}");
    }
}

#[test]
fn file_that_cannot_be_cut_is_refused() {
    let mut rows = Rows::start();
    let half = CLIP.len() / 2;
    for (name, content, cause) in [
        ("text.mp4", b"no film".to_vec(), "Only complete MP4"),
        (
            "matroska.mp4",
            b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01".to_vec(),
            "Only complete MP4",
        ),
        ("fragments.mp4", with(b"udta", b"mvex"), "fragmented"),
        ("encrypted.mp4", with(b"avc1\0", b"encv\0"), "encrypted"),
        (
            "elsewhere.mp4",
            with(b"url \0\0\0\x01", b"url \0\0\0\0"),
            "another file",
        ),
        (
            "speed.mp4",
            with(b"\x04\0\0\x01\0\0", b"\x04\0\0\x02\0\0"),
            "speed",
        ),
        (
            "damaged.mp4",
            with(b"stts\0\0\0\0\0", b"stts\0\0\0\0\xff"),
            "damaged",
        ),
        ("short.mp4", CLIP[..half].to_vec(), "damaged"),
    ] {
        rows.server.file(name, content);
        let response = rows.get_and_head(&format!("/api/cut/{name}?ranges=1-10"), "");
        assert_eq!(response.status, 422, "{name}: {}", response.text());
        assert!(
            response.text().contains(cause),
            "{name}: {}",
            response.text()
        );
    }
}

#[test]
fn range_of_cut_returns_bytes_of_the_whole_cut() {
    let mut rows = clip();
    let target = "/api/cut/clip.mp4?ranges=5-6,1-2";
    let whole = rows.get(target, "").content;
    let length = whole.len();
    let media = 4 + whole.windows(4).position(|it| it == b"mdat").unwrap();
    for (first, last) in [
        (0, 0),
        (0, length - 1),
        (3, media - 1),
        (media - 1, media),
        (media, media + 30_000),
        (length - 1, length - 1),
    ] {
        let response = rows.get(target, &format!("Range: bytes={first}-{last}\r\n"));
        assert_eq!(response.status, 206);
        let shown = format!("bytes {first}-{last}/{length}");
        assert_eq!(response.field("content-range"), Some(shown.as_str()));
        assert!(response.content == whole[first..=last], "{shown}");
    }
    for (fields, status) in [
        (format!("Range: bytes={length}-\r\n"), 416),
        ("Range: bytes=0-1,5-6\r\n".to_owned(), 200),
        ("Range: bytes=0-1\r\nIf-Range: \"x\"\r\n".to_owned(), 200),
    ] {
        assert_eq!(rows.get(target, &fields).status, status, "{fields}");
    }
}

fn tag(response: &Response) -> String {
    response.field("etag").expect("ETag").to_owned()
}

#[test]
fn entity_tag_of_cut_depends_on_the_file_and_the_parts() {
    let mut rows = clip();
    let mut of = |target: &str| tag(&rows.get(target, ""));
    let cut = of("/api/cut/clip.mp4?ranges=5-6,1-2");
    assert_eq!(
        of("/api/cut/clip.mp4?ranges=0:05.000-6,%201-2.0&download"),
        cut
    );
    for other in ["?ranges=1-2,5-6", "?ranges=5-6", ""] {
        assert_ne!(of(&format!("/api/cut/clip.mp4{other}")), cut, "{other}");
    }
    assert_ne!(of("/api/stream/clip.mp4"), cut);
    let target = "/api/cut/clip.mp4?ranges=5-6,1-2";
    for (field, status) in [
        (format!("If-None-Match: {cut}"), 304),
        (format!("If-Match: {cut}"), 200),
        ("If-Match: \"x\"".to_owned(), 412),
        (format!("Range: bytes=0-1\r\nIf-Range: {cut}"), 206),
    ] {
        assert_eq!(
            rows.get(target, &format!("{field}\r\n")).status,
            status,
            "{field}"
        );
    }
    let file = OpenOptions::new()
        .write(true)
        .open(rows.server.dir().join("clip.mp4"))
        .unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1))
        .unwrap();
    assert_ne!(tag(&rows.get(target, "")), cut, "the file has another date");
}

#[test]
fn download_of_cut_has_a_file_name() {
    let mut rows = clip();
    for (query, name) in [
        ("download", "clip-cut.mp4"),
        ("ranges=1-2&download=a.mp4", "a.mp4"),
    ] {
        let response = rows.get_and_head(&format!("/api/cut/clip.mp4?{query}"), "");
        let expected = format!("attachment; filename=\"{name}\"");
        assert_eq!(
            response.field("content-disposition"),
            Some(expected.as_str())
        );
    }
}

#[test]
fn file_that_shrinks_ends_the_cut_early() {
    let server = TestServer::start();
    let path = server.file("clip.mp4", CLIP);
    let mut client = server.connect();
    let parts = vec!["0-"; 100].join(",");
    client.send(format!(
        "GET /api/cut/clip.mp4?ranges={parts} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ));
    let head = client.read_head();
    assert_eq!(head.status, 200);
    let length: usize = head.field("content-length").unwrap().parse().unwrap();
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(100_000).unwrap();
    let rest = client.read_at_most(length);
    assert!(rest.len() < length, "{} of {length}", rest.len());
}

#[test]
fn page_links_to_cuts_only_of_complete_mp4_files() {
    let mut rows = clip();
    rows.server.file("other.mp4", "no film");
    rows.server.file("fragments.mp4", with(b"udta", b"mvex"));
    let link = "href=\"/api/cut/clip.mp4?download\"";
    assert!(rows.get("/watch/clip.mp4", "").text().contains(link));
    for other in ["other", "fragments"] {
        let page = rows.get(&format!("/watch/{other}.mp4"), "");
        assert!(page.text().contains("Play only parts"), "{other}");
        assert!(!page.text().contains("/api/cut/"), "{other}");
    }
}
