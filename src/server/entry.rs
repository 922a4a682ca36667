//! Who is let in, where a password is set: a request to what `auth` judges. Decided before anything is looked for, so
//! that nobody learns from the answer what there is.

use std::time::{Duration, Instant};

use super::asked::Asked;
use crate::auth::{Denial, Gatekeeper, Purpose};
use crate::route::{Rejection, Route};

/// Lets a request in or not. `route` is what it asks for, if that is anything.
pub(super) fn admit(
    gatekeeper: &Gatekeeper,
    asked: Asked<'_>,
    route: Option<&Route>,
) -> Result<(), Rejection> {
    let now = Instant::now();
    let (purpose, path) = match route {
        // What belongs to nobody: monitors ask without a password, and the page that says that there is one has a style.
        // Nor do browsers send one in a preflight (Fetch standard).
        Some(Route::Health | Route::Asset(_) | Route::StreamOptions) => return Ok(()),
        Some(Route::Stream(name)) => (Some(Purpose::Stream), name.url_path()),
        Some(Route::Subtitles(name)) => (Some(Purpose::Subtitles), name.url_path()),
        Some(Route::PlaylistOf(name)) => (Some(Purpose::Playlist), name.url_path()),
        Some(Route::Playlist(folder)) => (Some(Purpose::FolderPlaylist), folder.url_path()),
        Some(
            Route::Videos(_)
            | Route::Browse(_)
            | Route::Watch(_)
            | Route::ToFolder(_)
            | Route::Metrics,
        )
        | None => (None, String::new()),
    };
    if let (Some(purpose), Some(token)) = (purpose, asked.target.query_value("token"))
        && gatekeeper.opens(&token, purpose, &path, now)
    {
        return Ok(());
    }
    let user_pass = asked.request.basic_user_pass();
    match gatekeeper.check(user_pass.as_deref(), asked.caller.address, now) {
        Ok(()) => Ok(()),
        Err(Denial::Unauthorized) => Err(Rejection::Unauthorized),
        Err(Denial::TooManyTries(wait)) => Err(Rejection::TooManyTries {
            seconds: whole_seconds(wait),
        }),
    }
}

/// Rounded up: who comes back then is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
