//! Ranges on the wire (RFC 9110 §14): status, all fields and all bytes of each row, for GET and HEAD.

use crate::rows::{Rows, boundary, error_fields, parse_multipart, shown};
use crate::support::{Response, numbered};

const TARGET: &str = "/api/stream/film.mp4";

/// One film, and what it is as a whole.
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

    /// `range` is the value of Range. `expected` is `whole`, `416`, or the ranges that are sent: `0-4` or `0-4,8-9`.
    #[track_caller]
    fn check(&mut self, range: &str, expected: &str) {
        let fields = format!("Range: {range}\r\n");
        // RFC 9110 §14.2: HEAD has no ranges.
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
        assert!(response.content == self.content, "not the whole");
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
        let fields = self.whole_but(&[
            &format!("content-length: {}", bytes.len()),
            &format!("content-range: bytes {part}/{}", self.content.len()),
        ]);
        assert_eq!((response.status, shown(response)), (206, fields));
        assert!(response.content == bytes, "{:?}", response.content);
    }

    #[track_caller]
    fn is_parts(&self, response: &Response, parts: &str) {
        assert_eq!(response.status, 206, "{response:?}");
        let boundary = boundary(response).expect("a boundary");
        let fields = self.whole_but(&[
            &format!("content-length: {}", response.content.len()),
            &format!("content-type: multipart/byteranges; boundary={boundary}"),
        ]);
        assert_eq!(shown(response), fields);
        let found = parse_multipart(&response.content, boundary);
        let expected: Vec<&str> = parts.split(',').collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((head, bytes), part) in found.iter().zip(expected) {
            let total = self.content.len();
            assert_eq!(
                *head,
                [
                    "Content-Type: video/mp4".to_owned(),
                    format!("Content-Range: bytes {part}/{total}")
                ]
            );
            assert!(*bytes == self.bytes(part), "{part}: {bytes:?}");
        }
    }

    fn bytes(&self, part: &str) -> &[u8] {
        let (first, last) = part.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        &self.content[first..=last]
    }

    /// The fields of the whole with others in place of some of them, or beside them.
    fn whole_but(&self, others: &[&str]) -> String {
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

#[test]
fn one_range() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=0-0", "0-0");
    film.check("bytes=0-1", "0-1");
    film.check("bytes=100-199", "100-199");
    film.check("bytes=999-999", "999-999");
    film.check("bytes=0-999", "0-999");
    film.check("bytes=0-998", "0-998");
    film.check("bytes=00100-0000199", "100-199");
    film.check("bytes=0-", "0-999");
    film.check("bytes=1-", "1-999");
    film.check("bytes=999-", "999-999");
    film.check("bytes=-1", "999-999");
    film.check("bytes=-100", "900-999");
    film.check("bytes=-999", "1-999");
    film.check("bytes=-1000", "0-999");
    // Clamped.
    film.check("bytes=-1001", "0-999");
    film.check("bytes=0-1000", "0-999");
    film.check("bytes=990-5000", "990-999");
}

/// RFC 9110 §14.1: units are case-insensitive; an example of §14.1.2 has blanks.
#[test]
fn other_spellings() {
    let mut film = Film::of(numbered(1000));
    for unit in ["BYTES", "Bytes", "bYtEs"] {
        film.check(&format!("{unit}=0-4"), "0-4");
        film.check(&format!("{unit}=-5"), "995-999");
    }
    film.check("bytes= 0-4", "0-4");
    film.check("bytes=\t0-4", "0-4");
    film.check("  bytes=0-4 \t ", "0-4");
    film.check("bytes=0-4 , 8-9", "0-4,8-9");
    film.check("bytes= 0-4,\t8-9", "0-4,8-9");
    film.check("bytes=,0-4,,", "0-4");
    film.check("bytes=, ,0-4", "0-4");
}

#[test]
fn nonsense_is_ignored() {
    let mut film = Film::of(numbered(1000));
    for value in "|bytes|0-4|bytes 0-4|bytes:0-4|bytes = 0-1|bytes =0-1|=|=0-4".split('|') {
        film.check(value, "whole");
    }
    for unit in "seconds|items|none|byte|bytess|\"bytes\"".split('|') {
        film.check(&format!("{unit}=0-4"), "whole");
    }
    for set in [
        "|abc|-|--5|1|1-2-3|+1-2|1-+2|-+5|0x1-2|1-x|x-2|1.0-2|1 -2|1- 2|- 5|-1-2|0..4|*|*/*",
        "1-2;3-4|1-2 3-4|1-2,x|x,1-2|1-2,-|0-4,4|1-2/10|0-4;q=1|bytes=0-4|,|, ,|\"0-4\"|0\u{2013}4|\u{660}-4",
    ] {
        for set in set.split('|') {
            film.check(&format!("bytes={set}"), "whole");
        }
    }
    // Two field lines, even if one of them is empty or both are the same.
    for second in "bytes=2-3|bytes=0-1||2-3|items=1-2".split('|') {
        film.check(&format!("bytes=0-1\r\nRange: {second}"), "whole");
        film.check(&format!("{second}\r\nRANGE: bytes=0-1"), "whole");
    }
}

#[test]
fn not_satisfiable() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=1000-", "416");
    film.check("bytes=1000-1000", "416");
    film.check("bytes=1000-5000", "416");
    film.check("bytes=5000-", "416");
    film.check("bytes=-0", "416");
    film.check("bytes=-000", "416");
    film.check("bytes=999-0", "416");
    film.check("bytes=5000-2", "416");
    film.check("bytes=1000-,2000-", "416");
    film.check("bytes=-0,1000-", "416");
    // In company of one that is satisfiable they are left out.
    film.check("bytes=1000-,0-4", "0-4");
    film.check("bytes=0-4,-0", "0-4");
}

/// RFC 9110 §14.1.1: one reversed range makes the whole set invalid, and an invalid set is ignored.
#[test]
fn reversed_range_in_set_returns_whole_file() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=5-2", "416");
    film.check("bytes=5-2,0-4", "whole");
    film.check("bytes=0-4,8-9,5-2", "whole");
    film.check("bytes=1000-,9-2", "whole");
}

#[test]
fn numbers_beyond_64_bits() {
    let mut film = Film::of(numbered(1000));
    for big in [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709552615",
        "99999999999999999999999999999999999999999",
    ] {
        film.check(&format!("bytes=5-{big}"), "5-999");
        film.check(&format!("bytes=-{big}"), "0-999");
        film.check(&format!("bytes={big}-"), "416");
        film.check(&format!("bytes={big}-{big}"), "416");
        film.check(&format!("bytes={big}-5"), "416");
        film.check(&format!("bytes={big}-,0-4"), "0-4");
    }
}

/// Players open a recording that has just begun.
#[test]
fn an_empty_file_has_no_ranges() {
    let mut film = Film::of(Vec::new());
    for range in ["0-", "0-0", "-1", "-0", "5-2", "0-1,3-4", "1000-", "x"] {
        film.check(&format!("bytes={range}"), "whole");
    }
}

#[test]
fn a_file_of_one_byte() {
    let mut film = Film::of(b"1".to_vec());
    film.check("bytes=0-", "0-0");
    film.check("bytes=0-0", "0-0");
    film.check("bytes=-1", "0-0");
    film.check("bytes=-2", "0-0");
    film.check("bytes=0-0,0-0", "0-0");
    film.check("bytes=1-", "416");
    film.check("bytes=1-1", "416");
    film.check("bytes=-0", "416");
}

/// RFC 9110 §14.6, §15.3.7.2.
#[test]
fn several_ranges() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=0-0,2-2", "0-0,2-2");
    film.check("bytes=0-4,100-199,-10", "0-4,100-199,990-999");
    // In the order of the request.
    film.check("bytes=-10,0-4", "990-999,0-4");
    film.check("bytes=500-,0-4,200-299", "500-999,0-4,200-299");
    // Clamped.
    film.check("bytes=0-4,990-5000", "0-4,990-999");
    film.check("bytes=0-0,-1", "0-0,999-999");
}

#[test]
fn ranges_that_overlap_or_touch_are_joined() {
    let mut film = Film::of(numbered(1000));
    film.check("bytes=0-4,5-9", "0-9");
    film.check("bytes=5-9,0-4", "0-9");
    film.check("bytes=0-4,6-9", "0-4,6-9");
    film.check("bytes=0-6,4-9", "0-9");
    film.check("bytes=0-99,10-19", "0-99");
    film.check("bytes=10-19,0-99", "0-99");
    film.check("bytes=0-4,0-4", "0-4");
    film.check("bytes=0-,-5", "0-999");
    film.check("bytes=0-499,500-", "0-999");
    film.check("bytes=0-4,100-104,3-9", "0-9,100-104");
    film.check("bytes=100-104,0-4,8-9,5-7", "100-104,0-9");
    film.check("bytes=0-1,4-5,2-3,900-", "0-5,900-999");
}

/// What counts is how many remain.
#[test]
fn at_most_16_parts() {
    let mut film = Film::of(numbered(1000));
    let apart = |count: usize| {
        let each: Vec<String> = (0..count)
            .map(|n| format!("{}-{}", 9 * n, 9 * n + 2))
            .collect();
        each.join(",")
    };
    for count in [2, 15, 16] {
        film.check(&format!("bytes={}", apart(count)), &apart(count));
    }
    for count in [17, 18, 100] {
        film.check(&format!("bytes={}", apart(count)), "whole");
    }
    film.check(&format!("bytes={}5000-,-0", "1-2,".repeat(1000)), "1-2");
    film.check(&format!("bytes={},0-", apart(17)), "0-999");
    film.check(&format!("bytes={},5000-", apart(16)), &apart(16));
}

/// Blocks have 64 KiB, and the heads of parts stand anywhere in them.
#[test]
fn across_blocks() {
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
