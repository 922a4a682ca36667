//! The pages and listings of folders and files, and playlists.

use std::ffi::OsStr;
use std::io;
use std::sync::Arc;

use crate::container::probe;
use crate::http::{ResponseHead, attachment};
use crate::media::{FolderName, MediaName, Neighbours, Subtitles};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::response::{Response, fresh_head, page_head};
use crate::web::playlist::{self, Playlist, Scheme};
use crate::web::{self, Listing, ListingFormat, Moment, Player, Segments};

/// A folder as JSON.
pub(in crate::server) fn videos(
    context: RequestContext<'_>,
    folder: &FolderName,
) -> Result<Response, HandlerError> {
    let format = ListingFormat::Json(context.links());
    let head = fresh_head(format.media_type());
    listing(context, head, folder, &format)
}

/// A folder as a playlist.
pub(in crate::server) fn playlist(
    context: RequestContext<'_>,
    folder: &FolderName,
) -> Result<Response, HandlerError> {
    let format = ListingFormat::Playlist(playlist_for(context));
    let title = folder.file_name().unwrap_or(OsStr::new("Videos"));
    let head = playlist_head(title);
    listing(context, head, folder, &format)
}

/// Reads and renders a folder.
fn listing(
    context: RequestContext<'_>,
    head: ResponseHead,
    folder: &FolderName,
    format: &ListingFormat,
) -> Result<Response, HandlerError> {
    let _permit = context.folder_permit()?;
    let read = || -> io::Result<Vec<u8>> {
        let dir = Arc::clone(&context.app.dir);
        let mut listing = Listing::open(dir, folder.clone(), format.clone())?;
        let mut text = Vec::new();
        while listing.next_block(&mut text)? {}
        Ok(text)
    };
    let text = read().map_err(|error| context.io_error(&error))?;
    Ok(Response {
        head: head.with_content_length(text.len() as u64),
        body: context.text(text)?,
    })
}

/// The player page of a file.
pub(in crate::server) fn watch(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let dir = &context.app.dir;
    let file = dir.open(name).map_err(|error| context.io_error(&error))?;
    // The page plays without what a scan of its folder adds, so it is not refused for lack of a permit.
    let permit = context.folder_permit().ok();
    let player = Player {
        name,
        length: file.length(),
        info: or_nothing("head", name, || probe(file.file())),
        subtitles: or_nothing("subtitles", name, || match permit {
            Some(_) => dir.subtitles_of(name, web::is_video),
            None => Ok(Subtitles::default()),
        }),
        poster: or_nothing("poster", name, || web::poster_of(dir, name)),
        neighbours: or_nothing("neighbours", name, || match permit {
            Some(_) => dir.neighbours(name, web::is_playable),
            None => Ok(Neighbours::default()),
        }),
        segments: context
            .query_value("ranges")
            .map(|text| Segments::parse(&text)),
        repeats: context.target.has_query_key("loop"),
        start: context
            .query_value("t")
            .and_then(|text| Moment::parse(&text)),
        links: context.links(),
    };
    drop(permit);
    let page = player.render();
    let head = page_head().with_content_length(page.len() as u64);
    let body = context.text(page.into_bytes())?;
    Ok(Response { head, body })
}

fn or_nothing<T: Default>(what: &str, name: &MediaName, read: impl FnOnce() -> io::Result<T>) -> T {
    read().unwrap_or_else(|error| {
        log::warn!("cannot read the {what} of {:?}: {error}", name.as_path());
        T::default()
    })
}

/// A playlist of one file, or of the parts that the address asks for.
pub(in crate::server) fn playlist_of(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    let dir = &context.app.dir;
    dir.open(name).map_err(|error| context.io_error(&error))?;
    let playlist = playlist_for(context);
    let segments = context
        .query_value("ranges")
        .and_then(|text| Segments::parse(&text).ok());
    let items = match segments {
        Some(segments) => playlist.parts(name, &segments),
        None => playlist.item(
            name,
            context
                .query_value("t")
                .and_then(|text| Moment::parse(&text)),
        ),
    };
    let list = Playlist::start(&name.stem().to_string_lossy()) + &items;
    let head = playlist_head(name.stem()).with_content_length(list.len() as u64);
    let body = context.text(list.into_bytes())?;
    Ok(Response { head, body })
}

fn playlist_for(context: RequestContext<'_>) -> Playlist {
    let scheme = if context.caller.is_secure {
        Scheme::Https
    } else {
        Scheme::Http
    };
    Playlist::new(scheme, context.host(), context.links())
}

/// The head of a playlist: a file for a player, not a page.
fn playlist_head(title: &OsStr) -> ResponseHead {
    let file_name = [title.as_encoded_bytes(), b".m3u"].concat();
    fresh_head(playlist::MEDIA_TYPE).with_field("Content-Disposition", attachment(&file_name))
}
