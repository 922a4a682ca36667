//! The handlers: functions from a [`RequestContext`](super::context::RequestContext) to a
//! [`Response`](super::response::Response).

pub(super) mod assets;
pub(super) mod library;
pub(super) mod metrics;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod subtitles;

/// Returns a multipart boundary that does not occur in a part (RFC 2046 §5.1.1), because the author of a file cannot
/// know this number.
fn boundary() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}
