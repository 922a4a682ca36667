//! Tests a server with a password: protected paths, forms of credentials, throttling of wrong passwords.

use std::thread;

use base64ct::{Base64, Encoding};
use videoserve::Config;

use crate::rows::{Rows, shown};
use crate::support::{Client, eventually, numbered};

pub(crate) const USER: &str = "ana";
pub(crate) const PASSWORD: &str = "pä:s3cret";

pub(crate) fn locked(config: Config) -> Config {
    let config = config.mount("/videos").unwrap();
    config.credentials(USER, PASSWORD).unwrap()
}

pub(crate) fn films(change: impl FnOnce(Config) -> Config) -> Rows {
    let rows = Rows::with(|config| change(locked(config)));
    rows.server.file("film.mp4", numbered(1000));
    rows.server.file("film.de.srt", "0:1 --> 0:2\nHi");
    rows.server.file("film.jpg", "picture");
    rows.server.file("other.mp4", "other");
    rows.server.file("Season 1/é #1.mp4", crate::cut::CLIP);
    rows.server
        .file("Season 1/2.mkv", crate::inside::film::film());
    rows
}

pub(crate) fn basic(user_pass: impl AsRef<[u8]>) -> String {
    let encoded = Base64::encode_string(user_pass.as_ref());
    format!("Authorization: Basic {encoded}\r\n")
}

pub(crate) fn valid() -> String {
    basic(format!("{USER}:{PASSWORD}"))
}

/// Existing and missing files get the same response. With different responses, a client can find out which files exist.
#[test]
fn request_without_password_returns_401_on_any_path() {
    let mut rows = films(|config| config);
    for (there, missing) in [
        ("/api/stream/film.mp4", "/api/stream/none.mp4"),
        ("/videos/film.mp4", "/videos/none.mp4"),
        ("/api/subtitles/film.de.srt", "/api/subtitles/none.srt"),
        (
            "/api/subtitles/Season%201/2.mkv?track=300",
            "/api/subtitles/film.mp4?track=1",
        ),
        ("/api/cover/Season%201/2.mkv", "/api/cover/film.mp4"),
        ("/api/cut/Season%201/%C3%A9%20%231.mp4", "/api/cut/none.mp4"),
        ("/api/videos", "/api/videos/none/"),
        ("/api/stream/film.mp4?token", "/api/none?token=x"),
        ("/", "/none"),
        ("/?q=film", "/?q=none"),
        ("/browse/Season%201/", "/browse/none/"),
        ("/browse/Season%201", "/browse/none"),
        ("/watch/film.mp4", "/watch/none.mp4"),
        ("/watch/film.mp4?ranges=1-2", "/watch/.hidden"),
        ("/playlist/film.mp4", "/playlist/none.mp4"),
        ("/playlist/Season%201/", "/playlist/none/"),
    ] {
        for method in ["GET", "HEAD", "POST"] {
            let response = rows.ask(method, there, "");
            let none = rows.ask(method, missing, "Range: bytes=0-0\r\nIf-Match: \"x\"\r\n");
            assert_eq!(
                (response.status, none.status),
                (401, 401),
                "{method} {there}"
            );
            assert_eq!(shown(&response), shown(&none), "{method} {there}");
            assert_eq!(response.content, none.content, "{method} {there}");
            assert_eq!(
                response.field("www-authenticate"),
                Some("Basic realm=\"videoserve\", charset=\"UTF-8\"")
            );
            assert_eq!(response.field("cache-control"), Some("no-store"));
            let is_json = there.starts_with("/api/") || there.starts_with("/videos/");
            let media_type = if is_json {
                "application/json"
            } else {
                "text/html; charset=utf-8"
            };
            assert_eq!(response.field("content-type"), Some(media_type), "{there}");
            if method == "GET" {
                let text = response.text();
                assert!(
                    text.contains("asks for a user name and a password"),
                    "{text}"
                );
            }
        }
        assert_eq!(
            rows.ask("GET", there, &valid()).status / 100,
            if there == "/browse/Season%201" { 3 } else { 2 }
        );
        let none = rows.get_and_head(missing, &valid());
        assert!(matches!(none.status, 200 | 308 | 404), "{missing}");
    }
}

#[test]
fn health_assets_and_preflights_need_no_password() {
    let mut rows = films(|config| config);
    for target in [
        "/healthz",
        "/favicon.ico",
        "/assets/style.css",
        "/assets/player.js",
        "/api/openapi.json",
    ] {
        assert_eq!(rows.get_and_head(target, "").status, 200, "{target}");
        assert_eq!(
            rows.get_and_head(target, &basic("ana:wrong")).status,
            200,
            "{target}"
        );
    }
    for target in [
        "/api/stream/film.mp4",
        "/api/stream/none",
        "/videos/film.mp4",
        "*",
    ] {
        let response = rows.ask("OPTIONS", target, "");
        assert_eq!(response.status, 204, "{target}");
        assert_eq!(response.field("allow"), Some("GET, HEAD, OPTIONS"));
    }
    // The server checks the host before the password.
    for fields in ["", &valid()] {
        let mut client = rows.server.connect();
        client.send(format!("GET / HTTP/1.1\r\nHost: evil.com\r\n{fields}\r\n"));
        assert_eq!(client.response().status, 421);
    }
}

#[test]
fn credentials_in_any_form_return_200_or_401() {
    let mut rows = films(|config| config);
    let encoded = valid().trim_end().rsplit(' ').next().unwrap().to_owned();
    let line = |value: &str| format!("Authorization: {value}\r\n");
    for (fields, status) in [
        (valid(), 200),
        (line(&format!("basic {encoded}")), 200),
        (line(&format!("  BASIC   {encoded} ")), 200),
        (
            valid()
                .to_lowercase()
                .replace(&encoded.to_lowercase(), &encoded),
            200,
        ),
        // This password is in Latin-1. In its 401 response, the server asks for UTF-8.
        (basic(b"ana:p\xe4:s3cret"), 401),
        (basic(format!("ANA:{PASSWORD}")), 401),
        (basic(format!("{USER}:{PASSWORD} ")), 401),
        (basic(PASSWORD), 401),
        (line(&format!("Bearer {encoded}")), 401),
        (line(&encoded), 401),
        (line(&format!("Basic{encoded}")), 401),
        (line(&format!("Basic {encoded}, Basic {encoded}")), 401),
        (
            line(encoded.trim_end_matches('=').trim_end_matches('A')),
            401,
        ),
        (line("Basic realm=\"a\""), 401),
        (line("Basic"), 401),
        (line(""), 401),
        (line("Basic \u{e4}"), 401),
        (valid() + &valid(), 401),
        (line("Basic x") + &valid(), 401),
        (format!("Proxy-{}", valid()), 401),
    ] {
        for target in ["/api/stream/film.mp4", "/"] {
            assert_eq!(
                rows.get_and_head(target, &fields).status,
                status,
                "{fields}"
            );
        }
    }
    assert_eq!(
        rows.get("/api/stream/film.mp4", &(valid() + "Range: bytes=8-15\r\n"))
            .content,
        b"0000001\n"
    );
}

#[test]
fn password_is_not_in_debug_output_or_errors() {
    let shown = format!("{:?}", locked(Config::new(".")));
    assert!(shown.contains(USER) && !shown.contains("s3cret"), "{shown}");
    for (user, password) in [
        ("", "s3cret"),
        ("a:b", "s3cret"),
        ("a", "s3cret\n"),
        ("a", ""),
        ("s3cret\u{85}", "a"),
        ("a", &"s3cret".repeat(200)),
    ] {
        let error = Config::new(".").credentials(user, password).unwrap_err();
        assert_eq!(error.kind(), videoserve::ErrorKind::Setting);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

/// Sends 5 different wrong passwords. For the next second, requests of this client with a password must get 429.
/// Returns false if this second was over before the end of the check.
#[track_caller]
fn is_slowed(rows: &mut Rows, client: &str) -> bool {
    let with = |fields: String| format!("{fields}X-Forwarded-For: {client}\r\n");
    // Repeated equal guesses count once. Requests without credentials do not count.
    for _ in 0..10 {
        assert_eq!(rows.get("/", &with(basic("ana:0"))).status, 401);
        assert_eq!(rows.get("/", &with(String::new())).status, 401);
    }
    for number in 1..5 {
        let guess = basic(format!("ana:{number}"));
        assert_eq!(rows.get("/", &with(guess)).status, 401);
    }
    for (fields, target) in [
        (basic("ana:x"), "/"),
        (valid(), "/"),
        (valid(), "/api/videos"),
    ] {
        let mut connection = rows.server.connect();
        let response = connection.request("GET", target, &with(fields));
        if response.status != 429 {
            assert!(matches!(response.status, 200 | 401), "{response:?}");
            return false;
        }
        assert_eq!(response.field("retry-after"), Some("1"));
        assert_eq!(response.field("cache-control"), Some("no-store"));
        assert_eq!(response.field("www-authenticate"), None);
        assert_eq!(response.text().starts_with('{'), target != "/");
        assert_eq!(connection.request("GET", "/healthz", "").text(), "ok");
        assert_eq!(
            connection.request("GET", "/", &with(String::new())).status,
            401
        );
    }
    true
}

fn behind_a_proxy() -> Rows {
    films(|config| config.trusted_proxy("127.0.0.1").unwrap())
}

#[test]
fn wrong_passwords_are_throttled() {
    let mut rows = behind_a_proxy();
    let token = {
        let listing = rows.get("/api/videos", &valid());
        let (_, rest) = listing.text().split_once("film.mp4?token=").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    // On a busy machine, `is_slowed` may return false. Then try another client.
    let mut clients = (1..10).map(|number| format!("192.0.2.{number}"));
    let slowed = clients.find(|client| is_slowed(&mut rows, client));
    let from = format!("X-Forwarded-For: {}\r\n", slowed.unwrap());
    // The delay does not concern a URL with a token. The token replaces the password.
    let target = format!("/api/stream/film.mp4?token={token}");
    assert_eq!(rows.get(&target, &from).status, 200);
    eventually("the delay is over", || {
        let fields = valid() + &from;
        rows.server.request("GET", "/api/videos", &fields).status == 200
    });
}

/// The server throttles all public IPv6 addresses of a /48 network together. But it throttles each local address alone,
/// because all machines of a home are in one local network.
#[test]
fn wrong_passwords_throttle_only_their_local_address() {
    let mut rows = behind_a_proxy();
    let mut ask = |client: &str, fields: String| {
        let fields = format!("{fields}X-Forwarded-For: {client}\r\n");
        rows.get("/api/videos", &fields).status
    };
    for (one, other) in [("fe80::1", "fe80::2"), ("fd00::1", "fd00::2")] {
        for number in 0..8 {
            ask(one, basic(format!("ana:{number}")));
        }
        assert_eq!(ask(other, valid()), 200, "{other}");
        // The address `other` has sent the right password, so it may send 100 wrong passwords before its first delay.
        for number in 10..30 {
            assert_eq!(ask(other, basic(format!("ana:{number}"))), 401, "{other}");
        }
        assert_eq!(ask(other, valid()), 200, "{other}");
    }
}

#[test]
fn simultaneous_guesses_are_throttled() {
    let rows = films(|config| config);
    let address = rows.server.address;
    let guesses: Vec<_> = (0..24)
        .map(|number| {
            thread::spawn(move || {
                let fields = basic(format!("ana:{number}"));
                Client::connect(address).request("GET", "/", &fields).status
            })
        })
        .collect();
    let statuses: Vec<u16> = guesses.into_iter().map(|it| it.join().unwrap()).collect();
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    // The server allows 5 guesses before the first delay. On a slow machine, delays end and allow more guesses.
    assert!((5..=10).contains(&count(401)), "{statuses:?}");
    assert_eq!(count(401) + count(429), 24, "{statuses:?}");
}

/// A script of an allowed origin may set `Authorization` itself. The browser must not add a stored password.
#[test]
fn preflight_with_password_allows_authorization() {
    let editor = "Origin: https://editor.example\r\n";
    let listed = |config: Config| config.cors_origin("https://editor.example").unwrap();
    let any = |config: Config| config.cors_origin("*").unwrap();
    for (mut rows, allowed) in [(films(listed), "https://editor.example"), (films(any), "*")] {
        let ask = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization\r\n";
        for target in [
            "/api/videos",
            "/api/videos/none/",
            "/api/stream/film.mp4",
            "/videos/none",
        ] {
            let response = rows.ask("OPTIONS", target, &format!("{editor}{ask}"));
            assert_eq!(response.status, 204, "{target}");
            assert_eq!(response.field("access-control-allow-origin"), Some(allowed));
            let fields = response.field("access-control-allow-headers").unwrap();
            assert!(fields.split(", ").any(|field| field == "Authorization"));
            assert_eq!(response.field("access-control-allow-credentials"), None);
        }
        for (fields, status) in [(valid(), 200), (String::new(), 401)] {
            let response = rows.get("/api/videos", &format!("{editor}{fields}"));
            assert_eq!(response.status, status);
            assert_eq!(response.field("access-control-allow-origin"), Some(allowed));
            assert_eq!(response.field("access-control-allow-credentials"), None);
        }
        // Scripts of other origins may not read pages, so a preflight for a page gets 401.
        assert_eq!(
            rows.ask("OPTIONS", "/", &format!("{editor}{ask}")).status,
            401
        );
    }
    let mut rows = films(listed);
    let ask = "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n";
    let response = rows.ask("OPTIONS", "/api/videos", ask);
    assert_eq!(response.field("access-control-allow-origin"), None);
    assert_eq!(response.field("access-control-allow-headers"), None);
}
