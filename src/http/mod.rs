//! HTTP semantics (RFC 9110): parses requests, decides outcomes, and writes response heads.
//!
//! This module uses no disk, socket, clock or log, so each rule can be tested with a table of cases. The caller passes
//! the date of a response and the boundary of a multipart response.
//!
//! [`RequestHead`] is a parsed request, [`Target`] its target, and [`Representation`] the requested content.
//! [`evaluate()`] decides the [`Outcome`] of a request. [`ResponseHead::for_outcome`] returns the response head.
//!
//! ```
//! use std::time::{SystemTime, UNIX_EPOCH};
//! use videoserve::http::{self, EntityTag, Method, Persistence, Representation, RequestHead, ResponseHead};
//!
//! let mut request = RequestHead::new(Method::Get, "/api/stream/film.mp4");
//! request.add_field("Range", "bytes=-500");
//! let film = Representation {
//!     complete_length: 1_000,
//!     media_type: "video/mp4",
//!     etag: EntityTag::from_metadata(1_000, UNIX_EPOCH),
//!     last_modified: http::last_modified(UNIX_EPOCH, SystemTime::now()),
//! };
//!
//! let outcome = http::evaluate(&request, &film);
//! let head = ResponseHead::for_outcome(&outcome, &film, 4);
//! let mut wire = Vec::new();
//! head.encode(SystemTime::now(), Persistence::KeepAlive, &mut wire);
//! assert!(wire.starts_with(b"HTTP/1.1 206 Partial Content\r\n"));
//! let wire = String::from_utf8_lossy(&wire);
//! assert!(wire.contains("\r\nContent-Range: bytes 500-999/1000\r\n"));
//! ```
//!
//! This table shows the response to a GET for a file. The server checks preconditions first, then If-Range, then Range
//! (§13.2.2). [`select`] has all rows for Range. Section numbers refer to RFC 9110.
//!
//! | request | response | section |
//! |---|---|---|
//! | no Range | 200, the whole file | 15.3.1 |
//! | a Range that selects one part | 206 with Content-Range | 15.3.7.1 |
//! | a Range that selects several parts | 206 with multipart/byteranges | 15.3.7.2 |
//! | a Range that selects nothing | 416 with `Content-Range: bytes */N` | 15.5.17 |
//! | a HEAD with Range, or two Range fields | Range is ignored | 14.2 |
//! | If-Range with this ETag, or exactly this Last-Modified | Range applies | 13.1.5 |
//! | If-Range with any other value, including a weak tag | Range is ignored | 13.1.5 |
//! | If-None-Match with this ETag, or `*` | 304 | 13.1.2 |
//! | If-Modified-Since, and the file was not modified | 304; ignored if there is If-None-Match | 13.1.3 |
//! | If-Match without this ETag, or with a weak tag | 412 | 13.1.1 |
//! | If-Unmodified-Since, and the file was modified | 412; ignored if there is If-Match | 13.1.4 |
//! | POST, PUT, DELETE, PATCH, TRACE, CONNECT | 405 with Allow | 15.5.6 |
//! | an unknown method | 501 | 15.6.2 |
//!
//! 200 and 206 have Content-Type by extension, Content-Length, Accept-Ranges, a strong ETag, Date and
//! `X-Content-Type-Options: nosniff`. They also have `Cache-Control: no-cache`: a cache may store the response, but
//! must revalidate it. Last-Modified is absent if the date of the file is in the future (§8.8.2.1), before 1970 or
//! after 9999.
//!
//! Not implemented:
//!
//! - Content negotiation (§12) and content codings (§8.4): video is already compressed, and a range must count the
//!   bytes of the file on disk. The responses of this module do not depend on `Accept` fields, so they have no `Vary`.
//! - Range units other than `bytes` (§14.1): no client uses them. The server ignores them, as §14.2 requires.
//! - Partial PUT (§14.5) and all other requests that change a resource: the server is read-only.
//! - `authority-form` (RFC 9112 §3.2.3): the server is not a proxy.
//! - `1xx` responses (§15.2) and trailers (§6.5): no feature of this module needs them. The gate sends 100 Continue.
//! - Other values of `Cache-Control` (RFC 9111): revalidation is cheap, and a cache must not send an old version.

mod date;
mod disposition;
mod entity_tag;
mod evaluate;
mod media_type;
mod method;
mod multipart;
mod range;
mod request;
mod response;
mod status;
mod target;
mod whitespace;

pub use date::{format_day, format_http_date, last_modified, parse_http_date};
pub use disposition::attachment;
pub use entity_tag::EntityTag;
pub use evaluate::{Representation, check_preconditions, evaluate};
pub use media_type::MediaType;
pub use method::Method;
pub use multipart::{Multipart, Part};
pub(crate) use range::parse_digits;
pub use range::{ByteRange, MAX_PARTS, Outcome, select};
pub use request::{RequestHead, basic_user_pass};
pub use response::{Persistence, ResponseHead};
pub use status::Status;
pub use target::Target;
pub(crate) use whitespace::OWS;
