//! A request to a [`Plan`]: everything is decided, nothing has been sent, so that every error is still a clean
//! status.

use std::borrow::Cow;
use std::time::Instant;

use super::Service;
use super::asked::Asked;
use super::entry::admit;
use super::library::library;
use super::monitor;
use super::pages;
use super::pool::{StreamSlot, Turn};
use super::purse::Share;
use super::refusal::{NOT_THAT_RANGE, NOT_THAT_VERSION, explain, reject};
use super::subtitles;
use crate::clock;
use crate::gate::Version;
use crate::http::{
    Boundary, ByteRange, MediaType, Method, Multipart, Outcome, Representation, RequestHead,
    ResponseHead, Status, Target, Validators, attachment, evaluate,
};
use crate::media::{MediaFile, MediaName};
use crate::proxy::Caller;
use crate::route::{self, Rejection, Route};
use crate::web::{self, Listing};

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
    /// Short, or part of the program: sent without a stream slot.
    Bytes(Cow<'static, [u8]>),
    /// Longer than that, and in memory: see [`Asked::text`].
    Text(Vec<u8>, StreamSlot, Share),
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
        share: Share,
    },
}

/// A listing up to so many bytes is no stream. The gate keeps what a client does not take of it, and it may keep that
/// for thousands of them.
pub(super) const SHORT: usize = 16 * 1024;
/// What the browser lets scripts of an allowed origin send (Fetch standard; RFC 9110 §13, §14).
const ALLOWED_FIELDS: &str =
    "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since";
/// The same, where there is a password. A script has to name the credentials itself. Those that the browser has are for
/// our own pages, so that there is no Access-Control-Allow-Credentials.
const ALLOWED_WITH_PASSWORD: &str = "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, Authorization";
/// What it lets them read.
const EXPOSED_FIELDS: &str =
    "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified";
/// How long it may remember both: a day.
const PREFLIGHT_SECONDS: &str = "86400";
/// Decides on a request.
pub(super) fn plan(
    turn: &Turn<'_>,
    request: &RequestHead,
    version: Version,
    caller: Caller,
    received: Instant,
) -> Plan {
    let service = turn.pool().service();
    let target = Target::parse(request.target());
    let for_scripts = match &target {
        Ok(target) => route::is_for_scripts(target, &service.mounts),
        Err(_) => request.target().starts_with("/api/"),
    };
    let answer = match &target {
        Ok(target) => answer(Asked {
            turn,
            request,
            target,
            version,
            caller,
            received,
        }),
        // CONNECT has a target of another form (RFC 9112 §3.2.3), which is as good as any for what it gets.
        Err(_) if request.method() == Method::Connect => Err(Rejection::MethodNotAllowed {
            allow: route::STREAM,
        }),
        Err(_) => Err(Rejection::BadTarget),
    };
    let mut plan = answer.unwrap_or_else(|rejection| reject(rejection, for_scripts));
    if for_scripts {
        plan.head = share(service, request, plan.head);
    }
    plan
}

fn answer(asked: Asked<'_>) -> Result<Plan, Rejection> {
    let (request, target, service) = (asked.request, asked.target, asked.service());
    if !asked.host().is_none_or(|host| service.hosts.allows(host)) {
        return Err(Rejection::Misdirected);
    }
    let route = match &service.monitor {
        // As if nobody had thought of it.
        None if route::is_metrics(target) => Err(Rejection::NotFound),
        _ => Route::of(request.method(), target, &service.mounts),
    };
    if let Some(gatekeeper) = &service.gatekeeper {
        // A script must ask before it may send a password, of a listing too.
        if is_preflight(request) && route::is_for_scripts(target, &service.mounts) {
            return Ok(options(asked));
        }
        admit(gatekeeper, asked, route.as_ref().ok())?;
    }
    let route = route?;
    let is_cheap = matches!(route, Route::Health | Route::Metrics | Route::Asset(_));
    if !is_cheap && asked.is_too_late() {
        return Err(Rejection::Unavailable);
    }
    match route {
        Route::Stream(name) => stream(asked, &name),
        Route::Subtitles(name) => subtitles::answer(asked, &name),
        Route::StreamOptions => Ok(options(asked)),
        Route::Videos(folder) => pages::videos(asked, &folder),
        Route::Browse(folder) => library(asked, folder),
        Route::Watch(name) => pages::watch(asked, &name),
        Route::Playlist(folder) => pages::playlist(asked, &folder),
        Route::PlaylistOf(name) => pages::playlist_of(asked, &name),
        Route::ToFolder(folder) => {
            let query = target.query().map(|query| format!("?{query}"));
            let location = web::browse_url(&folder) + &query.unwrap_or_default();
            Ok(to(Status::PermanentRedirect, location))
        }
        Route::Health => Ok(health()),
        Route::Metrics => match &service.monitor {
            Some(monitor) => monitor::answer(asked, monitor),
            None => Err(Rejection::NotFound),
        },
        Route::Asset(path) => asset(asked, &path),
    }
}

fn stream(asked: Asked<'_>, name: &MediaName) -> Result<Plan, Rejection> {
    let (request, service) = (asked.request, asked.service());
    let file = service
        .dir
        .open(name)
        .map_err(|error| asked.rejection(&error))?;
    let representation = Representation {
        complete_length: file.length(),
        media_type: MediaType::of(name.file_name().as_encoded_bytes()).as_str(),
        validators: Validators::from_metadata(file.length(), Some(file.modified()))
            .as_of(clock::now()),
    };
    let outcome = evaluate(request, &representation);
    let boundary = Boundary::from_nonce(nonce());
    let mut head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    if matches!(head.status(), Status::Ok | Status::PartialContent)
        && let Some(chosen) = asked.target.query_value("download")
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
        _ if asked.is_head() => Content::None,
        Outcome::Full => {
            let last_pos = representation.complete_length.checked_sub(1);
            match last_pos.and_then(|last_pos| ByteRange::new(0, last_pos)) {
                Some(whole) => Content::Range(file, whole, asked.claim_stream()?),
                // An empty file.
                None => Content::None,
            }
        }
        Outcome::Partial(range) => Content::Range(file, range, asked.claim_stream()?),
        Outcome::Multipart(ranges) => Content::Ranges(
            file,
            Multipart::new(&ranges, &representation, boundary),
            asked.claim_stream()?,
        ),
    };
    Ok(Plan { head, content })
}

/// RFC 2046 §5.1.1: a boundary must not occur in a part. Whoever wrote the file could not know this number.
pub(super) fn nonce() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}

/// RFC 9110 §9.3.7; and the answer to a CORS preflight, which [`share`] completes.
fn options(asked: Asked<'_>) -> Plan {
    let (request, service) = (asked.request, asked.service());
    let mut head = ResponseHead::new(Status::NoContent).with_field("Allow", route::STREAM);
    if is_preflight(request) && service.origins.allowed(request.origin()).is_some() {
        let allowed = match service.gatekeeper {
            Some(_) => ALLOWED_WITH_PASSWORD,
            None => ALLOWED_FIELDS,
        };
        head = head
            .with_field("Access-Control-Allow-Methods", route::STREAM)
            .with_field("Access-Control-Allow-Headers", allowed)
            .with_field("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
    Plan {
        head,
        content: Content::None,
    }
}

fn is_preflight(request: &RequestHead) -> bool {
    request.method() == Method::Options && request.access_control_request_method().is_some()
}

/// The CORS protocol of the Fetch standard.
fn share(service: &Service, request: &RequestHead, mut head: ResponseHead) -> ResponseHead {
    let origins = &service.origins;
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

/// RFC 9110 §15.4: this way.
pub(super) fn to(status: Status, location: String) -> Plan {
    let head = ResponseHead::new(status)
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
fn asset(asked: Asked<'_>, path: &str) -> Result<Plan, Rejection> {
    let asset = web::asset(path).ok_or(Rejection::NotFound)?;
    let for_scripts = route::is_for_scripts(asked.target, &asked.service().mounts);
    let representation = Representation {
        complete_length: asset.content.len() as u64,
        media_type: asset.media_type,
        validators: Validators::from_text(&format!("{:x}", asset.version)),
    };
    let boundary = Boundary::from_nonce(nonce());
    // RFC 9110 §14.2: a server may ignore Range, and nobody seeks in an icon.
    let outcome = match evaluate(asked.request, &representation) {
        Outcome::NotModified => Outcome::NotModified,
        Outcome::PreconditionFailed => Outcome::PreconditionFailed,
        _ => Outcome::Full,
    };
    let head = ResponseHead::for_outcome(&outcome, &representation, boundary);
    Ok(match outcome {
        Outcome::PreconditionFailed => explain(head, for_scripts, NOT_THAT_VERSION),
        Outcome::NotModified => Plan {
            head,
            content: Content::None,
        },
        _ => Plan {
            head,
            content: Content::Bytes(Cow::Borrowed(&asset.content)),
        },
    })
}
