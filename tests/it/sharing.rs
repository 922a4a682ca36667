//! Tests which scripts of other origins may read which responses (the CORS protocol of the Fetch standard).

use videoserve::Config;

use crate::rows::{Rows, shown};
use crate::support::{Response, numbered};

const EDITOR: &str = "https://editor.example:8443";
const EXPOSED: &str =
    "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified";

fn editors(config: Config) -> Config {
    let config = config.mount("/videos").unwrap().max_streams(2).unwrap();
    config
        .cors_origin(EDITOR)
        .and_then(|config| config.cors_origin("http://Other.example"))
        .unwrap()
}

fn films(change: impl FnOnce(Config) -> Config) -> Rows {
    let rows = Rows::with(change);
    rows.server.file("film.mp4", numbered(1000));
    rows.server.file("film.srt", "0:1 --> 0:2\nHi");
    rows.server.file("film.mkv", crate::inside::film::film());
    rows.server.file("clip.mp4", crate::cut::CLIP);
    rows
}

/// Checks the CORS fields. `origin` is the expected Access-Control-Allow-Origin. If `vary` is true, the response must
/// have the field `Vary: Origin`, otherwise no Vary.
#[track_caller]
fn check(response: &Response, origin: Option<&str>, vary: bool) {
    assert_eq!(response.field("access-control-allow-origin"), origin);
    let exposed = origin.map(|_| EXPOSED);
    assert_eq!(response.field("access-control-expose-headers"), exposed);
    assert_eq!(response.field("vary"), vary.then_some("Origin"));
    // Without this field, scripts of other origins cannot read a response whose request had credentials.
    assert_eq!(response.field("access-control-allow-credentials"), None);
}

/// One request for each kind of response that scripts may read. The columns are method, target and fields of the
/// request, and the expected status.
const ANSWERS: [(&str, &str, &str, u16); 34] = [
    ("GET", "/api/stream/film.mp4", "", 200),
    ("HEAD", "/api/stream/film.mp4", "", 200),
    ("GET", "/api/stream/film.mp4", "Range: bytes=0-4\r\n", 206),
    (
        "GET",
        "/api/stream/film.mp4",
        "Range: bytes=0-4,8-9\r\n",
        206,
    ),
    ("GET", "/api/stream/film.mp4", "If-None-Match: *\r\n", 304),
    ("GET", "/api/stream/film.mp4", "If-Match: \"x\"\r\n", 412),
    ("GET", "/api/stream/film.mp4", "Range: bytes=1000-\r\n", 416),
    ("GET", "/api/stream/film.mp4?download", "", 200),
    ("GET", "/api/stream/nothing", "", 404),
    ("HEAD", "/api/stream/nothing", "", 404),
    ("GET", "/api/stream/100%.mp4", "", 400),
    ("POST", "/api/stream/film.mp4", "", 405),
    ("OPTIONS", "/api/stream/film.mp4", "", 204),
    ("GET", "/videos/film.mp4", "", 200),
    ("GET", "/videos/nothing", "", 404),
    ("GET", "/api/videos", "", 200),
    ("GET", "/api/videos/nothing/", "", 404),
    ("GET", "/api/nothing", "", 404),
    ("GET", "/api/openapi.json", "", 200),
    ("GET", "/api/openapi.json", "If-Match: \"x\"\r\n", 412),
    ("GET", "/api/subtitles/film.srt", "", 200),
    ("HEAD", "/api/subtitles/film.srt", "", 200),
    ("OPTIONS", "/api/subtitles/film.srt", "", 204),
    ("GET", "/api/subtitles/nothing.srt", "", 404),
    ("POST", "/api/subtitles/film.srt", "", 405),
    ("GET", "/api/subtitles/film.mkv?track=300", "", 200),
    ("OPTIONS", "/api/subtitles/film.mkv?track=300", "", 204),
    ("GET", "/api/subtitles/film.mkv?track=4", "", 422),
    ("GET", "/api/cover/film.mkv", "", 200),
    ("OPTIONS", "/api/cover/film.mkv", "", 204),
    ("GET", "/api/cut/clip.mp4?ranges=1-2", "", 200),
    ("GET", "/api/cut/film.mp4", "", 422),
    ("OPTIONS", "/api/cut/clip.mp4", "", 204),
    ("POST", "/api/cut/clip.mp4", "", 405),
];

#[test]
fn no_origin_is_allowed_by_default() {
    let mut rows = films(|config| config.mount("/videos").unwrap());
    for (method, target, fields, status) in ANSWERS {
        for origin in [
            "",
            "Origin: https://editor.example:8443\r\n",
            "Origin: null\r\n",
        ] {
            let response = rows.ask(method, target, &format!("{fields}{origin}"));
            assert_eq!(response.status, status, "{method} {target}");
            check(&response, None, false);
        }
    }
}

#[test]
fn listed_origins_are_allowed() {
    let mut rows = films(editors);
    for (method, target, fields, status) in ANSWERS {
        for origin in [EDITOR, "http://other.example"] {
            let response = rows.ask(method, target, &format!("{fields}Origin: {origin}\r\n"));
            assert_eq!(response.status, status, "{method} {target}");
            check(&response, Some(origin), true);
        }
        // For an origin that is not allowed, the response has no CORS fields. So the browser hides the response from
        // the script.
        for origin in [
            "",
            "Origin: null\r\n",
            "Origin: *\r\n",
            "Origin:\r\n",
            "Origin: https://editor.example\r\n",
            "Origin: http://editor.example:8443\r\n",
            "Origin: https://editor.example:84430\r\n",
            "Origin: https://editor.example:8443/\r\n",
            "Origin: https://evil.editor.example:8443\r\n",
            "Origin: https://editor.example:8443, http://other.example\r\n",
            "Origin: https://editor.example:8443\r\nOrigin: http://other.example\r\n",
        ] {
            let response = rows.ask(method, target, &format!("{fields}{origin}"));
            assert_eq!(response.status, status, "{method} {target}");
            check(&response, None, true);
        }
    }
}

#[test]
fn asterisk_allows_every_origin() {
    let mut rows = films(|config| {
        let config = config
            .mount("/videos")
            .unwrap()
            .cors_origin(EDITOR)
            .unwrap();
        config.cors_origin("*").unwrap()
    });
    for (method, target, fields, status) in ANSWERS {
        for origin in ["", "Origin: https://any.example\r\n", "Origin: null\r\n"] {
            let response = rows.ask(method, target, &format!("{fields}{origin}"));
            assert_eq!(response.status, status, "{method} {target}");
            check(&response, Some("*"), false);
        }
    }
}

#[test]
fn error_503_is_readable_for_an_allowed_origin() {
    let rows = films(editors);
    rows.server.sparse_file("long.mp4", 1 << 30);
    let viewers = [(); 2].map(|()| {
        let mut client = rows.server.connect();
        client.send("GET /api/stream/long.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.read_head().status, 200);
        client
    });
    let fields = format!("Origin: {EDITOR}\r\n");
    let response = rows.server.request("GET", "/api/stream/film.mp4", &fields);
    assert_eq!(
        (response.status, response.field("retry-after")),
        (503, Some("5"))
    );
    assert!(response.text().starts_with("{\"detail\":"), "{response:?}");
    check(&response, Some(EDITOR), true);
    drop(viewers);
}

#[test]
fn pages_have_no_cors_fields() {
    for change in [editors, |config: Config| config.cors_origin("*").unwrap()] {
        let mut rows = films(change);
        for target in [
            "/",
            "/browse/nothing/",
            "/healthz",
            "/favicon.ico",
            "/nothing",
        ] {
            let response = rows.get(target, &format!("Origin: {EDITOR}\r\n"));
            check(&response, None, false);
        }
    }
}

#[test]
fn preflight_of_an_allowed_origin_lists_request_fields() {
    let mut rows = films(editors);
    let asked =
        "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: range,if-range\r\n";
    for target in [
        "/api/stream/film.mp4",
        "/api/stream/nothing",
        "/videos/film.mp4",
        "/api/subtitles/film.srt",
    ] {
        let allowed = rows.ask("OPTIONS", target, &format!("Origin: {EDITOR}\r\n{asked}"));
        check(&allowed, Some(EDITOR), true);
        let field = |name: &str| allowed.field(&format!("access-control-{name}")).unwrap();
        assert_eq!(allowed.status, 204);
        assert_eq!(field("allow-methods"), "GET, HEAD, OPTIONS");
        assert_eq!(field("max-age"), "86400");
        let allowed_names: Vec<&str> = field("allow-headers").split(", ").collect();
        for name in [
            "Range",
            "If-Range",
            "If-Match",
            "If-None-Match",
            "If-Modified-Since",
            "If-Unmodified-Since",
        ] {
            assert!(allowed_names.contains(&name), "{name}");
        }
        for fields in [
            asked.to_owned(),
            format!("Origin: https://evil.example\r\n{asked}"),
            format!("Origin: null\r\n{asked}"),
        ] {
            let refused = rows.ask("OPTIONS", target, &fields);
            let expected = "allow: GET, HEAD, OPTIONS\nvary: Origin";
            assert_eq!((refused.status, shown(&refused).as_str()), (204, expected));
        }
    }
    let mut rows = films(|config| config.cors_origin("*").unwrap());
    let allowed = rows.ask(
        "OPTIONS",
        "/api/stream/film.mp4",
        &format!("Origin: null\r\n{asked}"),
    );
    check(&allowed, Some("*"), false);
    assert_eq!(allowed.field("access-control-max-age"), Some("86400"));
    let mut rows = films(|config| config);
    let refused = rows.ask(
        "OPTIONS",
        "/api/stream/film.mp4",
        &format!("Origin: {EDITOR}\r\n{asked}"),
    );
    assert_eq!(shown(&refused), "allow: GET, HEAD, OPTIONS");
}
