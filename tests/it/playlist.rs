//! Tests playlists: absolute URLs, file names with any bytes, and parts of a film with start and stop times.

use std::os::unix::ffi::OsStrExt;

use crate::rows::Rows;
use crate::support::Response;

#[track_caller]
fn lines(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200);
    assert_eq!(
        response.field("content-type"),
        Some("audio/x-mpegurl; charset=utf-8")
    );
    assert_eq!(response.field("cache-control"), Some("no-cache"));
    let text = response.text();
    assert!(text.starts_with("#EXTM3U\n") && text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

#[test]
fn playlist_of_a_file_has_one_entry() {
    let mut rows = Rows::start();
    rows.server.file("Season 1/é #1.mp4", "content");
    let target = "/playlist/Season%201/%C3%A9%20%231.mp4";
    let response = rows.get_and_head(target, "");
    assert_eq!(
        response.field("content-disposition"),
        Some("attachment; filename=\"_ #1.m3u\"; filename*=UTF-8''%C3%A9%20#1.m3u")
    );
    let lines = lines(&response);
    assert_eq!(lines[2..4], ["#PLAYLIST:é #1", "#EXTINF:-1,é #1"]);
    let path = lines[4].strip_prefix("http://localhost").unwrap();
    assert_eq!(rows.get(path, "").content, b"content");
    assert_eq!(lines.len(), 5);
}

#[test]
fn playlist_uses_the_host_of_the_request() {
    let rows = Rows::start();
    rows.server.file("a.mp4", "x");
    for host in [
        "raspberrypi.local:8001",
        "192.0.2.2:8001",
        "[fd00::2]:8001",
        "localhost",
    ] {
        let mut client = rows.server.connect();
        client.send(format!(
            "GET /playlist/a.mp4 HTTP/1.1\r\nHost: {host}\r\n\r\n"
        ));
        let lines = lines(&client.response());
        assert_eq!(lines[4], format!("http://{host}/api/stream/a.mp4"));
    }
    // A host in the request target overrides the field Host (RFC 9112 §3.2.2). In an HTTP/1.0 request, both can be
    // missing. In that case, the URL in the playlist is only a path.
    let mut client = rows.server.connect();
    client.send("GET http://here.local:9/playlist/a.mp4 HTTP/1.1\r\nHost: there.local\r\n\r\n");
    assert_eq!(
        lines(&client.response())[4],
        "http://here.local:9/api/stream/a.mp4"
    );
    let mut client = rows.server.connect();
    client.send("GET /playlist/a.mp4 HTTP/1.0\r\n\r\n");
    assert_eq!(lines(&client.response())[4], "/api/stream/a.mp4");
}

#[test]
fn playlist_of_parts_has_start_and_stop() {
    let mut rows = Rows::start();
    rows.server.file("a.mp4", "x");
    let mut after =
        |query: &str| lines(&rows.get(&format!("/playlist/a.mp4?{query}"), ""))[3..].to_vec();
    let url = "http://localhost/api/stream/a.mp4";
    assert_eq!(
        after("ranges=10-15,30-35.5,40-"),
        [
            "#EXTINF:5,a [10-15 s]",
            "#EXTVLCOPT:start-time=10",
            "#EXTVLCOPT:stop-time=15",
            url,
            "#EXTINF:5.5,a [30-35.5 s]",
            "#EXTVLCOPT:start-time=30",
            "#EXTVLCOPT:stop-time=35.5",
            url,
            "#EXTINF:-1,a [40- s]",
            "#EXTVLCOPT:start-time=40",
            url,
        ]
    );
    assert_eq!(
        after("t=83"),
        ["#EXTINF:-1,a", "#EXTVLCOPT:start-time=83", url]
    );
    // If `ranges` is invalid, the playlist has one entry for the whole file.
    assert_eq!(after("ranges=x"), ["#EXTINF:-1,a", url]);
}

#[test]
fn playlist_of_a_folder_is_in_natural_order() {
    let mut rows = Rows::start();
    for name in [
        "10.mp4",
        "2.mkv",
        "1.mp3",
        "1.srt",
        "a.txt",
        ".h.mp4",
        "sub/x.mp4",
    ] {
        rows.server.file(&format!("Season 1/{name}"), name);
    }
    let raw = std::ffi::OsStr::from_bytes(b"\xff\n#.mp4");
    std::fs::write(rows.server.dir().join("Season 1").join(raw), "raw").unwrap();
    let response = rows.get_and_head("/playlist/Season%201/", "");
    assert_eq!(
        response.field("content-disposition"),
        Some("attachment; filename=\"Season 1.m3u\"")
    );
    let lines = lines(&response);
    assert_eq!(lines[2], "#PLAYLIST:Season 1");
    let titles: Vec<_> = lines[3..].iter().step_by(2).map(String::as_str).collect();
    let names = [
        "#EXTINF:-1,1",
        "#EXTINF:-1,2",
        "#EXTINF:-1,10",
        "#EXTINF:-1,\u{fffd} #",
    ];
    assert_eq!(titles, names);
    let contents = ["1.mp3", "2.mkv", "10.mp4", "raw"];
    for (url, content) in lines[4..].iter().step_by(2).zip(contents) {
        let path = url.strip_prefix("http://localhost").unwrap();
        assert_eq!(rows.get(path, "").text(), content, "{url}");
    }
    // The root folder of this test has no video.
    let root = rows.get("/playlist/", "");
    assert_eq!(root.text(), "#EXTM3U\n#EXTENC:UTF-8\n#PLAYLIST:Videos\n");
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn playlist_of_a_large_folder_is_complete() {
    let rows = Rows::start();
    let count = 3_000;
    for number in 0..count {
        rows.server.file(&format!("film {number}.mp4"), "");
    }
    for version in ["1.1", "1.0"] {
        let mut client = rows.server.connect();
        client.send(format!(
            "GET /playlist/ HTTP/{version}\r\nHost: localhost\r\n\r\n"
        ));
        let lines = lines(&client.response());
        assert_eq!(lines.len(), 3 + 2 * count);
        for (number, item) in lines[3..].chunks(2).enumerate() {
            assert_eq!(item[0], format!("#EXTINF:-1,film {number}"));
            assert_eq!(
                item[1],
                format!("http://localhost/api/stream/film%20{number}.mp4")
            );
        }
    }
}

#[test]
fn playlist_of_missing_path_returns_404() {
    let mut rows = Rows::start();
    rows.server.file("a.mp4", "x");
    for target in [
        "/playlist/b.mp4",
        "/playlist/.a.mp4",
        "/playlist",
        "/playlist/b/",
    ] {
        assert_eq!(rows.get_and_head(target, "").status, 404, "{target}");
    }
}
