//! Decides whether a client may get a response to its request, if a password is set. The decision comes before any file
//! access, so that the response does not show which files exist.

use std::time::{Duration, Instant};

use super::context::RequestContext;
use super::errors::HandlerError;
use crate::auth::{Authenticator, Denial, Purpose};
use crate::route::Route;

/// Checks the token in the URL, or else the credentials. `route` is `None` if the request has no route.
pub(super) fn authorize(
    authenticator: &Authenticator,
    context: RequestContext<'_>,
    route: Option<&Route>,
) -> Result<(), HandlerError> {
    let now = Instant::now();
    let (purpose, path) = match route {
        // Monitors send no password, the error page needs its style sheet, and browsers send no password in a
        // preflight.
        Some(Route::Health | Route::Asset(_) | Route::StreamOptions) => return Ok(()),
        // Covers and cuts contain bytes of the file.
        Some(Route::Stream(name) | Route::Cover(name) | Route::Cut(name)) => {
            (Some(Purpose::Stream), name.url_path())
        }
        Some(Route::Subtitles(name) | Route::Track(name)) => {
            (Some(Purpose::Subtitles), name.url_path())
        }
        Some(Route::PlaylistOf(name)) => (Some(Purpose::Playlist), name.url_path()),
        Some(Route::Playlist(folder)) => (Some(Purpose::FolderPlaylist), folder.url_path()),
        Some(
            Route::Index(_)
            | Route::Videos(_)
            | Route::Browse(_)
            | Route::Watch(_)
            | Route::ToFolder(_)
            | Route::Metrics,
        )
        | None => (None, String::new()),
    };
    if let (Some(purpose), Some(token)) = (purpose, context.target.query_value("token"))
        && authenticator.verify_token(&token, purpose, &path, now)
    {
        return Ok(());
    }
    let user_pass = context.request.basic_user_pass();
    match authenticator.check(user_pass.as_deref(), context.caller.address, now) {
        Ok(()) => Ok(()),
        Err(Denial::Unauthorized) => Err(HandlerError::Unauthorized),
        Err(Denial::TooManyTries(wait)) => Err(HandlerError::TooManyTries {
            seconds: whole_seconds(wait),
        }),
    }
}

/// Rounds up, so that a client that waits for this number of seconds is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
