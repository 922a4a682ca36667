//! Tests tokens in the URLs of pages, listings and playlists. With a token, a client can read one
//! file or one playlist without the password.

use crate::auth::{basic, films, valid};
use crate::rows::Rows;
use crate::support::{TestServer, numbered};

fn urls(page: &str) -> Vec<String> {
    let mut urls = Vec::new();
    for name in [" href=\"", " src=\"", " poster=\""] {
        for (at, _) in page.match_indices(name) {
            let value = page[at + name.len()..].split('"').next().unwrap();
            urls.push(value.replace("&amp;", "&"));
        }
    }
    // A page shows each file as a card. If the card has no picture, a script requests the file with the token in
    // `data-token`.
    for card in page.split("<a ").skip(1) {
        let attribute = |name| {
            card.split_once(name)
                .map(|(_, rest): (&str, &str)| rest.split('"').next().unwrap())
        };
        let tag = card.split('>').next().unwrap();
        if let (Some(path), true) = (attribute("href=\"/watch/"), tag.contains("data-token")) {
            urls.push(format!(
                "/api/stream/{path}?token={}",
                attribute("data-token=\"").unwrap()
            ));
        }
    }
    urls
}

/// Returns the first URL that contains `part`, from the URLs of a page.
#[track_caller]
fn url(rows: &mut Rows, page: &str, part: &str) -> String {
    let text = rows.get(page, &valid());
    let found = urls(text.text()).into_iter().find(|url| url.contains(part));
    found.unwrap_or_else(|| panic!("{part} is not in {text:?}"))
}

/// Safari sends no credentials for media, and external players do not know them. So the URLs in pages have tokens.
#[test]
fn links_of_pages_need_no_credentials() {
    let mut rows = films(|config| config);
    let mut followed = Vec::new();
    for page in [
        "/",
        "/?list&sort=date",
        "/?q=film",
        "/browse/Season%201/",
        "/watch/film.mp4",
        "/watch/film.mp4?t=3",
        "/watch/Season%201/%C3%A9%20%231.mp4",
        "/watch/Season%201/2.mkv",
    ] {
        assert_eq!(rows.get(page, "").status, 401, "{page}");
        let text = rows.get(page, &valid()).text().to_owned();
        for url in urls(&text) {
            let is_media = ["/api/", "/playlist/"].iter().any(|it| url.starts_with(it));
            let is_asset = url.starts_with("/assets/") || url == "/favicon.ico";
            assert_eq!(url.contains("token="), is_media, "{url}");
            let target = url.split('#').next().unwrap();
            if is_media || is_asset {
                assert_eq!(rows.get_and_head(target, "").status, 200, "{url}");
                followed.push(target.split(['?', '&']).next().unwrap().to_owned());
            } else if target.starts_with('/') {
                assert_eq!(rows.get(target, "").status, 401, "{url}");
            }
        }
    }
    for path in [
        "/api/stream/film.mp4",
        "/api/stream/film.jpg",
        "/api/stream/other.mp4",
        "/api/stream/Season%201/%C3%A9%20%231.mp4",
        "/api/subtitles/film.de.srt",
        "/api/subtitles/Season%201/2.mkv",
        "/api/cover/Season%201/2.mkv",
        "/playlist/film.mp4",
        "/playlist/Season%201/",
        "/playlist/",
    ] {
        assert!(
            followed.iter().any(|it| it == path),
            "no page has a link to {path}"
        );
    }
}

#[test]
fn links_of_playlists_and_listings_need_no_credentials() {
    let mut rows = films(|config| config);
    for (list, count) in [
        ("/playlist/", 2),
        ("/playlist/Season%201/", 2),
        ("/playlist/film.mp4", 1),
        ("/playlist/film.mp4?ranges=1-2,3-4", 2),
    ] {
        let text = rows.get(list, &valid()).text().to_owned();
        let items: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(items.len(), count, "{text}");
        for item in items {
            let target = item.strip_prefix("http://localhost").unwrap();
            assert_eq!(rows.get_and_head(target, "").status, 200, "{item}");
        }
    }
    let listing = rows.get("/api/videos", &valid());
    let listing: serde_json::Value = serde_json::from_slice(&listing.content).unwrap();
    for entry in listing["entries"].as_array().unwrap() {
        if let Some(url) = entry["stream_url"].as_str() {
            assert_eq!(rows.get_and_head(url, "").status, 200, "{url}");
        }
    }
    // A cut contains only bytes of its file, so the token of the file is valid for the cut.
    let clip = "Season%201/%C3%A9%20%231.mp4";
    let stream = url(
        &mut rows,
        &format!("/watch/{clip}"),
        &format!("/api/stream/{clip}?token"),
    );
    let cut = stream.replace("/api/stream/", "/api/cut/");
    assert_eq!(rows.get(&cut, "").status, 200);
    // The script of a page adds `ranges` to the playlist URL.
    let playlist = url(&mut rows, "/watch/film.mp4", "/playlist/film.mp4");
    let (path, token) = playlist.split_once('?').unwrap();
    let parts = rows.get(&format!("{path}?ranges=1-2,3-&{token}"), "");
    assert_eq!(parts.text().matches("start-time").count(), 2);
}

#[test]
fn token_is_valid_only_for_its_own_file() {
    let mut rows = films(|config| config);
    let stream = url(&mut rows, "/watch/film.mp4", "/api/stream/film.mp4?token");
    let (_, token) = stream.split_once("token=").unwrap();
    let subtitles = url(&mut rows, "/watch/film.mp4", "/api/subtitles/");
    let (_, of_subtitles) = subtitles.split_once("token=").unwrap();
    let folder = url(&mut rows, "/browse/Season%201/", "/playlist/");
    let (_, of_folder) = folder.split_once("token=").unwrap();
    let changed = |at: usize| {
        let mut text = token.to_owned();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        text.replace_range(at..=at, other);
        text
    };
    for (path, token, status) in [
        ("/api/stream/film.mp4", token, 200),
        // These URLs lead to the same file, but they have another encoding of its name, or another prefix.
        ("/api/stream/%66ilm%2Emp4", token, 200),
        ("/videos/film.mp4", token, 200),
        ("/api/stream/film.mp4", &format!("{token}&token=x"), 200),
        ("/api/stream/film.mp4", &format!("x&token={token}"), 401),
        // The token is also valid for the cover, but this file has no cover.
        ("/api/cover/film.mp4", token, 404),
        ("/api/cover/other.mp4", token, 401),
        ("/api/cover/film.de.srt", of_subtitles, 401),
        ("/api/stream/other.mp4", token, 401),
        ("/api/stream/none.mp4", token, 401),
        ("/api/stream/film.jpg", token, 401),
        ("/api/stream/Season%201/2.mkv", token, 401),
        ("/api/stream/film.mp4/", token, 401),
        ("/api/stream/./film.mp4", token, 401),
        ("/watch/film.mp4", token, 401),
        ("/playlist/film.mp4", token, 401),
        ("/playlist/", token, 401),
        ("/api/videos", token, 401),
        ("/", token, 401),
        ("/api/stream/film.de.srt", of_subtitles, 401),
        ("/api/subtitles/film.de.srt", of_subtitles, 200),
        ("/playlist/Season%201/", of_folder, 200),
        ("/playlist/", of_folder, 401),
        ("/playlist/Season%201/2.mkv", of_folder, 401),
        ("/api/videos/Season%201/", of_folder, 401),
        ("/api/stream/film.mp4", "", 401),
        ("/api/stream/film.mp4", &token[1..], 401),
        ("/api/stream/film.mp4", &token[..token.len() - 1], 401),
        ("/api/stream/film.mp4", &format!("{token}="), 401),
        ("/api/stream/film.mp4", &format!("{token}A"), 401),
        // This token is cut after two bytes of its signature.
        ("/api/stream/film.mp4", &token[..8], 401),
        // One character of the expiry time or of the signature is changed. The signature covers the expiry time, so
        // each change makes the token invalid.
        ("/api/stream/film.mp4", &changed(0), 401),
        ("/api/stream/film.mp4", &changed(3), 401),
        ("/api/stream/film.mp4", &changed(10), 401),
    ] {
        let target = format!("{path}?token={token}");
        assert_eq!(rows.get_and_head(&target, "").status, status, "{target}");
    }
    // A token is valid only for GET and HEAD. With a valid token, the server ignores a wrong password.
    assert_eq!(rows.ask("POST", &stream, "").status, 401);
    assert_eq!(rows.get(&stream, &basic("ana:wrong")).status, 200);
    assert_eq!(
        rows.get(&stream, "Range: bytes=8-15\r\n").content,
        b"0000001\n"
    );
    assert_eq!(rows.get(&stream, "Range: bytes=1000-\r\n").status, 416);
    let response = rows.get(&format!("{stream}&download=a.mp4"), "");
    assert_eq!(
        response.field("content-disposition"),
        Some("attachment; filename=\"a.mp4\"")
    );
    // A restarted server has a new key, so old tokens are not valid.
    let mut again = films(|config| config);
    assert_eq!(again.get(&stream, "").status, 401);
    assert_eq!(again.get(&stream, &valid()).status, 200);
}

#[test]
fn server_without_password_ignores_credentials_and_tokens() {
    let server = TestServer::start();
    server.file("film.mp4", numbered(1000));
    server.file("film.srt", "0:1 --> 0:2\nHi");
    server.file("other.mp4", "x");
    for target in [
        "/?list",
        "/watch/film.mp4?t=3",
        "/playlist/?x",
        "/playlist/film.mp4?x",
        "/api/videos?x",
        "/api/stream/film.mp4?x",
        "/api/subtitles/film.srt?x",
    ] {
        let plain = server.get(target);
        assert_eq!(plain.status, 200, "{target}");
        assert!(
            !String::from_utf8_lossy(&plain.content).contains("token"),
            "{target}"
        );
        for number in 0..8 {
            let fields = basic(format!("ana:{number}"));
            let response = server.request("GET", &format!("{target}&token=x"), &fields);
            assert_eq!((response.status, &response.content), (200, &plain.content));
        }
    }
    let ask = "Access-Control-Request-Method: GET\r\n";
    assert_eq!(server.request("OPTIONS", "/api/videos", ask).status, 405);
}
