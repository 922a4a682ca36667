//! What people and players are answered besides streams: pages and listings. As in `respond`, nothing has been sent
//! when these return.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::sync::Arc;

use super::asked::Asked;
use super::respond::{Content, Plan, SHORT};
use crate::container::probe;
use crate::gate::Version;
use crate::http::{ResponseHead, Status, attachment};
use crate::media::{FolderName, MediaName, Neighbours};
use crate::route::Rejection;
use crate::web::playlist::{self, Playlist, Scheme};
use crate::web::{self, Listing, ListingFormat, Moment, Player, Segments};

/// A folder as JSON.
pub(super) fn videos(asked: Asked<'_>, folder: &FolderName) -> Result<Plan, Rejection> {
    let format = ListingFormat::Json(asked.service().links());
    let head = fresh_head(format.media_type());
    listing(asked, head, folder, &format)
}

/// A folder as a playlist.
pub(super) fn playlist(asked: Asked<'_>, folder: &FolderName) -> Result<Plan, Rejection> {
    let format = ListingFormat::Playlist(playlist_for(asked));
    let title = folder.file_name().unwrap_or(OsStr::new("Videos"));
    let head = playlist_head(title);
    listing(asked, head, folder, &format)
}

/// A folder, in blocks.
fn listing(
    asked: Asked<'_>,
    head: ResponseHead,
    folder: &FolderName,
    format: &ListingFormat,
) -> Result<Plan, Rejection> {
    let _slot = asked.turn.claim_folder().ok_or(Rejection::Unavailable)?;
    let open = || {
        let dir = Arc::clone(&asked.service().dir);
        Listing::open(dir, folder.clone(), format.clone())
    };
    let refuse = |error| asked.rejection(&error);
    let mut listing = open().map_err(refuse)?;
    let mut block = Vec::new();
    let more = listing.next_block(&mut block).map_err(refuse)?;
    // A folder has no size that memory should follow, so the length of a large one is only known when its last page
    // has been read: chunked (RFC 9112 §7.1), which streams never are. HTTP/1.0 has no chunks, and a listing that ends
    // with the connection could be cut short unseen; there it is read twice.
    let length = match (more, asked.version) {
        (false, _) => Some(block.len() as u64),
        (true, Version::Http11) => None,
        (true, Version::Http10) => Some(open().and_then(Listing::count).map_err(refuse)?),
    };
    let head = match length {
        Some(length) => head.with_content_length(length),
        None => head.with_field("Transfer-Encoding", "chunked"),
    };
    let content = if asked.is_head() {
        Content::None
    } else if !more && block.len() <= SHORT {
        Content::Bytes(Cow::Owned(block))
    } else {
        // The blocks that follow are about as long.
        let share = asked.service().texts.claim(block.capacity());
        Content::Listing {
            share: share.ok_or(Rejection::Unavailable)?,
            listing: Box::new(listing),
            block,
            length,
            slot: asked.claim_stream()?,
        }
    };
    Ok(Plan { head, content })
}

/// The head of what is made anew for each request.
fn fresh_head(media_type: &'static str) -> ResponseHead {
    ResponseHead::new(Status::Ok)
        .with_field("Content-Type", media_type)
        .with_field("Cache-Control", "no-cache")
        .with_field("X-Content-Type-Options", "nosniff")
}

/// The head of a page.
pub(super) fn page_head(media_type: &'static str) -> ResponseHead {
    fresh_head(media_type)
        .with_field("Content-Security-Policy", web::PAGE_POLICY)
        .with_field("Referrer-Policy", "no-referrer")
}

/// The player page of a file.
pub(super) fn watch(asked: Asked<'_>, name: &MediaName) -> Result<Plan, Rejection> {
    let dir = &asked.service().dir;
    let file = dir.open(name).map_err(|error| asked.rejection(&error))?;
    // Four folders are read at a time. The page plays without the rest, so it is not refused if that is not to be had.
    let slot = asked.turn.claim_folder_soon();
    let player = Player {
        name,
        length: file.length(),
        info: or_nothing("head", name, || probe(file.file())),
        tracks: or_nothing("subtitles", name, || match slot {
            Some(_) => dir.subtitles_of(name),
            None => Ok(Vec::new()),
        }),
        poster: or_nothing("poster", name, || web::poster_of(dir, name)),
        neighbours: or_nothing("neighbours", name, || match slot {
            Some(_) => dir.neighbours(name, web::is_playable),
            None => Ok(Neighbours::default()),
        }),
        segments: asked.value("ranges").map(|text| Segments::parse(&text)),
        repeats: asked.target.has_query_key("loop"),
        start: asked.value("t").and_then(|text| Moment::parse(&text)),
        links: asked.service().links(),
    };
    drop(slot);
    let page = player.render();
    let head = page_head(web::PAGE_TYPE).with_content_length(page.len() as u64);
    let content = asked.text(page.into_bytes())?;
    Ok(Plan { head, content })
}

fn or_nothing<T: Default>(what: &str, name: &MediaName, read: impl FnOnce() -> io::Result<T>) -> T {
    read().unwrap_or_else(|error| {
        log::warn!("cannot read the {what} of {:?}: {error}", name.as_path());
        T::default()
    })
}

/// A playlist of one file, or of the parts that the address asks for.
pub(super) fn playlist_of(asked: Asked<'_>, name: &MediaName) -> Result<Plan, Rejection> {
    let dir = &asked.service().dir;
    dir.open(name).map_err(|error| asked.rejection(&error))?;
    let playlist = playlist_for(asked);
    let segments = asked
        .value("ranges")
        .and_then(|text| Segments::parse(&text).ok());
    let items = match segments {
        Some(segments) => playlist.parts(name, &segments),
        None => playlist.item(name, asked.value("t").and_then(|text| Moment::parse(&text))),
    };
    let list = Playlist::start(&name.stem().to_string_lossy()) + &items;
    let head = playlist_head(name.stem()).with_content_length(list.len() as u64);
    let content = asked.text(list.into_bytes())?;
    Ok(Plan { head, content })
}

fn playlist_for(asked: Asked<'_>) -> Playlist {
    let scheme = if asked.caller.is_secure {
        Scheme::Https
    } else {
        Scheme::Http
    };
    Playlist::new(scheme, asked.host(), asked.service().links())
}

/// To be handed to a player, not to be shown.
fn playlist_head(title: &OsStr) -> ResponseHead {
    let file_name = [title.as_encoded_bytes(), b".m3u"].concat();
    fresh_head(playlist::MEDIA_TYPE).with_field("Content-Disposition", attachment(&file_name))
}
