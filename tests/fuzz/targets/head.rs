use videoserve::http::{RequestHead, Status};
use videoserve::parsers::request_head;

use super::{expand, pieces};

/// Parses a request head with the parser of the server. The first byte chooses the lengths of the pieces in which the
/// head arrives.
pub fn head(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else {
        return;
    };
    let bytes = expand(bytes);
    let parsed = request_head(&[&bytes]);
    assert_eq!(shown(&request_head(&pieces(seed, &bytes))), shown(&parsed));
    match parsed {
        Ok(None) => {}
        Err(status) => assert!((400..=505).contains(&status.code()), "{status:?}"),
        Ok(Some((length, parsed))) => {
            let head = &bytes[..length];
            check_one_end(head);
            // The bytes after the head do not change the result.
            let alone = request_head(&[head]);
            check_round_trip(&parsed);
            assert_eq!(shown(&alone), shown(&Ok(Some((length, parsed)))));
        }
    }
}

/// Formats a result for comparison, because `RequestHead` has no `PartialEq`. The text does not show credentials, so
/// they are not compared.
fn shown(parsed: &Result<Option<(usize, RequestHead)>, Status>) -> String {
    format!("{parsed:?}")
}

/// Checks that an accepted head has one empty line, at its end, and contains no bare CR, no bare LF and no NUL. Some
/// HTTP parsers end a line at these bytes. If a proxy and the server find different ends of a head, request smuggling
/// is possible.
fn check_one_end(head: &[u8]) {
    let count = |wanted: &[u8]| {
        head.windows(wanted.len())
            .filter(|part| *part == wanted)
            .count()
    };
    assert!(head.ends_with(b"\r\n\r\n") && count(b"\r\n\r\n") == 1);
    assert_eq!(count(b"\r"), count(b"\r\n"));
    assert_eq!(count(b"\n"), count(b"\r\n"));
    assert_eq!(count(b"\0"), 0);
}

/// Writes a new head with the parsed method and target, and checks that it parses to the same method and target.
fn check_round_trip(head: &RequestHead) {
    let (method, target) = (head.method, &head.target);
    assert!(target.is_ascii());
    let text = format!(
        "{} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        method.as_str()
    );
    match request_head(&[text.as_bytes()]) {
        Ok(Some((length, again))) => {
            assert_eq!(length, text.len());
            assert_eq!((again.method, &again.target), (method, target));
        }
        // Parsing percent-encodes some bytes, so the parsed target can be longer than the limit.
        Err(Status::UriTooLong) => {}
        other => panic!("{text:?}: {other:?}"),
    }
}
