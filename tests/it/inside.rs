//! Tests subtitles, chapters and covers inside media files, over HTTP. A window is a time range of subtitles.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use crate::rows::{Rows, error_fields, shown};

#[cfg(feature = "cli")]
mod hostile;
mod page;

pub(crate) use crate::shared::matroska as film;
use film::{ATTACHMENTS, COVER, TRACKS, attached, cluster, element, film, mkv, track};

fn rows() -> Rows {
    let rows = Rows::start();
    rows.server.file("a b/film.mkv", film());
    rows.server.file("film.mkv", film());
    rows.server.file("plain.mp4", "x");
    rows.server.file("film.srt", "0:1 --> 0:2\nHi");
    rows
}

const ONE: &str = "00:00:01.000 --> 00:00:04.000\nOne &amp; <i>two</i>\n\n";
const LONG: &str = "00:00:10.000 --> 00:00:30.000\nLong\n\n";
const LAST: &str = "00:01:00.500 --> 00:01:01.000\nLast\n\n";

#[test]
fn window_contains_only_cues_of_its_time() {
    let mut rows = rows();
    for (query, cues) in [
        ("track=300", &[ONE, LONG, LAST][..]),
        ("track=0300&x=1", &[ONE, LONG, LAST]),
        ("track=300&from=0&to=10", &[ONE]),
        ("track=300&from=0&to=10.001", &[ONE, LONG]),
        ("track=300&from=4&to=10.5", &[LONG]),
        ("track=300&from=3.999&to=10", &[ONE]),
        ("track=300&from=29", &[LONG, LAST]),
        ("track=300&to=5", &[ONE]),
        ("track=300&from=20&to=20", &[LONG]),
        ("track=300&from=31&to=60", &[]),
        ("track=300&from=3600&to=7200", &[]),
        (
            "track=chapters",
            &[
                "00:00:00.000 --> 00:01:00.000\nStart\n\n",
                "00:01:00.000 --> 00:01:30.000\nA &lt;b&gt;\n\n",
            ],
        ),
    ] {
        for folder in ["", "a%20b/"] {
            let target = format!("/api/subtitles/{folder}film.mkv?{query}");
            let response = rows.get_and_head(&target, "");
            let expected = "WEBVTT\n\n".to_owned() + &cues.concat();
            assert_eq!(
                (response.status, response.text()),
                (200, &*expected),
                "{query}"
            );
        }
    }
}

#[test]
fn mp4_file_returns_subtitles_chapters_and_cover() {
    let mut rows = Rows::start();
    let mp4 = include_bytes!("../media/inside.mp4");
    rows.server.file("film.mp4", mp4);
    let one = "00:00:01.000 --> 00:00:02.000\nOne <i>two</i>\n\n";
    let two = "00:00:02.500 --> 00:00:03.500\nThree &amp; four\n\n";
    let start = "00:00:00.000 --> 00:00:02.000\nStart\n\n";
    let end = "00:00:02.000 --> 00:00:04.000\nEnd\n\n";
    for (query, cues) in [
        ("2", [one, two].concat()),
        ("2&from=2&to=3", two.to_owned()),
        ("chapters", [start, end].concat()),
    ] {
        let target = format!("/api/subtitles/film.mp4?track={query}");
        let response = rows.get_and_head(&target, "");
        assert_eq!(response.text(), "WEBVTT\n\n".to_owned() + &cues);
    }
    for (track, status) in [(1, 404), (3, 404), (4, 404), (9, 404)] {
        let target = format!("/api/subtitles/film.mp4?track={track}");
        assert_eq!(rows.get_and_head(&target, "").status, status, "{track}");
    }
    let cover = rows.get_and_head("/api/cover/film.mp4", "");
    assert_eq!(cover.field("content-type"), Some("image/png"));
    assert!(mp4.windows(99).any(|bytes| bytes == cover.content));
    let page = rows.get_and_head("/watch/film.mp4", "");
    let track = "label=\"German (Untertitel)\" srclang=\"de\"";
    assert!(page.text().contains(track), "{}", page.text());
}

#[test]
fn request_without_subtitles_or_cover_returns_the_reason() {
    let mut rows = rows();
    let not_text = "The track cannot be converted to text; VLC can show it";
    let window = "'track' must be a number or 'chapters'; 'from' and 'to' must be seconds, and 'from' at most 'to'";
    for (target, status, detail) in [
        ("film.mkv?track=1", 404, "Video not found"),
        ("film.mkv?track=2", 404, "Video not found"),
        ("film.mkv?track=7", 404, "Video not found"),
        ("plain.mp4?track=1", 404, "Video not found"),
        ("plain.mp4?track=chapters", 404, "Video not found"),
        ("none.mkv?track=1", 404, "Video not found"),
        ("film.srt?track=1", 404, "Video not found"),
        ("film.mkv", 404, "Video not found"),
        ("?track=1", 404, "Video not found"),
        ("film.mkv/?track=1", 404, "Video not found"),
        ("film.mkv?track=4", 422, not_text),
        ("film.mkv?track=5", 422, not_text),
        ("film.mkv?track=", 400, window),
        ("film.mkv?track=x", 400, window),
        ("film.mkv?track=-1", 400, window),
        ("film.mkv?track=%2B300", 400, window),
        ("film.mkv?track=300&from=5&to=4", 400, window),
        ("film.mkv?track=300&from=x", 400, window),
        ("film.mkv?track=300&to=", 400, window),
        ("film.mkv?track=300&to=inf", 400, window),
        ("film.mkv?track=300&to=-1", 400, window),
    ] {
        let target = format!("/api/subtitles/{target}");
        let response = rows.get_and_head(&target, "If-None-Match: *\r\n");
        let text = format!("{{\"detail\":\"{detail}\"}}");
        assert_eq!(
            (response.status, response.text()),
            (status, &*text),
            "{target}"
        );
        assert_eq!(shown(&response), error_fields(text.len(), &[]), "{target}");
    }
    for path in ["film.srt", "plain.mp4", "none.mkv", "", "film.mkv/"] {
        let response = rows.get_and_head(&format!("/api/cover/{path}"), "");
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(shown(&response), error_fields(28, &[]), "{path}");
    }
    for target in ["/api/subtitles/film.mkv?track=300", "/api/cover/film.mkv"] {
        let response = rows.ask("OPTIONS", target, "");
        let allow = response.field("allow");
        assert_eq!((response.status, allow), (204, Some("GET, HEAD, OPTIONS")));
        let response = rows.ask("POST", target, "");
        let allow = response.field("allow");
        assert_eq!((response.status, allow), (405, Some("GET, HEAD, OPTIONS")));
    }
}

/// Requests a target with and without conditions. Returns its entity tag.
#[track_caller]
fn check_conditions(rows: &mut Rows, target: &str, media_type: &str, content: &[u8]) -> String {
    let response = rows.get_and_head(target, "");
    let tag = response.field("etag").unwrap().to_owned();
    let fields = format!(
        "cache-control: no-cache\ncontent-length: {}\ncontent-type: {media_type}\netag: {tag}\n\
         x-content-type-options: nosniff",
        content.len()
    );
    assert_eq!(
        (response.status, shown(&response)),
        (200, fields),
        "{target}"
    );
    assert_eq!(response.content, content, "{target}");
    assert!(tag.starts_with('"'), "{tag}");
    for (fields, status) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: \"x\", W/{tag}\r\n"), 304),
        ("If-None-Match: \"x\"\r\n".to_owned(), 200),
        (format!("If-Match: {tag}\r\n"), 200),
        (format!("If-Match: W/{tag}\r\n"), 412),
        ("Range: bytes=0-2\r\n".to_owned(), 200),
    ] {
        let response = rows.get_and_head(target, &fields);
        assert_eq!(response.status, status, "{target} {fields}");
        match status {
            200 => assert_eq!(response.content, content, "{fields}"),
            304 => assert_eq!(
                shown(&response),
                format!("cache-control: no-cache\netag: {tag}")
            ),
            _ => assert!(response.text().starts_with("{\"detail\":"), "{fields}"),
        }
    }
    tag
}

#[test]
fn subtitles_chapters_and_cover_have_different_entity_tags() {
    let mut rows = rows();
    let vtt = "text/vtt; charset=utf-8";
    let all = ["WEBVTT\n\n", ONE, LONG, LAST].concat();
    let chapters = rows
        .get("/api/subtitles/film.mkv?track=chapters", "")
        .content;
    let parts = [
        ("/api/subtitles/film.mkv?track=300", vtt, all.as_bytes()),
        (
            "/api/subtitles/film.mkv?track=300&from=0.001",
            vtt,
            all.as_bytes(),
        ),
        (
            "/api/subtitles/film.mkv?track=300&to=61",
            vtt,
            all.as_bytes(),
        ),
        ("/api/subtitles/film.mkv?track=chapters", vtt, &chapters),
        ("/api/cover/film.mkv", "image/jpeg", COVER),
    ];
    let stream = rows.get("/api/stream/film.mkv", "");
    let mut tags = vec![stream.field("etag").unwrap().to_owned()];
    for (target, media_type, content) in parts {
        tags.push(check_conditions(&mut rows, target, media_type, content));
    }
    let later = SystemTime::now() + Duration::from_secs(5);
    let file = fs::File::options()
        .write(true)
        .open(rows.server.dir().join("film.mkv"));
    file.and_then(|file| file.set_modified(later)).unwrap();
    for (target, ..) in parts {
        let response = rows.get_and_head(target, "");
        tags.push(response.field("etag").unwrap().to_owned());
    }
    let count = tags.len();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
}

#[test]
fn cover_media_type_depends_on_the_content() {
    let mut rows = rows();
    let png = b"\x89PNG\r\n\x1a\n more";
    let long = [COVER, &vec![7; 3 << 20]].concat();
    for (data, expected) in [
        (&png[..], Some("image/png")),
        (&long, Some("image/jpeg")),
        (b"GIF89a", None),
        (b"<svg></svg>", None),
        (b"", None),
    ] {
        let cover = element(ATTACHMENTS, &attached("cover.jpg", data));
        rows.server.file("c.mkv", mkv(&[cover]));
        let response = rows.get_and_head("/api/cover/c.mkv", "");
        assert_eq!(response.status, if expected.is_some() { 200 } else { 404 });
        if expected.is_some() {
            assert_eq!(response.field("content-type"), expected);
            assert!(response.content == data, "{expected:?}");
        }
    }
}

/// The library page requests a cover for each file, so a missing cover must not be an error.
#[test]
fn optional_cover_that_is_missing_returns_204() {
    let rows = rows();
    for (path, status) in [
        ("film.mkv", 200),
        ("plain.mp4", 204),
        ("film.srt", 204),
        ("none.mkv", 404),
    ] {
        let target = format!("/api/cover/{path}?optional");
        let response = rows.server.get(&target);
        assert_eq!(response.status, status, "{path}");
    }
}

#[test]
fn file_that_grows_returns_more_subtitles() {
    let mut rows = Rows::start();
    let whole = film();
    let last_cluster = [0x1f, 0x43, 0xb6, 0x75];
    let at = whole
        .windows(4)
        .rposition(|four| four == last_cluster)
        .unwrap();
    let path = rows.server.file("film.mkv", &whole[..at]);
    let target = "/api/subtitles/film.mkv?track=300";
    let before = rows.get(target, "");
    assert_eq!(before.text(), ["WEBVTT\n\n", ONE, LONG].concat());
    fs::write(path, whole).unwrap();
    let condition = format!("If-None-Match: {}\r\n", before.field("etag").unwrap());
    let after = rows.get(target, &condition);
    assert_eq!(after.text(), ["WEBVTT\n\n", ONE, LONG, LAST].concat());
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn stream_during_window_requests_is_complete() {
    let rows = rows();
    let content = crate::support::numbered(8 << 20);
    rows.server.file("other.mp4", &content);
    let until = Instant::now() + Duration::from_secs(2);
    let server = &rows.server;
    std::thread::scope(|scope| {
        for client in 0..10 {
            scope.spawn(move || {
                let mut connection = server.connect();
                while Instant::now() < until {
                    let target = format!("/api/subtitles/film.mkv?track=300&from={client}&to=20");
                    assert_eq!(connection.request("GET", &target, "").status, 200);
                }
            });
        }
        while Instant::now() < until {
            assert!(server.get("/api/stream/other.mp4").content == content);
        }
    });
}

/// A request for the whole track of `many.mkv` takes a second or more. Meanwhile, other requests must get an answer.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn requests_for_tracks_block_neither_streams_nor_windows() {
    let rows = rows();
    let tracks = element(TRACKS, &track(300, 17, "S_TEXT/UTF8", &[]));
    let clusters = cluster(0, &[]).repeat(300_000);
    let server = &rows.server;
    server.file("many.mkv", mkv(&[tracks, clusters]));
    let target = "/api/subtitles/many.mkv?track=300";
    std::thread::scope(|scope| {
        let request = || assert!([200, 503].contains(&server.get(target).status));
        let waiting: Vec<_> = (0..40).map(|_| scope.spawn(request)).collect();
        while !waiting.iter().any(|thread| thread.is_finished()) {
            let response = server.get("/api/stream/plain.mp4");
            assert_eq!(response.status, 200, "a stream waits for other requests");
            let window = server.get("/api/subtitles/film.mkv?track=300&from=1&to=20");
            assert_eq!(window.status, 200, "a window waits for whole tracks");
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}
