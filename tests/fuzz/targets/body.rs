use videoserve::http::Status;
use videoserve::parsers::request_content;

use super::{expand, pieces};

/// Parses the content of a request, once as a whole and once in pieces. The first byte chooses the lengths of the
/// pieces. The second byte chooses a Content-Length; 255 means chunked content.
pub fn body(data: &[u8]) {
    let &[seed, framing, ref bytes @ ..] = data else {
        return;
    };
    let bytes = expand(bytes);
    let root = u64::from(framing);
    let length = (framing != 255).then_some(root * root * 2);
    let end = request_content(length, &[&bytes]);
    assert_eq!(request_content(length, &pieces(seed, &bytes)), end);
    match end {
        Ok(None) => {}
        Ok(Some(end)) => {
            assert!(length.is_none_or(|length| usize::try_from(length) == Ok(end)));
            // The content is complete at `end`, and incomplete without its last byte.
            assert_eq!(request_content(length, &[&bytes[..end]]), Ok(Some(end)));
            if let Some(last) = end.checked_sub(1) {
                assert_eq!(request_content(length, &[&bytes[..last]]), Ok(None));
            }
        }
        Err(status) => assert!(matches!(
            status,
            Status::BadRequest | Status::ContentTooLarge
        )),
    }
}
