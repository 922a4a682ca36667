use videoserve::http::Status;
use videoserve::parsers::request_content;

use super::{pieces, stretch};

/// The content of a request. The first byte says how the others are cut into pieces; the second stands for a
/// length, or for chunks if it is 255.
pub fn body(data: &[u8]) {
    let &[seed, framing, ref bytes @ ..] = data else {
        return;
    };
    let bytes = stretch(bytes);
    let root = u64::from(framing);
    let length = (framing != 255).then_some(root * root * 2);
    let end = request_content(length, &[&bytes]);
    assert_eq!(request_content(length, &pieces(seed, &bytes)), end);
    match end {
        Ok(None) => {}
        Ok(Some(end)) => {
            assert!(length.is_none_or(|length| usize::try_from(length) == Ok(end)));
            // Nothing behind the end was looked at, and nothing before it can be missing.
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
