//! A request to a [`Plan`]: everything is decided, nothing has been sent, so that every error is still a clean
//! status.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use super::pool::{Pool, StreamSlot};
use super::refusal::{NOT_THAT_RANGE, NOT_THAT_VERSION, explain, reject, rejection};
use crate::gate::Version;
use crate::http::{
    Boundary, ByteRange, MediaType, Method, Multipart, Outcome, Representation, RequestHead,
    ResponseHead, Status, Target, Validators, attachment, evaluate,
};
use crate::media::{FolderName, MediaFile, MediaName};
use crate::route::{self, Rejection, Route};
use crate::web::{self, Listing, ListingFormat};

/// A whole response.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) head: ResponseHead,
    pub(super) content: Content,
}

/// What follows the head, if the method is not HEAD.
#[derive(Debug)]
pub(super) enum Content {
    None,
    /// Short: sent without a stream slot.
    Bytes(Cow<'static, [u8]>),
    /// One part of a file.
    Range(MediaFile, ByteRange, StreamSlot),
    /// Several.
    Ranges(MediaFile, Multipart, StreamSlot),
    /// A folder, in blocks, as it is read from the disk. The first block is there. Chunked if the length is not known.
    Listing {
        listing: Box<Listing>,
        block: Vec<u8>,
        length: Option<u64>,
        slot: StreamSlot,
    },
}

/// A listing up to so many bytes is no stream. The gate keeps what a client does not take of it, and it may keep that
/// for thousands of them.
const SHORT: u64 = 16 * 1024;
/// What the browser lets scripts of an allowed origin send (Fetch standard; RFC 9110 §13, §14).
const ALLOWED_FIELDS: &str =
    "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since";
/// What it lets them read.
const EXPOSED_FIELDS: &str =
    "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified";
/// How long it may remember both: a day.
const PREFLIGHT_SECONDS: &str = "86400";
/// Decides on a request.
pub(super) fn plan(pool: &Arc<Pool>, request: &RequestHead, version: Version) -> Plan {
    let service = pool.service();
    let target = Target::parse(request.target());
    let for_scripts = match &target {
        Ok(target) => route::is_for_scripts(target, &service.mounts),
        Err(_) => request.target().starts_with("/api/"),
    };
    let answer = match &target {
        Ok(target) => answer(pool, request, version, target),
        // CONNECT has a target of another form (RFC 9112 §3.2.3), which is as good as any for what it gets.
        Err(_) if request.method() == Method::Connect => Err(Rejection::MethodNotAllowed {
            allow: route::STREAM,
        }),
        Err(_) => Err(Rejection::BadTarget),
    };
    let mut plan = answer.unwrap_or_else(|rejection| reject(rejection, for_scripts));
    if for_scripts {
        plan.head = share(pool, request, plan.head);
    }
    plan
}

fn answer(
    pool: &Arc<Pool>,
    request: &RequestHead,
    version: Version,
    target: &Target,
) -> Result<Plan, Rejection> {
    let service = pool.service();
    // RFC 9112 §3.2.2: the authority of an absolute-form target wins.
    let host = target.authority().or(request.host());
    if !host.is_none_or(|host| service.hosts.allows(host)) {
        return Err(Rejection::Misdirected);
    }
    match Route::of(request.method(), target, &service.mounts)? {
        Route::Stream(name) => stream(pool, request, target, &name),
        Route::StreamOptions => Ok(options(pool, request)),
        Route::Videos(folder) => listing(pool, request, version, &folder, ListingFormat::Json),
        Route::Browse(folder) => listing(pool, request, version, &folder, ListingFormat::Html),
        Route::ToFolder(folder) => Ok(redirect(web::browse_url(&folder))),
        Route::Health => Ok(health()),
        Route::Asset(path) => asset(request, &path),
    }
}

fn stream(
    pool: &Arc<Pool>,
    request: &RequestHead,
    target: &Target,
    name: &MediaName,
) -> Result<Plan, Rejection> {
    let file = pool
        .service()
        .dir
        .open(name)
        .map_err(|error| rejection(&error, request))?;
    let representation = Representation {
        complete_length: file.length(),
        media_type: MediaType::of(name.file_name().as_encoded_bytes()).as_str(),
        validators: Validators::from_metadata(file.length(), Some(file.modified()))
            .as_of(SystemTime::now()),
    };
    let outcome = evaluate(request, &representation);
    let boundary = Boundary::from_nonce(nonce());
    let mut head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    if matches!(head.status(), Status::Ok | Status::PartialContent)
        && let Some(chosen) = target.query_value("download")
    {
        let own = name.file_name().as_encoded_bytes();
        head = head.with_field(
            "Content-Disposition",
            attachment(if chosen.is_empty() { own } else { &chosen }),
        );
    }
    let content = match outcome {
        Outcome::PreconditionFailed => return Ok(explain(head, true, NOT_THAT_VERSION)),
        Outcome::RangeNotSatisfiable => return Ok(explain(head, true, NOT_THAT_RANGE)),
        Outcome::NotModified => Content::None,
        // Without a slot: nothing is read.
        _ if request.method() == Method::Head => Content::None,
        Outcome::Full => {
            let last_pos = representation.complete_length.checked_sub(1);
            match last_pos.and_then(|last_pos| ByteRange::new(0, last_pos)) {
                Some(whole) => Content::Range(file, whole, claim(pool)?),
                // An empty file.
                None => Content::None,
            }
        }
        Outcome::Partial(range) => Content::Range(file, range, claim(pool)?),
        Outcome::Multipart(ranges) => Content::Ranges(
            file,
            Multipart::new(&ranges, &representation, boundary),
            claim(pool)?,
        ),
    };
    Ok(Plan { head, content })
}

/// RFC 2046 §5.1.1: a boundary must not occur in a part. Whoever wrote the file could not know this number.
fn nonce() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}

fn claim(pool: &Arc<Pool>) -> Result<StreamSlot, Rejection> {
    pool.claim_stream().ok_or(Rejection::Unavailable)
}

/// RFC 9110 §9.3.7; and the answer to a CORS preflight, which [`share`] completes.
fn options(pool: &Arc<Pool>, request: &RequestHead) -> Plan {
    let mut head = ResponseHead::new(Status::NoContent).with_field("Allow", route::STREAM);
    let preflight = request.access_control_request_method().is_some();
    if preflight && pool.service().origins.allowed(request.origin()).is_some() {
        head = head
            .with_field("Access-Control-Allow-Methods", route::STREAM)
            .with_field("Access-Control-Allow-Headers", ALLOWED_FIELDS)
            .with_field("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
    Plan {
        head,
        content: Content::None,
    }
}

/// The CORS protocol of the Fetch standard.
fn share(pool: &Arc<Pool>, request: &RequestHead, mut head: ResponseHead) -> ResponseHead {
    let origins = &pool.service().origins;
    if let Some(origin) = origins.allowed(request.origin()) {
        head = head
            .with_field("Access-Control-Allow-Origin", origin)
            .with_field("Access-Control-Expose-Headers", EXPOSED_FIELDS);
    }
    // Also where this request had no origin or another one: a cache must not give its answer to one that is allowed.
    if origins.vary() {
        head.with_field("Vary", "Origin")
    } else {
        head
    }
}

fn listing(
    pool: &Arc<Pool>,
    request: &RequestHead,
    version: Version,
    folder: &FolderName,
    format: ListingFormat,
) -> Result<Plan, Rejection> {
    let mut head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", format.media_type())
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff");
    if format == ListingFormat::Html {
        head = head
            .with_field("Content-Security-Policy", web::PAGE_POLICY)
            .with_field("Referrer-Policy", "no-referrer");
    }
    let _turn = pool.claim_folder().ok_or(Rejection::Unavailable)?;
    let open = || Listing::open(Arc::clone(&pool.service().dir), folder.clone(), format);
    let refuse = |error| rejection(&error, request);
    let mut listing = open().map_err(refuse)?;
    let mut block = Vec::new();
    let more = listing.next_block(&mut block).map_err(refuse)?;
    // A folder has no size that memory should follow, so the length of a large one is only known when its last page
    // has been read: chunked (RFC 9112 §7.1), which streams never are. HTTP/1.0 has no chunks, and a listing that ends
    // with the connection could be cut short unseen; there it is read twice.
    let length = match (more, version) {
        (false, _) => Some(block.len() as u64),
        (true, Version::Http11) => None,
        (true, Version::Http10) => Some(open().and_then(Listing::count).map_err(refuse)?),
    };
    let head = match length {
        Some(length) => head.with_content_length(length),
        None => head.with_field("Transfer-Encoding", "chunked"),
    };
    let content = if request.method() == Method::Head {
        Content::None
    } else if length.is_some_and(|length| length <= SHORT) {
        Content::Bytes(Cow::Owned(block))
    } else {
        Content::Listing {
            listing: Box::new(listing),
            block,
            length,
            slot: claim(pool)?,
        }
    };
    Ok(Plan { head, content })
}

fn redirect(location: String) -> Plan {
    let head = ResponseHead::new(Status::PermanentRedirect)
        .with_field("Location", location)
        .with_field("Content-Length", "0");
    Plan {
        head,
        content: Content::None,
    }
}

fn health() -> Plan {
    let head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", "text/plain")
        .with_field("Content-Length", "2")
        .with_field("Cache-Control", "no-store");
    Plan {
        head,
        content: Content::Bytes(Cow::Borrowed(b"ok")),
    }
}

/// The same way as a video: an asset is a representation too, but one that is never large.
fn asset(request: &RequestHead, path: &str) -> Result<Plan, Rejection> {
    let asset = web::asset(path).ok_or(Rejection::NotFound)?;
    let representation = Representation {
        complete_length: asset.content.len() as u64,
        media_type: asset.media_type,
        // They change with the program, and only with it.
        validators: Validators::from_text(env!("CARGO_PKG_VERSION")),
    };
    let boundary = Boundary::from_nonce(nonce());
    // RFC 9110 §14.2: a server may ignore Range, and nobody seeks in an icon.
    let outcome = match evaluate(request, &representation) {
        Outcome::NotModified => Outcome::NotModified,
        Outcome::PreconditionFailed => Outcome::PreconditionFailed,
        _ => Outcome::Full,
    };
    let head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    Ok(match outcome {
        Outcome::PreconditionFailed => explain(head, false, NOT_THAT_VERSION),
        Outcome::NotModified => Plan {
            head,
            content: Content::None,
        },
        _ => Plan {
            head,
            content: Content::Bytes(Cow::Borrowed(asset.content)),
        },
    })
}
