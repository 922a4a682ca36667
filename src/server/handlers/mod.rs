//! The handlers: functions from a [`RequestContext`](super::context::RequestContext) to a
//! [`Response`](super::response::Response).

pub(super) mod assets;
pub(super) mod library;
pub(super) mod metrics;
pub(super) mod pages;
pub(super) mod stream;
pub(super) mod subtitles;

use crate::http::Boundary;

/// A multipart boundary that does not occur in a part (RFC 2046 §5.1.1): a file's author could not know this number.
fn boundary() -> Boundary {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    Boundary::from_nonce((half() << 64) | half())
}
