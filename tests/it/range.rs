//! Tests ranges over HTTP (RFC 9110 §14). Each call of `check` sends a GET and a HEAD, and tests the status, all fields
//! and all bytes of the responses.

use crate::rows::{Rows, boundary, error_fields, parse_multipart, shown};
use crate::support::{Response, numbered};

const TARGET: &str = "/api/stream/film.mp4";

/// A served film and the response to a GET without Range.
struct Film {
    rows: Rows,
    content: Vec<u8>,
    whole: Response,
}

impl Film {
    fn of(content: Vec<u8>) -> Film {
        let mut rows = Rows::start();
        rows.server.file("film.mp4", &content);
        let whole = rows.get_and_head(TARGET, "");
        assert_eq!(whole.status, 200);
        assert!(whole.content == content);
        Film {
            rows,
            content,
            whole,
        }
    }

    /// Sends requests with this value of Range, and checks the responses. `expected` is `whole`, `416`, or the ranges
    /// in the response to GET: `0-4` or `0-4,8-9`.
    #[track_caller]
    fn check(&mut self, range: &str, expected: &str) {
        let fields = format!("Range: {range}\r\n");
        self.rows.expected = expected.to_owned();
        // RFC 9110 §14.2: for HEAD, the server ignores Range.
        let head = self.rows.ask("HEAD", TARGET, &fields);
        assert_eq!((head.status, shown(&head)), (200, shown(&self.whole)));
        let response = self.rows.get(TARGET, &fields);
        match expected {
            "whole" => self.is_whole(&response),
            "416" => self.is_refused(&response),
            parts if parts.contains(',') => self.is_parts(&response, parts),
            part => self.is_part(&response, part),
        }
    }

    #[track_caller]
    fn is_whole(&self, response: &Response) {
        assert_eq!(
            (response.status, shown(response)),
            (200, shown(&self.whole))
        );
        assert!(
            response.content == self.content,
            "this is not the whole file"
        );
    }

    #[track_caller]
    fn is_refused(&self, response: &Response) {
        let range = format!("content-range: bytes */{}", self.content.len());
        let expected = error_fields(44, &["accept-ranges: bytes", &range]);
        assert_eq!((response.status, shown(response)), (416, expected));
        assert_eq!(
            response.text(),
            r#"{"detail":"The range lies outside the file"}"#
        );
    }

    #[track_caller]
    fn is_part(&self, response: &Response, part: &str) {
        let bytes = self.bytes(part);
        let fields = self.with_replaced(&[
            &format!("content-length: {}", bytes.len()),
            &format!("content-range: bytes {part}/{}", self.content.len()),
        ]);
        assert_eq!((response.status, shown(response)), (206, fields));
        self.is_bytes(part, &response.content);
    }

    #[track_caller]
    fn is_parts(&self, response: &Response, parts: &str) {
        assert_eq!(response.status, 206);
        let boundary = boundary(response).expect("a boundary");
        let fields = self.with_replaced(&[
            &format!("content-length: {}", response.content.len()),
            &format!("content-type: multipart/byteranges; boundary={boundary}"),
        ]);
        assert_eq!(shown(response), fields);
        let found = parse_multipart(&response.content, boundary);
        let expected: Vec<&str> = parts.split(',').collect();
        assert_eq!(found.len(), expected.len(), "parts");
        for ((head, bytes), part) in found.iter().zip(expected) {
            let total = self.content.len();
            assert_eq!(
                *head,
                [
                    "Content-Type: video/mp4".to_owned(),
                    format!("Content-Range: bytes {part}/{total}")
                ]
            );
            self.is_bytes(part, bytes);
        }
    }

    #[track_caller]
    fn is_bytes(&self, part: &str, got: &[u8]) {
        let wanted = self.bytes(part);
        let same = wanted.iter().zip(got).take_while(|(a, b)| a == b).count();
        let rest = String::from_utf8_lossy(&got[same..(same + 40).min(got.len())]);
        assert!(
            wanted == got,
            "{part}: {same} bytes are right, then {rest:?}"
        );
    }

    fn bytes(&self, part: &str) -> &[u8] {
        let (first, last) = part.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        &self.content[first..=last]
    }

    /// Returns the fields of the response for the whole file, together with `others`. If both have a field, the result
    /// has only the field of `others`.
    fn with_replaced(&self, others: &[&str]) -> String {
        let name = |line: &str| line.split(':').next().unwrap().to_owned();
        let whole = shown(&self.whole);
        let kept = whole
            .lines()
            .filter(|line| !others.iter().any(|other| name(other) == name(line)));
        let mut lines: Vec<&str> = kept.chain(others.iter().copied()).collect();
        lines.sort_unstable();
        lines.join("\n")
    }
}

// The tests in `properties.rs` check which bytes a valid value of Range selects. The tests below check the responses,
// and malformed values.

#[test]
fn single_range_returns_206() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=0-0", "0-0");
    film.check("bytes=100-199", "100-199");
    film.check("bytes=0-", "0-999");
    film.check("bytes=999-", "999-999");
    film.check("bytes=-100", "900-999");
    film.check("BYTES= ,\t0-4 ", "0-4");
    // These ranges are longer than the file, or end after it. The server shortens them.
    film.check("bytes=-1001", "0-999");
    film.check("bytes=990-5000", "990-999");
    film.check("bytes=5-99999999999999999999999999", "5-999");
    film.check("bytes=5-18446744073709551615", "5-999");
    film.check("bytes=-99999999999999999999999999", "0-999");
}

#[test]
fn malformed_range_returns_whole_file() {
    let mut film = Film::of(numbered(1000));
    for row in [
        "|bytes|0-4|=|=0-4|seconds=0-4|bytess=0-4|\"bytes\"=0-4|bytes =0-4|bytes:0-4|bytes 0-4",
        "bytes=|bytes=,|bytes= , ,|bytes=-|bytes=--5|bytes=abc|bytes=*|bytes=4|bytes=-1-2|bytes=1-2-3",
        "bytes=0 -4|bytes=0- 4|bytes=- 5|bytes=+0-4|bytes=0-+4|bytes=0-4-|bytes=0x0-4|bytes=1.0-2",
        "bytes=0-4,x|bytes=x,0-4|bytes=0-4,-|bytes=0-4,4|bytes=0-4;8-9|bytes=0-1 2-3|bytes=bytes=0-4",
        "bytes=0-4/10|bytes=\u{660}-4|bytes=٣-4|bytes=0–4",
    ] {
        for value in row.split('|') {
            film.check(value, "whole");
        }
    }
    // A request with two Range lines is malformed. This is also true if one line is empty, or if both lines are equal.
    for second in ["bytes=2-3", "bytes=0-1", "", "2-3"] {
        film.check(&format!("bytes=0-1\r\nRange: {second}"), "whole");
        film.check(&format!("{second}\r\nRANGE: bytes=0-1"), "whole");
    }
}

#[test]
fn range_past_end_returns_416() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=1000-", "416");
    film.check("bytes=1000-5000", "416");
    film.check("bytes=99999999999999999999999999-", "416");
    film.check("bytes=99999999999999999999999999-5", "416");
    film.check("bytes=18446744073709551615-", "416");
    film.check("bytes=-0", "416");
    film.check("bytes=1000-,2000-", "416");
    // The server ignores unsatisfiable ranges if another range is satisfiable.
    film.check("bytes=1000-,0-4", "0-4");
}

/// A single reversed range returns 416. In a set of several ranges, one reversed range makes the whole set invalid, and
/// the server ignores an invalid set (RFC 9110 §14.1.1).
#[test]
fn reversed_range_in_set_returns_whole_file() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=5-2", "416");
    film.check("bytes=5-2,0-4", "whole");
    film.check("bytes=0-4,8-9,5-2", "whole");
    film.check("bytes=1000-,9-2", "whole");
}

/// A file can be empty, for example a recording that has just begun.
#[test]
fn range_of_empty_file_returns_200() {
    let mut film = Film::of(Vec::new());
    for range in ["0-", "0-0", "-1", "-0", "5-2", "0-1,3-4"] {
        film.check(&format!("bytes={range}"), "whole");
    }
}

/// The parts of the response have the order of the ranges in the request (RFC 9110 §14.6). The server joins ranges that
/// overlap or touch (§15.3.7.2).
#[test]
fn several_ranges_return_multipart() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=0-4,100-199,-10", "0-4,100-199,990-999");
    film.check("bytes=-10,0-4", "990-999,0-4");
    film.check("bytes=0-4 , 990-5000", "0-4,990-999");
    film.check("bytes=5-9,0-4", "0-9");
    film.check("bytes=100-104,0-4,8-9,5-7", "100-104,0-9");
}

#[test]
fn more_than_16_ranges_return_whole_file() {
    let mut film = Film::of(numbered(1000));
    let apart = |count: usize| {
        let each: Vec<String> = (0..count)
            .map(|n| format!("{}-{}", 9 * n, 9 * n + 2))
            .collect();
        each.join(",")
    };
    film.check(&format!("bytes={}", apart(16)), &apart(16));
    film.check(&format!("bytes={},5000-", apart(16)), &apart(16));
    film.check(&format!("bytes={}", apart(17)), "whole");
    // The server joins ranges that overlap before it counts them. The following ranges become a single range.
    film.check(&format!("bytes={},0-", apart(17)), "0-999");
    film.check(&format!("bytes={}5000-,-0", "1-2,".repeat(1000)), "1-2");
}

/// Without `sendfile`, the server reads and sends blocks of 64 KiB. A range can begin and end anywhere in a block.
#[test]
fn ranges_across_blocks_return_their_bytes() {
    const BLOCK: usize = 64 * 1024;
    let mut film = Film::of(numbered(3 * BLOCK + 77));
    film.check("bytes=0-", &format!("0-{}", 3 * BLOCK + 76));
    for edge in [BLOCK, 2 * BLOCK, 3 * BLOCK] {
        for (first, last) in [
            (edge - 1, edge - 1),
            (edge, edge),
            (edge - 1, edge),
            (edge - BLOCK, edge - 1),
            (edge - BLOCK, edge),
            (1, edge + 1),
        ] {
            film.check(&format!("bytes={first}-{last}"), &format!("{first}-{last}"));
        }
    }
    for length in (BLOCK - 700..BLOCK + 100).step_by(29) {
        let parts = format!("0-{},{}-{}", length - 1, length + 1, length + 9);
        film.check(&format!("bytes={parts}"), &parts);
    }
    let parts = format!(
        "{}-{},0-{},{}-{}",
        2 * BLOCK,
        3 * BLOCK + 76,
        BLOCK,
        BLOCK + 2,
        BLOCK + 2
    );
    film.check(&format!("bytes={parts}"), &parts);
}
