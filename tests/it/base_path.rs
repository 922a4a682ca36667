//! Tests a server with a base path. Every URL in its responses must begin with this path, and must work.

use std::collections::{BTreeMap, BTreeSet};

use videoserve::Config;

use crate::support::{Response, TestServer};

const BASE: &str = "/my%20films";

fn server(change: impl FnOnce(Config) -> Config) -> TestServer {
    let server = TestServer::with(|config| change(config.base_path(BASE).unwrap()));
    for number in 0..130 {
        server.file(&format!("many/{number:03}.mp4"), "");
    }
    server.file("season 1/\u{e9} #1.mp4", "one");
    server.file(
        "season 1/\u{e9} #1.en.srt",
        "1\n00:00:00,000 --> 00:00:01,000\nHello\n",
    );
    server.file("season 1/\u{e9} #1.jpg", "picture");
    server.file("season 1/2.mkv", crate::inside::film::film());
    server.file("alone/film.mp4", "alone");
    server
}

fn urls(response: &Response) -> Vec<String> {
    let mut urls: Vec<String> = response
        .field("location")
        .map(str::to_owned)
        .into_iter()
        .collect();
    let text = String::from_utf8_lossy(&response.content);
    match response.field("content-type").unwrap_or_default() {
        it if it.starts_with("text/html") => {
            for mark in [" href=\"", " src=\"", " action=\"", " poster=\""] {
                let values = text.split(mark).skip(1);
                let values = values.map(|rest| rest.split('"').next().unwrap());
                urls.extend(values.map(|it| it.replace("&amp;", "&")));
            }
        }
        it if it.starts_with("audio/x-mpegurl") => {
            urls.extend(
                text.lines()
                    .filter(|it| !it.starts_with('#'))
                    .map(str::to_owned),
            );
        }
        "application/json" => {
            let values = text.split("_url\":\"").skip(1);
            urls.extend(values.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        _ => {}
    }
    urls
}

fn resolve(page: &str, url: &str) -> String {
    let url = url.split('#').next().unwrap();
    let url = url.strip_prefix("http://localhost").unwrap_or(url);
    let path = page.split('?').next().unwrap();
    if url.starts_with('/') {
        return url.to_owned();
    }
    if url.starts_with('?') {
        return format!("{path}{url}");
    }
    let mut folder = path.rsplit_once('/').unwrap().0;
    let mut rest = url;
    while let Some(after) = rest.strip_prefix("../") {
        folder = folder.rsplit_once('/').unwrap().0;
        rest = after;
    }
    format!("{folder}/{rest}")
}

/// Requests the targets in `start`, and all URLs in the responses. Returns each response with its target.
fn walk(server: &TestServer, start: &[&str], fields: &str) -> BTreeMap<String, Response> {
    let mut found = BTreeMap::new();
    let mut open: BTreeSet<String> = start.iter().map(|it| format!("{BASE}{it}")).collect();
    while let Some(target) = open.pop_first() {
        assert!(
            target.starts_with(&format!("{BASE}/")),
            "{target} is outside of the base path"
        );
        let is_open = target.contains("token=") || target.contains("/assets/");
        let fields = if is_open { "" } else { fields };
        let response = server.request("GET", &target, fields);
        assert!(
            matches!(response.status, 200 | 307),
            "{target}: {}",
            response.status
        );
        for url in urls(&response) {
            let url = resolve(&target, &url);
            if !found.contains_key(&url) && url != target {
                open.insert(url);
            }
        }
        found.insert(target, response);
    }
    found
}

const STARTS: [&str; 6] = [
    "/",
    "/api/stream/",
    "/playlist/",
    "/api/videos",
    "/api/openapi.json",
    "/?q=1",
];

#[test]
fn urls_of_all_pages_have_the_base_path_and_return_200() {
    let server = server(|config| config);
    let found = walk(&server, &STARTS, "");
    for part in [
        "/assets/player.js",
        "/assets/tracks.js",
        "/assets/style.css",
        "/favicon.ico",
        "/watch/season%201/%C3%A9%20%231.mp4",
        "/watch/alone/film.mp4",
        "/browse/season%201/",
        "/api/stream/season%201/%C3%A9%20%231.jpg",
        "/api/stream/season%201/2.mkv?download",
        "/api/subtitles/season%201/%C3%A9%20%231.en.srt",
        "/api/subtitles/season%201/2.mkv?track=300",
        "/api/subtitles/season%201/2.mkv?track=chapters",
        "/api/cover/season%201/2.mkv",
        "/api/videos/season%201/",
        "/playlist/",
        "/playlist/season%201/",
        "/playlist/season%201/2.mkv",
    ] {
        assert!(
            found.contains_key(&format!("{BASE}{part}")),
            "{part} was not found"
        );
    }
    assert!(
        found
            .keys()
            .any(|it| it.contains("many/?sort=") && it.contains("&after=")),
        "no link to the next page"
    );
    // Some proxies remove the base path from the target, so targets without the base path also work.
    for (target, response) in found {
        let same = server.get(target.strip_prefix(BASE).unwrap());
        assert_eq!(same.status, response.status, "{target}");
        assert!(same.content == response.content, "{target}");
    }
}

#[test]
fn tokens_of_urls_below_the_base_path_are_valid() {
    let server = server(|config| config.credentials("ana", "pw").unwrap());
    let found = walk(&server, &STARTS, "Authorization: Basic YW5hOnB3\r\n");
    assert!(found.keys().filter(|it| it.contains("token=")).count() > 130);
}

#[test]
fn base_path_without_its_slash_redirects() {
    let server = server(|config| config);
    for (target, location) in [
        (BASE.to_owned(), format!("{BASE}/")),
        (format!("{BASE}?q=a"), format!("{BASE}/?q=a")),
        (
            format!("{BASE}/browse/many"),
            format!("{BASE}/browse/many/"),
        ),
        ("/browse/many".to_owned(), format!("{BASE}/browse/many/")),
    ] {
        let response = server.get(&target);
        assert_eq!(response.status, 308, "{target}");
        assert_eq!(response.field("location"), Some(&*location), "{target}");
    }
}

#[test]
fn errors_and_description_contain_the_base_path() {
    let server = server(|config| config.mount("/files").unwrap());
    for target in [format!("{BASE}/none"), "/none".to_owned()] {
        let response = server.get(&target);
        assert_eq!(response.status, 404);
        let text = response.text();
        assert!(text.contains(&format!("href=\"{BASE}/\"")), "{text}");
        assert!(
            text.contains(&format!("href=\"{BASE}/assets/style.css\"")),
            "{text}"
        );
    }
    for target in ["/api/none", "/files/none", "/api/%zz"] {
        let response = server.get(&format!("{BASE}{target}"));
        assert_eq!(
            response.field("content-type"),
            Some("application/json"),
            "{target}"
        );
    }
    let description = server.get(&format!("{BASE}/api/openapi.json"));
    assert!(
        description
            .text()
            .contains(&format!("\"servers\":[{{\"url\":\"{BASE}\"}}]"))
    );
    assert_eq!(server.get("/files/alone/film.mp4").text(), "alone");
    assert_eq!(
        server.get(&format!("{BASE}/files/alone/film.mp4")).text(),
        "alone"
    );
}

#[test]
fn base_path_and_mount_inside_each_other_are_refused() {
    let config = || Config::new(".");
    for (base, mount) in [("/a", "/a"), ("/a", "/a/b"), ("/a/b", "/a")] {
        assert!(
            config().base_path(base).unwrap().mount(mount).is_err(),
            "{base} {mount}"
        );
        assert!(
            config().mount(mount).unwrap().base_path(base).is_err(),
            "{base} {mount}"
        );
    }
    assert!(config().mount("/b").unwrap().base_path("/a").is_ok());
}
