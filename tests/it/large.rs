//! Tests ranges of large sparse files. A border is a position at which an error is probable, for example 2^31 or near
//! the end of the file. The files have known bytes around each border, and zeros at all other positions.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::rows::{Rows, boundary, dir_in_memory, parse_multipart};
use crate::shared::content::content;

const GIB: u64 = 1 << 30;

/// Returns the 16 bytes around a border: 8 bytes before it, and 8 bytes after it.
fn mark(border: u64) -> Vec<u8> {
    content(border - 8, 16)
}

/// Serves a sparse file with a mark at each border. Returns `None` if the file system does not support this length.
fn film(length: u64, borders: &[u64]) -> Option<(tempfile::TempDir, Rows)> {
    let dir = dir_in_memory();
    let file = File::create(dir.path().join("film.mp4")).unwrap();
    if file.set_len(length).is_err() {
        assert!(length > 1 << 40, "the file system has no sparse files");
        return None;
    }
    for border in borders {
        file.write_all_at(&mark(*border), border - 8).unwrap();
    }
    let rows = Rows::with(|_| crate::support::local(dir.path()));
    Some((dir, rows))
}

const TARGET: &str = "/api/stream/film.mp4";

#[track_caller]
fn check_range(rows: &mut Rows, length: u64, range: &str, first: u64, bytes: &[u8]) {
    let response = rows.get(TARGET, &format!("Range: bytes={range}\r\n"));
    assert_eq!(response.status, 206, "{range}");
    let last = first + bytes.len() as u64 - 1;
    let expected = format!("bytes {first}-{last}/{length}");
    assert_eq!(response.field("content-range"), Some(expected.as_str()));
    let expected = bytes.len().to_string();
    assert_eq!(response.field("content-length"), Some(expected.as_str()));
    assert_eq!(response.content, bytes, "{range}");
}

#[track_caller]
fn check_borders(rows: &mut Rows, length: u64, borders: &[u64]) {
    for &border in borders {
        let mark = mark(border);
        // The first and the last byte of the range, as positions in the mark. The border is at position 8.
        for (from, to) in [(0, 15), (0, 7), (8, 15), (7, 7), (8, 8), (7, 8)] {
            let first = border - 8 + from as u64;
            let range = format!("{first}-{}", border - 8 + to as u64);
            check_range(rows, length, &range, first, &mark[from..=to]);
        }
    }
}

#[track_caller]
fn check_end(rows: &mut Rows, length: u64) {
    let (last, end) = (length - 1, mark(length - 8));
    for (range, from) in [
        ("-8".to_owned(), 8),
        ("-16".to_owned(), 0),
        (format!("{}-", length - 8), 8),
        (format!("{last}-{}", u64::MAX), 15),
    ] {
        let first = length - 16 + from as u64;
        check_range(rows, length, &range, first, &end[from..]);
    }
    let past = [format!("{length}-"), format!("{length}-{}", length + 1)];
    for range in past.iter().map(String::as_str).chain(["-0"]) {
        let response = rows.get(TARGET, &format!("Range: bytes={range}\r\n"));
        let expected = format!("bytes */{length}");
        let found = (response.status, response.field("content-range"));
        assert_eq!(found, (416, Some(expected.as_str())), "{range}");
    }
}

/// Requests several ranges: the first byte of the file, and the mark of each border.
#[track_caller]
fn check_parts(rows: &mut Rows, length: u64, borders: &[u64]) {
    let range = |border: &u64| format!("{}-{}", border - 8, border + 7);
    let ranges: Vec<String> = borders.iter().map(range).collect();
    let fields = format!("Range: bytes=0-0,{}\r\n", ranges.join(","));
    let response = rows.get(TARGET, &fields);
    let found = parse_multipart(&response.content, boundary(&response).expect("parts"));
    assert_eq!(found.len(), borders.len() + 1);
    for ((fields, bytes), (border, range)) in found[1..].iter().zip(borders.iter().zip(&ranges)) {
        assert_eq!(fields[1], format!("Content-Range: bytes {range}/{length}"));
        assert_eq!(*bytes, mark(*border));
    }
}

#[track_caller]
fn check(length: u64, borders: &[u64]) {
    let Some((_dir, mut rows)) = film(length, borders) else {
        return;
    };
    let text = length.to_string();
    let head = rows.ask("HEAD", TARGET, "");
    assert_eq!(head.field("content-length"), Some(text.as_str()));
    check_borders(&mut rows, length, borders);
    check_end(&mut rows, length);
    check_parts(&mut rows, length, borders);
    // The client reads only the first bytes of the whole file.
    for fields in ["", "Range: bytes=0-\r\n"] {
        let mut client = rows.server.connect();
        client.send(format!(
            "GET {TARGET} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        ));
        let head = client.read_head();
        assert_eq!(head.field("content-length"), Some(text.as_str()));
        assert!(client.take(100_000).iter().all(|&byte| byte == 0));
    }
    let listed = rows.get("/api/videos", "");
    let expected = format!("\"length\":{length},");
    assert!(listed.text().contains(&expected), "{}", listed.text());
}

#[test]
fn ranges_around_2_to_the_31st_return_their_bytes() {
    check(2 * GIB + 8, &[2 * GIB]);
    check(2 * GIB, &[2 * GIB - 8]);
    check(2 * GIB - 1, &[2 * GIB - 9]);
}

#[test]
fn ranges_around_2_to_the_32nd_return_their_bytes() {
    check(4 * GIB + 8, &[2 * GIB, 4 * GIB]);
    check(4 * GIB, &[2 * GIB, 4 * GIB - 8]);
    check(4 * GIB - 1, &[2 * GIB, 4 * GIB - 9]);
    check(4 * GIB + 1, &[2 * GIB, 4 * GIB - 7]);
}

#[test]
fn ranges_of_5_gib_return_their_bytes() {
    check(5 * GIB + 12_345, &[2 * GIB, 4 * GIB, 5 * GIB + 12_337]);
}

/// A file length is a signed 64-bit number, so the maximum is 2^63 - 1.
#[test]
fn ranges_of_exbibytes_return_their_bytes() {
    let longest = u64::MAX / 2;
    check(1 << 43, &[2 * GIB, 4 * GIB, (1 << 43) - 8]);
    check(longest - 4096, &[4 * GIB, 1 << 53, longest - 4104]);
    check(longest, &[4 * GIB, (1 << 53) + 1, longest - 8]);
}
