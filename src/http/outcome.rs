//! The outcome of a GET or HEAD request for a representation.

use super::range::ByteRange;

/// The outcome of a GET or HEAD.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// 200: the whole representation (RFC 9110 §15.3.1).
    Full,
    /// 206: one range (§15.3.7.1). It can be the whole representation, because `bytes=0-` gets a 206.
    Partial(ByteRange),
    /// 206: several ranges, which neither overlap nor touch, as multipart/byteranges (§15.3.7.2).
    Multipart(Vec<ByteRange>),
    /// 304: the client already has this version (§15.4.5).
    NotModified,
    /// 412: the client expects another version (§15.5.13).
    PreconditionFailed,
    /// 416: the representation has none of the requested bytes (§15.5.17).
    RangeNotSatisfiable,
}
