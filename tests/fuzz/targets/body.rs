use videoserve::http::Status;
use videoserve::parsers::request_content;

use super::{expand, pieces};

/// Parses the content of a request. The first byte chooses how the rest is split into pieces. The second byte chooses
/// a length, or chunks if it is 255.
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
            // The result depends only on the bytes before the end, and needs all of them.
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
