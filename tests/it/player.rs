//! Tests the player page over HTTP: its content without scripts, and the escaping of names and queries.
//! `tests/browsers` tests its scripts.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use crate::rows::Rows;
use crate::support::{Response, TestServer};

mod marks;

const ODD: &str = "<img src=x onerror=alert(1)> \"q\" 100% #1.mp4";
const ODD_URL: &str = "%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E%20%22q%22%20100%25%20%231.mp4";

#[track_caller]
fn page(response: &Response) -> &str {
    assert_eq!(response.status, 200);
    assert_eq!(
        response.field("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = response.field("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.field("cache-control"), Some("no-cache"));
    let text = response.text();
    // The page has only one script, which is not inline. It has no inline style and no absolute URL.
    assert_eq!(text.matches("<script").count(), 1, "{text}");
    assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains("://"));
    text
}

/// Returns an attribute of the first tag that begins with `tag`.
#[track_caller]
fn attribute<'a>(page: &'a str, tag: &str, name: &str) -> &'a str {
    let from = page
        .find(tag)
        .unwrap_or_else(|| panic!("no {tag} in {page}"));
    let tag = &page[from..from + page[from..].find('>').unwrap()];
    let value = tag
        .split_once(&format!(" {name}=\""))
        .unwrap_or_else(|| panic!("no {name} in {tag}"));
    value.1.split_once('"').unwrap().0
}

#[test]
fn player_page_works_without_scripts() {
    let mut rows = Rows::start();
    rows.server.file("Season 1/b.mp4", "12345");
    let response = rows.get_and_head("/watch/Season%201/b.mp4", "");
    let page = page(&response);
    assert_eq!(
        attribute(page, "<video", "src"),
        "/api/stream/Season%201/b.mp4"
    );
    assert!(page.contains("<video id=\"video\" controls "));
    assert!(page.contains("<title>b</title>") && page.contains("<h1><bdi>b</bdi></h1>"));
    assert_eq!(
        attribute(page, "<a class=\"button\" id=\"download\"", "href"),
        "/api/stream/Season%201/b.mp4?download"
    );
    assert_eq!(
        attribute(page, "<a class=\"button\" id=\"vlc\"", "href"),
        "/playlist/Season%201/b.mp4"
    );
    assert!(page.contains("<bdi>b.mp4</bdi>: MP4 video, 5 B"));
    // Without `?list`, the page of a folder with one video redirects to the player.
    assert_eq!(
        attribute(page, "<a id=\"library\"", "href"),
        "/browse/Season%201/?list"
    );
    assert!(!page.contains("id=\"previous\"") && !page.contains("id=\"next\""));
}

#[test]
fn player_page_has_codecs_poster_and_subtitles() {
    let mut rows = Rows::start();
    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/clip.mp4");
    rows.server.file("clip.mp4", fs::read(clip).unwrap());
    for name in [
        "clip.jpg",
        "clip.srt",
        "clip.pt-BR.default.vtt",
        "clip.en.srt",
        "clip.idx",
        "clipped.srt",
        "Subs/2_English SDH.srt",
    ] {
        rows.server.file(name, "x");
    }
    rows.server.file("clip.fr.srt", "");
    rows.server.sparse_file("clip.de.ass", (4 << 20) + 1);
    let response = rows.get_and_head("/watch/clip.mp4", "");
    let page = page(&response);
    assert!(
        page.contains("<bdi>clip.mp4</bdi>: MP4, 12 s, H.264 640×360, AAC mono, "),
        "{page}"
    );
    assert_eq!(attribute(page, "<video", "data-container"), "MP4");
    assert_eq!(attribute(page, "<video", "data-video"), "H.264");
    let asked = attribute(page, "<video", "data-video-type");
    assert!(
        asked.starts_with("video/mp4; codecs=&quot;avc1.4d401f&quot;"),
        "{asked}"
    );
    let asked = attribute(page, "<video", "data-audio-type");
    assert_eq!(asked, "audio/mp4; codecs=&quot;mp4a.40.2&quot;");
    assert_eq!(attribute(page, "<video", "poster"), "/api/stream/clip.jpg");
    let tracks: Vec<_> = page
        .split("<track ")
        .skip(1)
        .map(|tag| tag.split_once('>').unwrap().0)
        .collect();
    assert_eq!(
        tracks,
        [
            "kind=\"subtitles\" label=\"en\" srclang=\"en\" src=\"/api/subtitles/clip.en.srt\"",
            "kind=\"subtitles\" label=\"English (2, SDH)\" srclang=\"en\" data-note=\"2, SDH\" src=\"/api/subtitles/Subs/2_English%20SDH.srt\"",
            "kind=\"subtitles\" label=\"pt-BR\" srclang=\"pt-BR\" default src=\"/api/subtitles/clip.pt-BR.default.vtt\"",
            "kind=\"subtitles\" label=\"Subtitles\" src=\"/api/subtitles/clip.srt\"",
        ]
    );
    let files = page.split_once("id=\"subtitle-files\"").unwrap().1;
    for link in [
        "<a href=\"/api/stream/clip.en.srt\" download><bdi>clip.en.srt</bdi></a>",
        "<a href=\"/api/stream/Subs/2_English%20SDH.srt\" download><bdi>2_English SDH.srt</bdi></a>",
    ] {
        assert!(files.contains(link), "{files}");
    }
    for unsupported in [
        "<a href=\"/api/stream/clip.idx\" download><bdi>clip.idx</bdi></a>: picture subtitles; VLC shows them.",
        "<bdi>clip.de.ass</bdi></a>: subtitles above the size limit; VLC shows them.",
    ] {
        assert!(page.contains(unsupported), "{page}");
    }
}

/// To find the subtitles of a video, the server must not compare every video with every subtitle file.
#[test]
fn page_in_a_large_folder_is_quick() {
    let server = TestServer::start();
    for number in 1..=5_000 {
        server.file(&format!("Film {number}.mkv"), "x");
        server.file(&format!("Film {number}.en.srt"), "x");
    }
    // All other names begin with `Film`, but the other subtitle files do not belong to `Film.mkv`.
    server.file("Film.mkv", "x");
    server.file("Film.de.srt", "x");
    for video in ["Film.mkv", "Film%201.mkv", "Film%204999.mkv"] {
        let start = Instant::now();
        let response = server.request("GET", &format!("/watch/{video}"), "");
        let elapsed = start.elapsed();
        assert_eq!(page(&response).matches("<track ").count(), 1, "{video}");
        println!("{elapsed:?}");
        // The limit is for a debug build on a busy machine. A release build takes about 15 ms.
        assert!(elapsed < Duration::from_secs(2), "{video}: {elapsed:?}");
    }
}

#[test]
fn previous_and_next_are_in_natural_order() {
    let mut rows = Rows::start();
    for name in ["2.mp4", "10.mkv", "1.mp4", "3.txt", "2.jpg", "11.mp3"] {
        rows.server.file(name, "x");
    }
    rows.server.file("5.mp4/x", "a folder");
    rows.server.file(".4.mp4", "hidden");
    for (target, name) in [("/etc/passwd", "2b.mp4"), ("2.mp4", "12.mp4")] {
        std::os::unix::fs::symlink(target, rows.server.dir().join(name)).unwrap();
    }
    let mut beside = |name: &str| {
        let response = rows.get(&format!("/watch/{name}"), "");
        let page = page(&response);
        let link = |id: &str| {
            page.contains(&format!("id=\"{id}\"")).then(|| {
                attribute(page, &format!("<a class=\"button\" id=\"{id}\""), "href").to_owned()
            })
        };
        assert_eq!(attribute(page, "<a id=\"library\"", "href"), "/");
        (link("previous"), link("next"))
    };
    let url = |name: &str| Some(format!("/watch/{name}"));
    assert_eq!(beside("1.mp4"), (None, url("2.mp4")));
    assert_eq!(beside("2.mp4"), (url("1.mp4"), url("10.mkv")));
    assert_eq!(beside("10.mkv"), (url("2.mp4"), url("11.mp3")));
    assert_eq!(beside("11.mp3"), (url("10.mkv"), url("12.mp4")));
    assert_eq!(beside("12.mp4"), (url("11.mp3"), None));
    // The library does not show `3.txt`, but the player page of this file works.
    assert_eq!(beside("3.txt"), (url("2.mp4"), url("10.mkv")));
}

#[test]
fn name_of_any_characters_is_escaped() {
    let mut rows = Rows::start();
    rows.server.file(ODD, "x");
    let raw = std::ffi::OsStr::from_bytes(b"\xff\xfe.mp4");
    fs::write(rows.server.dir().join(raw), "y").unwrap();
    let response = rows.get_and_head(&format!("/watch/{ODD_URL}"), "");
    let text = page(&response);
    assert!(!text.contains("<img"), "{text}");
    assert!(
        text.contains("<title>&lt;img src=x onerror=alert(1)&gt; &quot;q&quot; 100% #1</title>")
    );
    assert_eq!(
        attribute(text, "<video", "src"),
        format!("/api/stream/{ODD_URL}")
    );
    assert_eq!(attribute(text, "<video", "data-name"), ODD_URL);
    let next = attribute(text, "<a class=\"button\" id=\"next\"", "href").to_owned();
    assert_eq!(next, "/watch/%FF%FE.mp4");
    let response = rows.get(&next, "");
    let src = attribute(page(&response), "<video", "src").to_owned();
    assert_eq!(rows.get(&src, "").content, b"y");
}

#[test]
fn time_and_ranges_of_the_query_are_on_the_page() {
    let mut rows = Rows::start();
    rows.server.file("a.mp4", "x");
    let mut ask = |query: &str| rows.get(&format!("/watch/a.mp4?{query}"), "");
    for (query, src) in [
        ("t=83", "/api/stream/a.mp4#t=83"),
        ("t=1:23.50", "/api/stream/a.mp4#t=83.5"),
        ("t=x", "/api/stream/a.mp4"),
        ("t=", "/api/stream/a.mp4"),
        ("t=-5", "/api/stream/a.mp4"),
    ] {
        let response = ask(query);
        assert_eq!(attribute(page(&response), "<video", "src"), src, "{query}");
    }
    for (query, segments) in [
        ("ranges=10-15,30-35.5", "10-15,30-35.5"),
        ("ranges=10-15%2C+30.50-", "10-15,30.5-"),
    ] {
        let response = ask(query);
        let text = page(&response);
        assert_eq!(attribute(text, "<video", "data-segments"), segments);
        assert_eq!(attribute(text, "<video", "src"), "/api/stream/a.mp4#t=10");
        assert!(text.contains("<p id=\"notice\" role=\"status\"></p>"));
        assert!(!text.contains("data-repeats"));
    }
    assert!(page(&ask("ranges=1-2&loop")).contains(" data-repeats"));
    for (query, reason) in [
        ("ranges=30-20", "“30-20” ends before it begins"),
        ("ranges=10", "“10” is not a part of a video"),
        ("ranges=1-2,", "a part is empty"),
        ("ranges=%3Cb%3E", "“&lt;b&gt;” is not a part of a video"),
        ("ranges=%FF-1", "“\u{fffd}-1” is not a part of a video"),
    ] {
        let response = ask(query);
        let text = page(&response);
        assert!(text.contains(reason), "{query}: {text}");
        // The page plays the whole video.
        assert_eq!(attribute(text, "<video", "src"), "/api/stream/a.mp4");
        assert!(!text.contains("data-segments"));
    }
}

#[test]
fn player_page_of_missing_video_returns_404() {
    let mut rows = Rows::start();
    rows.server.file("a.mp4", "x");
    rows.server.file(".hidden.mp4", "x");
    fs::create_dir(rows.server.dir().join("folder")).unwrap();
    for target in [
        "/watch/b.mp4",
        "/watch/a.mp4/",
        "/watch/",
        "/watch",
        "/watch/folder",
        "/watch/.hidden.mp4",
        "/watch/../a.mp4",
        "/watch/%2e%2e/a.mp4",
    ] {
        let response = rows.get_and_head(target, "");
        assert_eq!(response.status, 404, "{target}");
        assert!(response.text().contains("<h1>Not Found</h1>"), "{target}");
    }
    let response = rows.ask("POST", "/watch/a.mp4", "");
    assert_eq!(response.status, 405);
    assert_eq!(response.field("allow"), Some("GET, HEAD"));
}

#[test]
fn assets_have_types_and_validators() {
    const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";
    let mut rows = Rows::start();
    for (path, media_type, begins) in [
        ("/assets/style.css", "text/css; charset=utf-8", "/*"),
        ("/assets/player.js", SCRIPT_TYPE, "(() => {"),
        ("/assets/tracks.js", SCRIPT_TYPE, "// "),
        ("/assets/library.js", SCRIPT_TYPE, "(() => {"),
    ] {
        let response = rows.get_and_head(path, "");
        assert_eq!(response.status, 200);
        assert_eq!(response.field("content-type"), Some(media_type));
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        assert!(response.text().starts_with(begins));
        let etag = response.field("etag").unwrap();
        let again = rows.get(path, &format!("If-None-Match: {etag}\r\n"));
        assert_eq!(again.status, 304);
    }
    for path in [
        "/assets/",
        "/assets",
        "/assets/x.js",
        "/assets/style.css/",
        "/assets/%2e%2e/player.js",
    ] {
        assert_eq!(rows.get(path, "").status, 404, "{path}");
    }
}

/// A phone on slow Wi-Fi loads all these files before it shows the page.
#[test]
fn pages_and_assets_are_small() {
    let mut rows = Rows::start();
    rows.server.file("a.mp4", "x");
    rows.server.file("b.mp4", "x");
    for (page, script) in [
        ("/", "/assets/library.js"),
        ("/watch/a.mp4", "/assets/player.js"),
    ] {
        let paths = [page, script, "/assets/style.css", "/favicon.ico"];
        let lengths = paths.map(|path| rows.get(path, "").content.len());
        let sum: usize = lengths.iter().sum();
        assert!(lengths[0] > 0 && sum < 64 * 1024, "{page}: {lengths:?}");
    }
}
