//! Tests conditional requests (RFC 9110 §13): single conditions, several conditions, and conditions with ranges.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::rows::{Rows, error_fields, shown};
use crate::support::{Response, TestServer, numbered};

const TARGET: &str = "/api/stream/film.mp4";

/// 6 November 1994, 08:49:37 and 0.123456789 s.
const MODIFIED: Duration = Duration::new(784_111_777, 123_456_789);
const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// The columns of a row: a word in the tables of the tests, and the text that replaces it.
const WORDS: [(&str, &str); 7] = [
    ("SAME", SAME),
    ("RFC850", "Sunday, 06-Nov-94 08:49:37 GMT"),
    ("ASCTIME", "Sun Nov  6 08:49:37 1994"),
    ("BEFORE", "Sun, 06 Nov 1994 08:49:36 GMT"),
    ("AFTER", "Sun, 06 Nov 1994 08:49:38 GMT"),
    ("LATER", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("OTHER", "\"3e8-0\""),
];

fn set_modified(path: &Path, time: SystemTime) {
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

/// A server with one film. `whole` is the response to a GET without conditions.
struct Film {
    rows: Rows,
    whole: Response,
    tag: String,
}

impl Film {
    fn new() -> Film {
        Film::modified(UNIX_EPOCH + MODIFIED)
    }

    fn modified(time: SystemTime) -> Film {
        let mut rows = Rows::start();
        set_modified(&rows.server.file("film.mp4", numbered(1000)), time);
        let whole = rows.get_and_head(TARGET, "");
        let tag = whole.field("etag").unwrap().to_owned();
        Film { rows, whole, tag }
    }

    /// Checks the responses to GET and HEAD. `row` contains field lines, separated by `|`. TAG is the current tag, and
    /// `WORDS` has other replacements. HEAD ignores ranges, so HEAD gets 200 if GET gets 206 or 416.
    #[track_caller]
    fn check(&mut self, row: &str, status: u16) {
        let mut fields: String = row
            .split('|')
            .filter(|line| !line.is_empty())
            .map(|line| format!("{}\r\n", line.trim()))
            .collect();
        for (word, text) in WORDS {
            fields = fields.replace(word, text);
        }
        let fields = fields.replace("TAG", &self.tag);
        let get = self.rows.get(TARGET, &fields);
        assert_eq!(get.status, status, "GET {fields}");
        self.check_fields(&get);
        let head = self.rows.ask("HEAD", TARGET, &fields);
        let status = if matches!(status, 206 | 416) {
            200
        } else {
            status
        };
        assert_eq!(head.status, status, "HEAD {fields}");
        self.check_fields(&head);
    }

    #[track_caller]
    fn check_fields(&self, response: &Response) {
        let fields = shown(response);
        match response.status {
            200 => assert_eq!(fields, shown(&self.whole)),
            206 => {
                assert_eq!(response.content, self.whole.content[5..10]);
                let part = shown(&self.whole).replace(
                    "content-length: 1000",
                    "content-length: 5\ncontent-range: bytes 5-9/1000",
                );
                let mut lines: Vec<&str> = part.lines().collect();
                lines.sort_unstable();
                assert_eq!(fields, lines.join("\n"));
            }
            // RFC 9110 §15.4.5: a 304 has no Content-Type and no Content-Length.
            304 => assert_eq!(
                fields,
                format!("cache-control: no-cache\netag: {}", self.tag)
            ),
            412 => assert_eq!(fields, error_fields(50, &[])),
            416 => {
                let own = ["accept-ranges: bytes", "content-range: bytes */1000"];
                assert_eq!(fields, error_fields(44, &own));
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn stream_has_etag_and_last_modified() {
    let film = Film::new();
    assert_eq!(film.whole.field("last-modified"), Some(SAME));
    let opaque = film
        .tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'));
    assert!(
        opaque.is_some_and(|tag| !tag.is_empty() && !tag.contains('"')),
        "{}",
        film.tag
    );
}

/// §13.1.2 requires weak comparison: `W/TAG` is equal to `TAG`.
#[test]
fn if_none_match_returns_304() {
    let mut film = Film::new();
    for value in [
        "TAG",
        "W/TAG",
        "*",
        "OTHER,W/TAG ,OTHER",
        ",, TAG ,",
        "\"a,b\", TAG",
        "\"ü\\!'\", TAG",
    ] {
        film.check(&format!("If-None-Match: {value}"), 304);
    }
    film.check("if-none-match:TAG", 304);
    film.check("If-None-Match: OTHER | If-None-Match: TAG", 304);
    for value in ["OTHER", "\"\"", "", "x", "TAG x", "TAG, x", "\"OTHER"] {
        film.check(&format!("If-None-Match: {value}"), 200);
    }
    // One malformed element makes the whole list invalid.
    let malformed = r#"TAG, a|TAG, "a|TAG, a"|TAG, 'a'|w/TAG|W/ TAG|TAG, W/a|TAG, W/|TAG TAG|TAGb|TAG, "a b"|TAG, *|*, TAG"#;
    for value in malformed.split('|').chain(["TAG, \"a\tb\""]) {
        film.check(&format!("If-None-Match: {value}"), 200);
    }
    let bare = film.tag.trim_matches('"').to_owned();
    film.check(&format!("If-None-Match: {bare}"), 200);
    film.check(&format!("If-None-Match: \"{}\"", bare.to_uppercase()), 200);
}

/// §13.1.1 requires strong comparison: `W/TAG` is not equal to `TAG`.
#[test]
fn if_match_returns_412() {
    let mut film = Film::new();
    film.check("If-Match: TAG", 200);
    film.check("If-Match: *", 200);
    film.check("If-Match: W/OTHER,TAG,OTHER", 200);
    film.check("If-Match: OTHER | If-Match: TAG", 200);
    film.check("If-Match: OTHER", 412);
    film.check("If-Match: W/TAG", 412);
    for malformed in ["x", "", "TAG, x"] {
        film.check(&format!("If-Match: {malformed}"), 412);
    }
}

/// The server reads all three forms of a date (§5.6.7), and ignores invalid dates (§13.1.3, §13.1.4).
#[test]
fn dates_return_304_and_412() {
    let mut film = Film::new();
    film.check("If-Modified-Since: BEFORE", 200);
    film.check("If-Unmodified-Since: BEFORE", 412);
    for date in ["SAME", "RFC850", "ASCTIME", "AFTER", "LATER", "  SAME\t"] {
        film.check(&format!("If-Modified-Since: {date}"), 304);
        film.check(&format!("If-Unmodified-Since: {date}"), 200);
    }
    for date in [
        "",
        "x",
        "784111777",
        "SAME, SAME",
        "Mon, 06 Nov 1994 08:49:37 GMT",
    ] {
        film.check(&format!("If-Modified-Since: {date}"), 200);
        film.check(&format!("If-Unmodified-Since: {date}"), 200);
    }
    // If a request has two field lines with a date, the server ignores both.
    film.check("If-Modified-Since: SAME | If-Modified-Since: SAME", 200);
    let twice = "If-Unmodified-Since: BEFORE | If-Unmodified-Since: BEFORE";
    film.check(twice, 200);
}

/// §13.1.5: If-Range is true if its tag is equal to the ETag in strong comparison, or if its date is equal to
/// Last-Modified.
#[test]
fn if_range_that_is_false_ignores_the_range() {
    let mut film = Film::new();
    for holds in ["TAG", "SAME", "RFC850", "ASCTIME"] {
        film.check(&format!("Range: bytes=5-9 | If-Range: {holds}"), 206);
        film.check(&format!("Range: bytes=1000- | If-Range: {holds}"), 416);
    }
    for fails in ["W/TAG", "OTHER", "BEFORE", "LATER", "", "x"] {
        film.check(&format!("Range: bytes=5-9 | If-Range: {fails}"), 200);
        film.check(&format!("Range: bytes=1000- | If-Range: {fails}"), 200);
    }
    film.check("If-Range: OTHER", 200);
    film.check("Range: bytes=5-9 | If-Range: TAG | If-Range: TAG", 200);
    film.check("Range: bytes=5-9 | If-Range: SAME | If-Range: SAME", 200);
}

/// See §13.2.2. If-Match overrides If-Unmodified-Since, and If-None-Match overrides If-Modified-Since.
#[test]
fn several_conditions_follow_the_order_of_the_rfc() {
    let mut film = Film::new();
    for (row, status) in [
        ("If-Match: TAG | If-Unmodified-Since: BEFORE", 200),
        ("If-Match: OTHER | If-Unmodified-Since: AFTER", 412),
        ("If-None-Match: OTHER | If-Modified-Since: AFTER", 200),
        ("If-None-Match: x | If-Modified-Since: AFTER", 200),
        ("If-None-Match: TAG | If-Modified-Since: BEFORE", 304),
        ("If-Match: OTHER | If-None-Match: TAG", 412),
        ("If-Match: TAG | If-None-Match: TAG", 304),
        ("If-Match: OTHER | If-Modified-Since: SAME", 412),
        ("If-Unmodified-Since: BEFORE | If-None-Match: TAG", 412),
        ("If-Unmodified-Since: BEFORE | If-Modified-Since: SAME", 412),
        ("If-Unmodified-Since: SAME | If-Modified-Since: SAME", 304),
    ] {
        film.check(row, status);
    }
}

/// §13.2.2 has this order: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, If-Range, Range.
#[test]
fn conditions_come_before_ranges() {
    let mut film = Film::new();
    for range in ["bytes=5-9", "bytes=1000-", "bytes=0-1,5-6"] {
        for (row, status) in [
            ("If-None-Match: TAG", 304),
            ("If-Modified-Since: SAME", 304),
            ("If-None-Match: TAG | If-Range: OTHER", 304),
            ("If-Match: OTHER | If-None-Match: TAG", 412),
            ("If-Match: OTHER | If-Range: TAG", 412),
            ("If-Unmodified-Since: BEFORE | If-Modified-Since: SAME", 412),
        ] {
            film.check(&format!("Range: {range} | {row}"), status);
        }
    }
    for row in [
        "If-Match: TAG | If-Unmodified-Since: BEFORE",
        "If-None-Match: OTHER | If-Modified-Since: SAME",
        "If-Match: TAG | If-None-Match: OTHER | If-Range: SAME",
    ] {
        film.check(&format!("Range: bytes=5-9 | {row}"), 206);
        film.check(&format!("Range: bytes=1000- | {row}"), 416);
        film.check(&format!("Range: bytes=x | {row}"), 200);
    }
}

/// If the date of a file is before 1970 or in the future, the response has no Last-Modified. The server then ignores
/// conditions with dates.
#[test]
fn file_without_last_modified_ignores_dates() {
    for time in [
        UNIX_EPOCH - Duration::from_secs(315_000_000),
        SystemTime::now() + Duration::from_secs(86_400),
    ] {
        let mut film = Film::modified(time);
        assert_eq!(film.whole.field("last-modified"), None);
        for date in ["BEFORE", "LATER", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            film.check(&format!("If-Modified-Since: {date}"), 200);
            film.check(&format!("If-Unmodified-Since: {date}"), 200);
            film.check(&format!("Range: bytes=5-9 | If-Range: {date}"), 200);
        }
        film.check("If-None-Match: TAG", 304);
        film.check("If-Match: OTHER", 412);
        film.check("Range: bytes=5-9 | If-Range: TAG", 206);
    }
}

/// A replica is another server with copies of the files. A download can continue at a replica, where the file has the
/// same length and date, but another inode.
#[test]
fn replicas_have_the_same_tag() {
    let tag_of = |server: &TestServer| server.get(TARGET).field("etag").unwrap().to_owned();
    let (one, other) = (TestServer::start(), TestServer::start());
    let (path, copy) = (
        one.file("film.mp4", numbered(1000)),
        other.file("film.mp4", numbered(1000)),
    );
    let time = UNIX_EPOCH + MODIFIED;
    set_modified(&path, time);
    set_modified(&copy, time);
    let tag = tag_of(&one);
    assert_eq!(tag_of(&other), tag);
    let fields = format!("Range: bytes=500-\r\nIf-Range: {tag}\r\n");
    let resumed = other.request("GET", TARGET, &fields);
    assert_eq!(
        (resumed.status, resumed.content),
        (206, numbered(1000)[500..].to_vec())
    );

    // If the date differs by one nanosecond, or the length by one byte, the tag is different.
    set_modified(&copy, time + Duration::from_nanos(1));
    assert_ne!(tag_of(&other), tag);
    assert_eq!(other.request("GET", TARGET, &fields).status, 200);
    std::fs::write(&copy, numbered(1001)).unwrap();
    set_modified(&copy, time);
    assert_ne!(tag_of(&other), tag);
}
