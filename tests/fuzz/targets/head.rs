use videoserve::http::{RequestHead, Status};
use videoserve::parsers::request_head;

use super::{expand, pieces};

/// Parses a request head like the gate. The first byte chooses how the rest is split into pieces.
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
            has_one_end(head);
            // The result depends only on the bytes of the head.
            let alone = request_head(&[head]);
            parses_to_itself(&parsed);
            assert_eq!(shown(&alone), shown(&Ok(Some((length, parsed)))));
        }
    }
}

/// Formats a result for comparison, because a head has no equality. The text has every field except the credentials.
fn shown(parsed: &Result<Option<(usize, RequestHead)>, Status>) -> String {
    format!("{parsed:?}")
}

/// Checks that every parser finds the same end of the head. A bare CR, a bare LF or a NUL could be another end for
/// another parser, which allows request smuggling.
fn has_one_end(head: &[u8]) {
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

/// Checks that a head with this method and target parses to the same method and target.
fn parses_to_itself(head: &RequestHead) {
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
        // Percent-encoding can make the target longer than the limit.
        Err(Status::UriTooLong) => {}
        other => panic!("{text:?}: {other:?}"),
    }
}
