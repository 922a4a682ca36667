//! Compares `/api/openapi.json` with the responses of the server. Each described response must occur, and each response
//! must be described.

use std::collections::BTreeSet;

use videoserve::Config;

use crate::auth::{basic, locked, valid};
use crate::rows::shown;
use crate::support::{Client, Response, TestServer, numbered};

mod description;
mod table;

use description::Description;
use table::On::{self, Full, Open, Single};
use table::{ROWS, Row};

/// Starts a server with the files that [`ROWS`] requests.
fn open(change: impl FnOnce(Config) -> Config) -> TestServer {
    let server = TestServer::with(|config| change(config).metrics(true));
    server.file("film.mp4", numbered(1000));
    server.file("film.srt", "0:1 --> 0:2\nHi");
    server.file("film.mkv", crate::inside::film::film());
    server.file("Season 1/é #1.mp4", "one");
    server.file("Season 1/2.mkv", "two");
    server.file("single/film.mp4", "one");
    server.file("clip.mp4", crate::cut::CLIP);
    server.file("sound.m4a", crate::cut::audio_only());
    for (at, name) in ["a.mp3", "b.jpg", "c.vtt", "d.txt"].into_iter().enumerate() {
        server.file(name, numbered(at));
    }
    let old = std::fs::File::create(server.dir().join("old.mp4")).unwrap();
    // The date is in September 2014.
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_410_000_000);
    old.set_modified(date).unwrap();
    server
}

/// The servers of the table (see [`On`]), and the client that takes the only stream of `full`.
struct Servers {
    // Invariant: `viewer` is declared above `full`. Rust drops fields from top to bottom, so the stream of `viewer`
    // ends first. In another order, the stop of `full` waits for this stream.
    viewer: Client,
    open: TestServer,
    full: TestServer,
    single: TestServer,
}

impl Servers {
    fn start() -> Servers {
        let single = TestServer::start();
        single.file("film.mp4", "film");
        let full = TestServer::with(|config| config.max_streams(1).unwrap());
        full.file("film.mp4", "film");
        full.file("film.mkv", crate::inside::film::film());
        full.file("clip.mp4", crate::cut::CLIP);
        full.file(
            "long.srt",
            "0:1 --> 0:2\nHi\n\n0:1 --> 0:2\nHo\n\n".repeat(1000),
        );
        for number in 0..100 {
            let name = format!("{number}{}.mp4", "x".repeat(200));
            full.file(&name, "");
            full.file(&format!("many/{name}"), "");
        }
        full.sparse_file("endless.mp4", 1 << 30);
        let mut viewer = full.connect();
        viewer.send("GET /api/stream/endless.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(viewer.read_head().status, 200);
        Servers {
            viewer,
            open: open(|config| config),
            full,
            single,
        }
    }

    #[track_caller]
    fn ask(&self, on: On, method: &str, target: &str, fields: &str) -> Response {
        let server = match on {
            Open => &self.open,
            Full => &self.full,
            Single => &self.single,
        };
        server.request(&method.to_ascii_uppercase(), target, fields)
    }
}

fn description(server: &TestServer) -> Description {
    let response = server.get("/api/openapi.json");
    assert_eq!(response.field("content-type"), Some("application/json"));
    // The document is a part of the program, so it must be small.
    assert!(
        response.content.len() < 16 * 1024,
        "{}",
        response.content.len()
    );
    Description::parse(response.text())
}

/// Returns whether a target matches a described path. For example, `/api/stream/a.mp4` matches `/api/stream/{path}`.
fn matches_path(target: &str, path: &str) -> bool {
    let target = target.trim_start_matches("http://evil.example");
    let target = target.split('?').next().unwrap();
    match path.split_once('{') {
        None => target == path,
        Some((start, end)) => {
            let end = end.split_once('}').unwrap().1;
            target.len() > start.len() + end.len()
                && (target.starts_with(start) && target.ends_with(end))
                && (end == "/" || !target.ends_with('/'))
        }
    }
}

/// Returns the target of the first GET row for this path.
fn target_of(path: &str) -> &'static str {
    let row = ROWS
        .iter()
        .find(|(method, of, ..)| *of == path && *method == "get");
    row.unwrap_or_else(|| panic!("no row for {path}")).4
}

/// Checks that errors below `/api/` are JSON, and that other errors are not.
#[track_caller]
fn check_error_type(path: &str, answer: &Response, media_type: Option<String>) {
    if answer.status >= 400 {
        let for_scripts = path.starts_with("/api/");
        let is_json = media_type.as_deref() == Some("application/json");
        assert_eq!(is_json, for_scripts, "{path}: {answer:?}");
    }
}

#[test]
fn every_response_is_described_and_every_described_response_occurs() {
    let servers = Servers::start();
    let description = description(&servers.open);
    assert_eq!(description.info("version"), env!("CARGO_PKG_VERSION"));
    let mut seen = BTreeSet::new();
    let mut media_types = BTreeSet::new();
    for &(method, path, status, on, target, fields) in ROWS {
        assert!(matches_path(target, path), "{target} is not at {path}");
        let answer = servers.ask(on, method, target, fields);
        assert_eq!(answer.status, status, "{method} {target} {fields:?}");
        let (key, described) = description.response(path, method, status);
        let media_type = description.check(described, &answer);
        check_error_type(path, &answer, media_type.clone());
        seen.insert((method, path, key));
        media_types.insert((method, path, key, media_type));
        if method == "get" && !matches!(status, 206 | 416 | 503) {
            let head = servers.ask(on, "head", target, fields);
            let found = (head.status, shown(&head));
            assert_eq!(found, (status, shown(&answer)), "HEAD {target}");
        }
    }
    for (path, method) in description.operations() {
        let responses = description.operation(path, method)["responses"].as_object();
        for (key, response) in responses.unwrap() {
            if method == "head" {
                let found = (key.as_str(), response["description"].as_str());
                assert_eq!(found, ("default", Some("As GET")), "{path}");
                continue;
            }
            if key == "401" {
                // `password_protects_the_described_operations` tests this status.
                continue;
            }
            let is_seen = seen.contains(&(method, path, key));
            assert!(is_seen, "{method} {path} {key}: no row");
            // Error responses have two media types: JSON and HTML.
            let content = response["content"].as_object();
            for media_type in content.into_iter().flat_map(|content| content.keys()) {
                let one = (method, path, key.as_str(), Some(media_type.clone()));
                assert!(media_types.contains(&one), "{one:?}: no row");
            }
        }
        assert!(
            description
                .operations()
                .any(|other| other == (path, "head"))
        );
    }
    drop(servers.viewer);
}

/// Each parameter of the description must be in a request of [`ROWS`]. So the test finds a typing mistake in its name.
#[test]
fn every_described_parameter_has_a_row() {
    let server = TestServer::start();
    let description = description(&server);
    for (path, method) in description.operations() {
        for name in description.parameters(path, method) {
            let is_asked = |row: &&Row| {
                let query = row.4.split_once('?').map_or("", |(_, query)| query);
                let mut keys = query.split('&').map(|pair| pair.split('=').next().unwrap());
                let mut fields = row.5.lines().map(|line| line.split(':').next().unwrap());
                row.1 == path && (keys.any(|key| key == name) || fields.any(|it| it == name))
            };
            assert!(ROWS.iter().any(|row| is_asked(&row)), "{path}: {name}");
        }
    }
}

/// Requests every path with methods that the description does not contain, and with a host that is not allowed.
#[test]
fn common_errors_of_any_path_are_described() {
    let server = open(|config| config);
    let description = description(&server);
    let text = description.info("description");
    for status in [
        400, 401, 405, 408, 413, 414, 417, 421, 429, 431, 501, 505, 500, 503,
    ] {
        assert!(text.contains(&status.to_string()), "{status}");
    }
    let check = |path: &str, method: &str, target: &str, status| {
        let answer = server.request(method, target, "");
        assert_eq!(answer.status, status, "{method} {target}");
        if method != "HEAD" {
            let media_type = description.check(description.common_response(status), &answer);
            check_error_type(path, &answer, media_type);
        }
        answer
    };
    for (path, method) in description.operations() {
        let target = target_of(path);
        let method = method.to_ascii_uppercase();
        check(path, &method, &format!("http://evil.example{target}"), 421);
        check(path, "BREW", target, 501);
        let methods = description.operations().filter(|(other, _)| *other == path);
        let methods: Vec<String> = methods.map(|(_, it)| it.to_ascii_uppercase()).collect();
        for other in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"] {
            if !methods.iter().any(|method| method == other) {
                let answer = check(path, other, target, 405);
                assert_eq!(answer.field("allow"), Some(methods.join(", ").as_str()));
            }
        }
    }
}

#[test]
fn password_protects_the_described_operations() {
    let server = open(locked);
    let description = description(&server);
    let scheme = description.common_scheme("token");
    assert_eq!(
        (&scheme["in"], &scheme["name"]),
        (&"query".into(), &"token".into())
    );
    let listing = server.request("GET", "/api/videos", &valid());
    assert!(listing.text().contains("/api/stream/film.mp4?token="));
    let mut attempts = 0;
    for (path, method) in description.operations() {
        let (target, name) = (target_of(path), method.to_ascii_uppercase());
        let operation = description.operation(path, method);
        let is_open = description.operation(path, "get")["security"].is_array();
        let plain = server.request(&name, target, "");
        let is_closed = !is_open && method != "options";
        assert_eq!(plain.status == 401, is_closed, "{name} {target}");
        if !is_closed {
            assert!(operation["responses"].get("401").is_none(), "{path}");
            continue;
        }
        let late = loop {
            attempts += 1;
            assert!(attempts < 500, "{name} {target}");
            let answer = server.request(&name, target, &basic(format!("ana:{attempts}")));
            if answer.status == 429 {
                break answer;
            }
        };
        if method == "get" {
            for answer in [plain, late] {
                let common = description.common_response(answer.status);
                let media_type = description.check(common, &answer);
                check_error_type(path, &answer, media_type);
                let (_, own) = description.response(path, method, answer.status);
                description.check(own, &answer);
            }
        }
    }
}
