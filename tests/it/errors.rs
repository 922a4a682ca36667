//! Tests the status and the text of responses to wrong methods and targets. Also tests `/healthz` and the icon.

use std::fs;

use crate::rows::{Rows, shown};
use crate::support::numbered;

/// Also checks that no request changes a file.
#[test]
fn unsupported_method_returns_405_with_allow() {
    let mut rows = Rows::with(|config| config.mount("/videos").unwrap());
    let path = rows.server.file("folder/film.mp4", numbered(1000));
    let stream = "GET, HEAD, OPTIONS";
    for target in [
        "/api/stream/folder/film.mp4",
        "/api/stream/nothing",
        "/videos/folder/film.mp4",
        "*",
    ] {
        let response = rows.ask("OPTIONS", target, "");
        assert_eq!(
            (response.status, shown(&response)),
            (204, format!("allow: {stream}"))
        );
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        for (target, allow) in [
            ("/api/stream/folder/film.mp4", stream),
            ("/api/stream/nothing", stream),
            ("/videos/folder/film.mp4", stream),
            ("/", "GET, HEAD"),
            ("/browse/folder/", "GET, HEAD"),
            ("/browse/folder", "GET, HEAD"),
            ("/api/videos", "GET, HEAD"),
            ("/api/videos/folder/", "GET, HEAD"),
            ("/healthz", "GET, HEAD"),
            ("/favicon.ico", "GET, HEAD"),
        ] {
            for content in ["", "Content-Length: 0\r\n"] {
                let response = rows.ask(method, target, content);
                let found = (response.status, response.field("allow"));
                assert_eq!(found, (405, Some(allow)), "{method} {target}");
            }
            let mut client = rows.server.connect();
            client.send(format!(
                "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde"
            ));
            assert_eq!(client.response().status, 405, "{method} {target}");
        }
    }
    assert_eq!(
        rows.ask("OPTIONS", "/", "").field("allow"),
        Some("GET, HEAD")
    );
    assert_eq!(rows.ask("GET", "*", "").status, 400);
    assert_eq!(fs::read(path).unwrap(), numbered(1000));
    assert_eq!(fs::read_dir(rows.server.dir()).unwrap().count(), 1);
}

/// Below `/api/` and below the mount `/videos`, an error response is JSON. All other error responses are pages.
#[test]
fn error_has_one_sentence_in_json_or_on_a_page() {
    let mut rows = Rows::with(|config| config.mount("/videos").unwrap());
    rows.server.file("film.mp4", "content");
    let mut check = |method: &str, target: &str, status: u16, sentence: &str| {
        let response = rows.ask(method, target, "");
        assert_eq!(response.status, status, "{method} {target}");
        assert_eq!(response.field("cache-control"), Some("no-store"));
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        if target.starts_with("/api") || target.starts_with("/videos/") {
            assert_eq!(response.field("content-type"), Some("application/json"));
            let json: serde_json::Value = serde_json::from_str(response.text()).unwrap();
            assert_eq!(json, serde_json::json!({ "detail": sentence }), "{target}");
        } else {
            assert_eq!(
                response.field("content-type"),
                Some("text/html; charset=utf-8")
            );
            let policy = response.field("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
            assert!(response.text().starts_with("<!DOCTYPE html>"));
            assert!(response.text().contains(sentence), "{}", response.text());
        }
        if method == "GET" {
            rows.get_and_head(target, "");
        }
    };
    for target in [
        "/api/stream/nothing",
        "/api/stream/film.mp4/",
        "/api/stream",
        "/api/x",
        "/api/",
        "/api",
        "/api/videos/nothing/",
        "/videos/nothing",
    ] {
        check("GET", target, 404, "Video not found");
    }
    for target in [
        "/browse/nothing/",
        "/nothing",
        "//",
        "/film.mp4",
        "/healthz/",
        "/healthz/x",
        "/favicon.ico/",
        "/index.html",
        "/%3Cscript%3E",
    ] {
        check("GET", target, 404, "There is no such page or video");
    }
    for target in ["/api/stream/%zz", "/api/videos/%00", "/browse/%2f/", "/%"] {
        check("GET", target, 400, "The address is malformed");
    }
    for target in [
        "/api/stream/film.mp4",
        "/api/videos",
        "/videos/film.mp4",
        "/",
        "/healthz",
    ] {
        check("POST", target, 405, "Method not allowed");
    }
}

#[test]
fn health_and_icon_ignore_ranges() {
    let mut rows = Rows::start();
    let health = rows.get_and_head("/healthz", "Range: bytes=0-0\r\nIf-None-Match: *\r\n");
    assert_eq!((health.status, health.text()), (200, "ok"));
    assert_eq!(
        shown(&health),
        "cache-control: no-store\ncontent-length: 2\ncontent-type: text/plain"
    );
    let icon = rows.get_and_head("/favicon.ico", "");
    assert_eq!(
        (icon.status, icon.field("content-type")),
        (200, Some("image/svg+xml"))
    );
    assert!(icon.text().starts_with("<svg ") && !icon.text().contains("<script"));
    let tag = icon.field("etag").unwrap();
    let known = rows.get_and_head("/favicon.ico", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(
        (known.status, shown(&known)),
        (304, format!("cache-control: no-cache\netag: {tag}"))
    );
    assert_eq!(
        rows.get_and_head("/favicon.ico", "If-Match: \"x\"\r\n")
            .status,
        412
    );
    let again = rows.get_and_head(
        "/favicon.ico",
        "If-None-Match: \"x\"\r\nRange: bytes=0-0\r\n",
    );
    assert_eq!((again.status, again.content), (200, icon.content));
}
