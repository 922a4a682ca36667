//! Tests subtitles over HTTP: encodings, formats, conditional requests, missing files and long files.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::outside::ask;
use crate::rows::{Rows, error_fields, shown};
use crate::support::{Client, TestServer};

/// The maximum length of a subtitle file, in bytes.
const LONGEST: usize = 4 << 20;

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn subtitles_in_any_encoding_are_sent_as_utf8() {
    let mut rows = Rows::start();
    let srt = "1\r\n00:00:01,500 --> 00:00:02,000\r\nDœs “naïve” <font color=red>€</font>\r\n";
    let vtt = "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\nDœs “naïve” €\n\n";
    let windows = b"1\r\n00:00:01,500 --> 00:00:02,000\r\nD\x9Cs \x93na\xEFve\x94 \x80\r\n";
    for (name, content) in [
        ("utf-8.srt", srt.as_bytes().to_vec()),
        ("marked.srt", format!("\u{FEFF}{srt}").into_bytes()),
        ("le.srt", utf16(&format!("\u{FEFF}{srt}"), u16::to_le_bytes)),
        ("be.srt", utf16(&format!("\u{FEFF}{srt}"), u16::to_be_bytes)),
        ("le unmarked.srt", utf16(srt, u16::to_le_bytes)),
        ("windows.SRT", windows.to_vec()),
        ("renamed.vtt", srt.as_bytes().to_vec()),
        ("as it is.vtt", vtt.as_bytes().to_vec()),
        ("marked.Vtt", format!("\u{FEFF}{vtt}").into_bytes()),
        ("renamed.srt", vtt.as_bytes().to_vec()),
    ] {
        rows.server.file(name, content);
        let target = format!("/api/subtitles/{}", name.replace(' ', "%20"));
        let response = rows.get_and_head(&target, "");
        assert_eq!((response.status, response.text()), (200, vtt), "{name}");
    }
}

/// The format of a file depends on its content, not on its extension.
#[test]
fn subtitles_in_any_format_are_sent_as_webvtt() {
    let mut rows = Rows::start();
    let ass =
        "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}Hello\n";
    for (name, content) in [
        ("a.ass", ass),
        ("a.SSA", ass),
        ("renamed.srt", ass),
        ("a.sub", "{1}{1}25\n{25}{50}{y:i}Hello"),
        ("a.srt", "[10][20]/Hello"),
        ("a.txt", "00:00:01.00,00:00:02.00\n<i>Hello</i>"),
        ("a.sbv", "0:00:01.000,0:00:02.000\n<i>Hello</i>\n"),
        ("tm.txt", "00:00:01:<i>Hello</i>\n00:00:02:\n"),
        ("a.webvtt", "1\n0:1 --> 0:2\n<em>Hello</em>"),
    ] {
        rows.server.file(name, content);
        let response = rows.get_and_head(&format!("/api/subtitles/{name}"), "");
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<i>Hello</i>\n\n";
        assert_eq!(
            (response.status, response.text()),
            (200, expected),
            "{name}"
        );
    }
    let comma = "WEBVTT\n\n00:01,000 --> 00:02,000 line:0\na\n";
    rows.server.file("comma.vtt", comma);
    let response = rows.get_and_head("/api/subtitles/comma.vtt", "");
    assert_eq!(
        response.text(),
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\na\n"
    );
    for (name, content) in [
        ("none.srt", ""),
        ("none.srt", "\0\u{1}junk"),
        ("none.vtt", "no subtitles"),
        ("readme.txt", "Thank you for watching."),
        ("dvd.sub", "\0\0\u{1}\u{ba}"),
        ("dvd.idx", "0:1 --> 0:2\na"),
        ("film.smi", "0:1 --> 0:2\na"),
    ] {
        rows.server.file(name, content);
        let response = rows.get_and_head(&format!("/api/subtitles/{name}"), "");
        assert_eq!(response.status, 404, "{name} {content:?}");
    }
}

#[test]
fn subtitles_have_a_tag_and_ignore_ranges() {
    let mut rows = Rows::start();
    let path = rows.server.file("a.vtt", "WEBVTT\n");
    let target = "/api/subtitles/a.vtt";
    let response = rows.get_and_head(target, "");
    let tag = response.field("etag").unwrap().to_owned();
    let expected = format!(
        "cache-control: no-cache\ncontent-length: 7\ncontent-type: text/vtt; charset=utf-8\n\
         etag: {tag}\nx-content-type-options: nosniff"
    );
    assert_eq!((response.status, shown(&response)), (200, expected));
    // The stream of this file has the same bytes as its subtitles. But it is another resource, so its tag is different.
    let stream = rows.get("/api/stream/a.vtt", "");
    let stream_tag = stream.field("etag").unwrap().to_owned();
    assert_eq!(stream.content, response.content);
    assert!(tag.starts_with('"') && tag != stream_tag, "{tag}");

    let (date, weak) = (
        httpdate::fmt_http_date(SystemTime::now()),
        format!("W/{tag}"),
    );
    for (fields, status) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: {weak}\r\n"), 304),
        (format!("If-None-Match: \"x\", {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        (format!("If-None-Match: {stream_tag}\r\n"), 200),
        (format!("If-Match: {tag}\r\n"), 200),
        (format!("If-Match: {weak}\r\n"), 412),
        ("If-Match: \"x\"\r\n".to_owned(), 412),
        // The response has no Last-Modified, so the date is ignored.
        (format!("If-Modified-Since: {date}\r\n"), 200),
        ("Range: bytes=0-2\r\n".to_owned(), 200),
        ("Range: bytes=100-\r\n".to_owned(), 200),
        (format!("Range: bytes=0-2\r\nIf-Range: {tag}\r\n"), 200),
    ] {
        let response = rows.get_and_head(target, &fields);
        assert_eq!(response.status, status, "{fields}");
        match status {
            200 => assert_eq!(response.text(), "WEBVTT\n", "{fields}"),
            304 => assert_eq!(
                shown(&response),
                format!("cache-control: no-cache\netag: {tag}")
            ),
            _ => assert!(response.text().starts_with("{\"detail\":"), "{fields}"),
        }
    }

    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_modified(later))
        .unwrap();
    let response = rows.get_and_head(target, &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(response.status, 200);
    assert_ne!(response.field("etag"), Some(tag.as_str()));
}

#[test]
fn missing_subtitles_return_404() {
    let mut rows = Rows::start();
    let server = &rows.server;
    for name in [
        "a.srt",
        "a.mp4",
        "s/b.srt",
        ".hidden.srt",
        "a.srt.bak",
        "srt",
    ] {
        server.file(name, "0:1 --> 0:2\ns3cr3t");
    }
    fs::create_dir(server.dir().join("folder.srt")).unwrap();
    symlink("/etc/passwd", server.dir().join("out.srt")).unwrap();
    symlink("s/b.srt", server.dir().join("in.srt")).unwrap();
    symlink("none", server.dir().join("none.srt")).unwrap();
    symlink("/dev/zero", server.dir().join("zero.srt")).unwrap();
    for (path, status) in [
        ("a.srt", 200),
        ("in.srt", 200),
        ("s/b.srt", 200),
        ("s%2Fb.srt", 400),
        ("s/../a.srt", 404),
        ("a.srt/", 404),
        ("a.mp4", 404),
        ("a.srt.bak", 404),
        ("srt", 404),
        ("", 404),
        ("/", 404),
        ("nothing.srt", 404),
        ("s", 404),
        (".hidden.srt", 404),
        ("folder.srt", 404),
        ("out.srt", 404),
        ("none.srt", 404),
        ("zero.srt", 404),
    ] {
        let response = rows.get_and_head(&format!("/api/subtitles/{path}"), "");
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.text().contains("s3cr3t"), status == 200, "{path}");
        if status == 404 {
            assert_eq!(response.text(), "{\"detail\":\"Video not found\"}");
            assert_eq!(shown(&response), error_fields(28, &[]));
        }
    }
    for method in ["POST", "PUT", "DELETE"] {
        let response = rows.ask(method, "/api/subtitles/a.srt", "");
        let allow = response.field("allow");
        assert_eq!((response.status, allow), (405, Some("GET, HEAD, OPTIONS")));
    }
}

#[test]
fn subtitles_of_any_name_are_served() {
    let server = TestServer::start();
    for name in [
        &b"two words.srt"[..],
        b"100% #1? <b>\"q\"&amp;.srt",
        b"line\nbreak.srt",
        "字幕 🎬.srt".as_bytes(),
        b"latin \xE4\xFF.srt",
    ] {
        fs::write(server.dir().join(OsStr::from_bytes(name)), "0:1-->0:2\na").unwrap();
        let encoded = name
            .iter()
            .fold("/api/subtitles/".to_owned(), |target, byte| {
                target + &format!("%{byte:02x}")
            });
        let response = ask(&server, "GET", encoded.as_bytes());
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n\n";
        assert_eq!((response.status, response.text()), (200, expected));
    }
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn long_subtitles_are_cut_and_too_long_files_return_404() {
    let mut rows = Rows::start();
    let srt: String = (0..5_000)
        .map(|n| format!("{n}\n0:{n} --> 0:{}\nLine {n} & more\n\n", n + 1))
        .collect();
    rows.server.file("long.srt", &srt);
    let response = rows.get_and_head("/api/subtitles/long.srt", "");
    assert_eq!(response.status, 200);
    assert!(response.content.len() > 200_000);
    assert_eq!(response.text().matches(" &amp; more\n\n").count(), 5_000);
    assert!(response.text().ends_with("\nLine 4999 &amp; more\n\n"));

    // The server shortens a cue above 64 KiB. It omits the cues after the first 8 MiB of the result. The result is a
    // valid file.
    let endless = format!("0:1 --> 0:2\n<i>{}", "&".repeat(200_000));
    rows.server.file("endless.srt", endless);
    let cut = rows.get_and_head("/api/subtitles/endless.srt", "");
    assert!(
        (65_536..66_000).contains(&cut.content.len()),
        "{}",
        cut.content.len()
    );
    assert!(cut.text().ends_with("&amp;</i>\n\n"));
    // The cues alternate, because the server writes equal consecutive cues only once.
    let many = "0:1 --> 0:2\n>\n\n0:1 --> 0:2\n&\n\n".repeat(LONGEST / 32);
    rows.server.file("many.srt", many);
    let cut = rows.get_and_head("/api/subtitles/many.srt", "");
    assert!((LONGEST..3 * LONGEST).contains(&cut.content.len()));
    assert!(cut.text().ends_with(";\n\n"));

    let text = "a".repeat(LONGEST - 12);
    rows.server
        .file("longest.srt", format!("0:1 --> 0:2\n{text}"));
    rows.server.sparse_file("too long.srt", LONGEST as u64 + 1);
    rows.server.sparse_file("film.srt", 1 << 40);
    let response = rows.get_and_head("/api/subtitles/longest.srt", "");
    assert_eq!(response.status, 200);
    for name in ["too%20long.srt", "film.srt"] {
        let target = format!("/api/subtitles/{name}");
        assert_eq!(rows.get_and_head(&target, "").status, 404);
    }
}

/// A response with more than 16 KiB of WebVTT needs a stream permit, and the stall timeout applies to it.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn unread_subtitles_are_a_stream_with_stall_timeout() {
    let server = TestServer::with(|config| {
        let config = config.max_streams(1).unwrap();
        config.stall_timeout(Duration::from_secs(10)).unwrap()
    });
    // The subtitles are longer than the socket buffers.
    let cue = |text: &str| format!("0:1 --> 0:2\n{}\n\n", text.repeat(1000));
    let cue = cue("&") + &cue(">");
    server.file("long.srt", cue.repeat(LONGEST / 2 / cue.len()));
    server.file("short.srt", "0:1 --> 0:2\na");
    let mut client = Client::connect_small(server.address);
    client.send("GET /api/subtitles/long.srt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let head = client.read_head();
    let length: usize = head.field("content-length").unwrap().parse().unwrap();
    assert!(head.status == 200 && length > LONGEST);

    let start = Instant::now();
    let ask = |method, name| {
        let target = format!("/api/subtitles/{name}");
        server.request(method, &target, "").status
    };
    assert_eq!(ask("GET", "long.srt"), 503);
    assert_eq!(ask("GET", "short.srt"), 200);
    assert_eq!(ask("HEAD", "long.srt"), 200);
    while ask("GET", "long.srt") == 503 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the stream is never free"
        );
        thread::sleep(Duration::from_millis(50));
    }
    assert!(
        client.read_at_most(length).len() < length,
        "the response did not end early"
    );
}

#[test]
fn mount_over_subtitles_is_refused() {
    for prefix in ["/api/subtitles", "/api/subtitles/sub", "/api"] {
        let error = videoserve::Config::new(".").mount(prefix).unwrap_err();
        assert!(error.to_string().contains("itself uses /api/s"), "{error}");
    }
}
