//! Decides whether a client may get a response to its request, if a password is set. The decision comes before any file
//! access, so that the response does not show which files exist.

use std::time::Duration;

use super::context::RequestContext;
use super::errors::HandlerError;
use crate::auth::{Authenticator, Denial, Purpose};
use crate::http::{ResponseHead, Status};
use crate::route::Route;
use crate::web::folder_path;

/// The `WWW-Authenticate` field: the scheme, and the encoding of user name and password (RFC 7617 §2, §2.1).
const CHALLENGE: &str = "Basic realm=\"videoserve\", charset=\"UTF-8\"";

/// Checks the token in the URL, or else the credentials. `route` is `None` if the request has no route.
pub(super) fn authorize(
    authenticator: &Authenticator,
    context: RequestContext<'_>,
    route: Option<&Route>,
) -> Result<(), HandlerError> {
    let is_signed = |purpose, path: String| {
        let token = context.target.query_value("token");
        token.is_some_and(|token| authenticator.tokens().verify(&token, purpose, &path))
    };
    let is_open = match route {
        // Monitors send no password, the error page needs its style sheet, and browsers send no password in a
        // preflight.
        Some(Route::Health | Route::Asset(_) | Route::StreamOptions) => true,
        // Covers and cuts contain bytes of the file.
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
    let user_pass = context.request.basic_user_pass();
    let checked = authenticator.check(user_pass.as_deref(), context.caller.address);
    checked.map_err(|denial| match denial {
        Denial::Unauthorized => ResponseHead::new(Status::Unauthorized)
            .with_field("WWW-Authenticate", CHALLENGE)
            .into(),
        Denial::TooManyTries(wait) => ResponseHead::new(Status::TooManyRequests)
            .with_field("Retry-After", whole_seconds(wait).to_string())
            .into(),
    })
}

/// Rounds up, so that a client that waits for this number of seconds is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
