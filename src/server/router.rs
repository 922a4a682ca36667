//! Makes the response to a request. The steps are: host check, authorization, load shedding, handler, CORS.

use std::borrow::Cow;
use std::sync::Arc;

use super::context::{AppState, RequestContext};
use super::errors::{HandlerError, HandlerResult};
use super::handlers::{assets, cut, metrics, pages, stream, subtitles};
use super::response::Response;
use crate::auth::{Authenticator, Denial, Purpose};
use crate::handoff::PendingRequest;
use crate::host::is_authority;
use crate::http::{Method, RequestHead, ResponseHead, Status, Target, basic_user_pass};
use crate::limits::{SHED_AFTER, SHED_QUEUE};
use crate::proxy::Client;
use crate::route::{self, Route};
use crate::web::{Links, folder_path};

/// The request fields that scripts of an allowed origin may send (Fetch standard; RFC 9110 §13, §14).
const ALLOWED_FIELDS: &str =
    "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since";
/// The response fields that scripts of an allowed origin may read.
const EXPOSED_FIELDS: &str =
    "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified";
/// The time for which a browser may store the response to a preflight (the OPTIONS request of CORS): one day.
const PREFLIGHT_SECONDS: &str = "86400";

/// The `WWW-Authenticate` field (RFC 7617 §2, §2.1).
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

pub(super) fn respond(
    app: &AppState,
    pending: &PendingRequest,
    client: Client,
    has_backup: bool,
) -> Response {
    let (config, request) = (&app.config, &pending.head);
    let target = Target::parse(&request.target)
        .filter(|target| target.authority.as_deref().is_none_or(is_authority))
        .map(|target| config.base.strip(target));
    let for_scripts = match &target {
        Some(target) => route::is_for_scripts(target, &config.mounts),
        None => {
            let path = request.target.strip_prefix(&*config.base.url);
            path.unwrap_or(&request.target).starts_with("/api/")
        }
    };
    let result = match &target {
        Some(target) => dispatch(RequestContext {
            app,
            request,
            target,
            client,
            has_backup,
            received: pending.received,
        }),
        // The target of CONNECT is a host and a port (RFC 9112 §3.2.3). The server does not support this method.
        None if request.method == Method::Other("CONNECT") => {
            Err(method_not_allowed(route::STREAM_METHODS))
        }
        None => Err(Status::BadRequest.into()),
    };
    let mut response = result.unwrap_or_else(|error| {
        let links = (!for_scripts).then(|| Links::new(Arc::clone(&config.base.url), None));
        error.response(request, links.as_ref())
    });
    if for_scripts {
        response.head = add_cors_fields(app, request, response.head);
    }
    response
}

fn dispatch(context: RequestContext<'_>) -> HandlerResult {
    let (app, request, target) = (context.app, context.request, context.target);
    let host = context.host();
    if host.is_some_and(|host| !app.config.hosts.allows(&host)) {
        // An attacker can let his own host name point to this server. Without this check, his page can then read the
        // videos of this server (DNS rebinding).
        return Err(Status::MisdirectedRequest.into());
    }
    let route = find_route(context);
    if let Some(authenticator) = &app.authenticator {
        // A browser sends a preflight without a password (Fetch standard).
        if is_preflight(request) && route::is_for_scripts(target, &app.config.mounts) {
            return Ok(options(context));
        }
        authorize(authenticator, context, route.as_ref().ok())?;
    }
    let route = route?;
    let is_cheap = matches!(route, Route::Health | Route::Metrics | Route::Asset(_));
    // Load shedding: the request waited too long, and too many other requests still wait.
    if !is_cheap && context.received.elapsed() > SHED_AFTER && app.handoff.pending() > SHED_QUEUE {
        return Err(Status::ServiceUnavailable.into());
    }
    match route {
        Route::Stream(name) => stream::respond(context, &name),
        Route::Index(folder) => pages::index(context, &folder),
        Route::Subtitles(name) => subtitles::respond(context, &name),
        Route::Track(name) => subtitles::track(context, &name),
        Route::Cover(name) => stream::cover(context, &name),
        Route::Cut(name) => cut::respond(context, &name),
        Route::StreamOptions => Ok(options(context)),
        Route::Videos(folder) => pages::videos(context, &folder),
        Route::Browse(folder) => pages::library(context, folder),
        Route::Watch(name) => pages::watch(context, &name),
        Route::Playlist(folder) => pages::playlist(context, &folder),
        Route::PlaylistOf(name) => pages::playlist_of(context, &name),
        Route::ToFolder(folder) => {
            let query = target.query.as_ref().map(|query| format!("?{query}"));
            let location = context.links().browse(&folder) + &query.unwrap_or_default();
            Ok(Response::redirect(Status::PermanentRedirect, location))
        }
        Route::Health => assets::health(context),
        Route::Metrics => metrics::respond(context),
        Route::Asset(path) => assets::respond(context, &path),
    }
}

/// Checks the token in the URL, then the user name and the password. `route` is `None` if the request has no route.
/// Call this function before any file access. Otherwise the response shows which files exist.
fn authorize(
    authenticator: &Authenticator,
    context: RequestContext<'_>,
    route: Option<&Route>,
) -> Result<(), HandlerError> {
    let is_signed = |purpose, path: String| {
        let token = context.target.query_value("token");
        token.is_some_and(|token| authenticator.tokens().verify(&token, purpose, &path))
    };
    let is_open = match route {
        // Monitors send no password. The error page needs its style sheet. Browsers send no password in a preflight.
        Some(Route::Health | Route::Asset(_) | Route::StreamOptions) => true,
        // Covers and cuts contain bytes of the file, so they need the same token as the file.
        Some(Route::Stream(name) | Route::Cover(name) | Route::Cut(name)) => {
            is_signed(Purpose::Stream, name.url_path())
        }
        Some(Route::Subtitles(name) | Route::Track(name)) => {
            is_signed(Purpose::Subtitles, name.url_path())
        }
        Some(Route::PlaylistOf(name)) => is_signed(Purpose::Playlist, name.url_path()),
        Some(Route::Playlist(folder)) => is_signed(Purpose::Playlist, folder_path(folder)),
        _ => false,
    };
    if is_open {
        return Ok(());
    }
    let field = context.request.field("authorization");
    let user_pass = field.and_then(basic_user_pass);
    let checked = authenticator.check(user_pass.as_deref(), context.client.address);
    checked.map_err(|denial| match denial {
        Denial::Unauthorized => ResponseHead::new(Status::Unauthorized)
            .with_field("WWW-Authenticate", CHALLENGE)
            .into(),
        // Rounded up, so that the next request of the client is not too early.
        Denial::TooManyTries(wait) => {
            let seconds = wait.as_nanos().div_ceil(1_000_000_000).to_string();
            let head = ResponseHead::new(Status::TooManyRequests);
            head.with_field("Retry-After", seconds).into()
        }
    })
}

fn find_route(context: RequestContext<'_>) -> Result<Route, HandlerError> {
    let (config, target) = (&context.app.config, context.target);
    let method = context.request.method;
    if context.request.target == "*" {
        // Only OPTIONS has the target `*` (RFC 9110 §9.3.7).
        return match method {
            Method::Options => Ok(Route::StreamOptions),
            _ => Err(Status::BadRequest.into()),
        };
    }
    let route = Route::of(target, &config.mounts, config.metrics).ok_or(Status::NotFound)?;
    match (method, route.methods()) {
        (Method::Get | Method::Head, _) => Ok(route),
        (Method::Options, route::STREAM_METHODS) => Ok(Route::StreamOptions),
        (_, allow) => Err(method_not_allowed(allow)),
    }
}

fn method_not_allowed(allow: &'static str) -> HandlerError {
    let head = ResponseHead::new(Status::MethodNotAllowed);
    head.with_field("Allow", allow).into()
}

/// Answers OPTIONS (RFC 9110 §9.3.7). [`add_cors_fields`] adds the other fields for a preflight.
fn options(context: RequestContext<'_>) -> Response {
    let (app, request) = (context.app, context.request);
    let mut head = ResponseHead::new(Status::NoContent).with_field("Allow", route::STREAM_METHODS);
    let origin = app.config.origins.allowed(request.field("origin"));
    if is_preflight(request) && origin.is_some() {
        // A script of another origin must send the password itself. `Access-Control-Allow-Credentials` is absent, so
        // that browsers do not add a stored password.
        let allowed = match app.authenticator {
            Some(_) => format!("{ALLOWED_FIELDS}, Authorization").into(),
            None => Cow::Borrowed(ALLOWED_FIELDS),
        };
        head = head
            .with_field("Access-Control-Allow-Methods", route::STREAM_METHODS)
            .with_field("Access-Control-Allow-Headers", allowed)
            .with_field("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
    Response::empty(head)
}

fn is_preflight(request: &RequestHead) -> bool {
    request.method == Method::Options && request.field("access-control-request-method").is_some()
}

/// Adds the fields of the CORS protocol (Fetch standard).
fn add_cors_fields(app: &AppState, request: &RequestHead, mut head: ResponseHead) -> ResponseHead {
    if let Some(origin) = app.config.origins.allowed(request.field("origin")) {
        head = head
            .with_field("Access-Control-Allow-Origin", origin)
            .with_field("Access-Control-Expose-Headers", EXPOSED_FIELDS);
    }
    // The response to a request without `Origin` also has `Vary`. Otherwise a cache could use this response for a
    // request with `Origin`.
    match app.config.origins.vary() {
        true => head.with_field("Vary", "Origin"),
        false => head,
    }
}
