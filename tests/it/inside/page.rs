//! Tests the player page of a file that contains subtitles, chapters and a cover.

use super::film;
use crate::rows::Rows;

#[test]
fn page_shows_tracks_chapters_and_cover() {
    let mut rows = Rows::start();
    rows.server.file("a b/film.mkv", film::film());
    rows.server.file("a b/film.de.srt", "0:1 --> 0:2\nHi");
    let target = "/watch/a%20b/film.mkv";
    let response = rows.get_and_head(target, "");
    let page = response.text();
    let tracks: Vec<_> = page
        .split("<track ")
        .skip(1)
        .map(|tag| tag.split_once('>').unwrap().0)
        .collect();
    assert_eq!(
        tracks,
        [
            "kind=\"subtitles\" label=\"de\" srclang=\"de\" src=\"/api/subtitles/a%20b/film.de.srt\"",
            "kind=\"subtitles\" label=\"German (Signs &amp; songs)\" srclang=\"de\" data-note=\"Signs &amp; songs\" \
             data-inside default src=\"/api/subtitles/a%20b/film.mkv?track=300\"",
            "kind=\"chapters\" label=\"Chapters\" src=\"/api/subtitles/a%20b/film.mkv?track=chapters\"",
        ]
    );
    for part in [
        // The script changes the tracks while the browser parses them, so it must precede the video.
        "<script src=\"/assets/tracks.js\"></script><video ",
        " poster=\"/api/cover/a%20b/film.mkv\"",
        "<a href=\"?t=0\"><span>0:00</span> <bdi>Start</bdi></a>",
        "<a href=\"?t=60\"><span>1:00</span> <bdi>A &lt;b&gt;</bdi></a>",
        "1 picture subtitle track (PGS): open in VLC to see it",
        "<select id=\"subtitles\">",
    ] {
        assert!(page.contains(part), "{part} {page}");
    }
    // The picture beside the file replaces the cover inside the file.
    rows.server.file("a b/film.jpg", "picture");
    let response = rows.get(target, "");
    let beside = " poster=\"/api/stream/a%20b/film.jpg\"";
    assert!(response.text().contains(beside) && !response.text().contains("/api/cover/"));
    // This file has no tracks, no chapters and no cover.
    rows.server.file("plain.mkv", "x");
    let page = rows.get("/watch/plain.mkv", "").text().to_owned();
    for part in [
        "<track",
        "tracks.js",
        "chapters\"",
        "poster=",
        "picture subtitle",
    ] {
        assert!(!page.contains(part), "{part}");
    }
}
