//! Pages, listings, search results and playlists.

use std::ffi::OsStr;
use std::io;
use std::time::Duration;

use crate::container::{self, probe};
use crate::http::{ResponseHead, Status, attachment};
use crate::limits::LISTING_BYTES;
use crate::media::{Folder, FolderName, MediaName, Neighbours, Subtitles};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerResult;
use crate::server::permits::Scope;
use crate::server::response::{Response, generated_head, page_head};
use crate::web::{self, Details, LibraryPage, LibraryQuery, Links, Player, Segments, playlist};

pub(in crate::server) fn videos(context: RequestContext<'_>, name: &FolderName) -> HandlerResult {
    list(context, name, |folder| {
        folder.ask_details();
        let text = web::listing_json(&context.links(), folder, listing_bytes(context));
        (generated_head("application/json"), text)
    })
}

pub(in crate::server) fn playlist(context: RequestContext<'_>, name: &FolderName) -> HandlerResult {
    list(context, name, |folder| {
        let text = playlist::of_folder(&host_links(context), folder, listing_bytes(context));
        let title = name.file_name().unwrap_or(OsStr::new("Videos"));
        (playlist_head(title), text)
    })
}

pub(in crate::server) fn index(context: RequestContext<'_>, name: &FolderName) -> HandlerResult {
    list(context, name, |folder| {
        folder.ask_details();
        (page_head(), web::index_page(name, &folder.entries))
    })
}

/// Answers with the text that `render` makes of a folder.
fn list(
    context: RequestContext<'_>,
    name: &FolderName,
    render: impl FnOnce(&mut Folder<'_>) -> (ResponseHead, String),
) -> HandlerResult {
    let _permits = context.scan_permits(name)?;
    let (head, text) = render(&mut context.app.dir.read_folder(name)?);
    super::text(context, head, text)
}

/// Returns the maximum number of bytes of a listing. Two listings fit into the budget for texts in memory.
fn listing_bytes(context: RequestContext<'_>) -> usize {
    LISTING_BYTES.min(context.app.limits.text_budget / 2)
}

/// Answers with the library page. If the folder contains only one video, redirects to this video.
pub(in crate::server) fn library(context: RequestContext<'_>, folder: FolderName) -> HandlerResult {
    let query = LibraryQuery::read(context.target);
    let permits = match query.is_search() {
        true => vec![context.permit(|it| it.searches.acquire(Scope::All, 1))?],
        false => context.scan_permits(&folder)?.into(),
    };
    let mut page = LibraryPage::open(&context.app.dir, folder, query, context.links())?;
    drop(permits);
    if let Some(name) = page.only_file() {
        let mut response =
            Response::redirect(Status::TemporaryRedirect, context.links().watch(&name));
        // The client must not store the redirect, because the folder may get a second video.
        response.head = response.head.with_field("Cache-Control", "no-store");
        return Ok(response);
    }
    let whole = super::text(context, page_head(), page.render(web::LIBRARY_BYTES));
    // A long page needs permits. If none is free, the client gets a shorter page, which needs no permit.
    whole.or_else(|_| super::text(context, page_head(), page.render(web::SHORT_LIBRARY_BYTES)))
}

pub(in crate::server) fn watch(context: RequestContext<'_>, name: &MediaName) -> HandlerResult {
    let dir = &context.app.dir;
    let folder_name = name.folder();
    // The page also works without the folder scan, so missing permits are not an error.
    let permits = context.scan_permits(&folder_name).ok();
    let (file, _permit) = context.open(name)?;
    let folder = permits
        .as_ref()
        .and_then(|_| or_default("folder", name, || dir.read_folder(&folder_name).map(Some)));
    let folder = folder.as_ref();
    let links = context.links();
    let beside = folder.and_then(|folder| folder.poster_of(name));
    let cover = || {
        let cover = or_default("cover", name, || container::cover(file.file()));
        cover.map(|_| links.cover(name))
    };
    let player = Player {
        details: Details {
            name,
            length: file.length(),
            info: or_default("head", name, || probe(file.file())),
        },
        subtitles: or_default("subtitles", name, || match folder {
            Some(folder) => dir.subtitles_of(folder, name, context.app.limits.subtitles),
            None => Ok(Subtitles::default()),
        }),
        poster: beside.map(|it| links.stream(&it)).or_else(cover),
        chapters: or_default("chapters", name, || container::chapters(file.file())),
        neighbours: folder.map_or_else(Neighbours::default, |it| it.neighbours(name.file_name())),
        segments: segments(context),
        repeats: context.target.query_value("loop").map(|it| match &*it {
            b"folder" => "folder",
            _ => "video",
        }),
        start: start(context),
        links,
    };
    drop(permits);
    super::text(context, page_head(), player.render())
}

/// Returns the parts of the video that `?ranges=` selects. If the value is invalid, returns an error text for the page.
fn segments(context: RequestContext<'_>) -> Option<Result<Segments, String>> {
    Some(Segments::parse(&context.query_value("ranges")?))
}

fn start(context: RequestContext<'_>) -> Option<Duration> {
    web::parse_time(&context.query_value("t")?)
}

fn or_default<T: Default>(what: &str, name: &MediaName, read: impl FnOnce() -> io::Result<T>) -> T {
    read().unwrap_or_else(|error| {
        log::warn!("cannot read the {what} of {:?}: {error}", name.as_path());
        T::default()
    })
}

/// Answers with a playlist of one file, or of the parts that the URL selects.
pub(in crate::server) fn playlist_of(
    context: RequestContext<'_>,
    name: &MediaName,
) -> HandlerResult {
    drop(context.open(name)?);
    let links = host_links(context);
    let items = match segments(context) {
        Some(Ok(segments)) => playlist::parts(&links, name, &segments),
        _ => playlist::item(&links, name, start(context)),
    };
    let list = playlist::start(&name.stem().to_string_lossy()) + &items;
    super::text(context, playlist_head(name.stem()), list)
}

fn host_links(context: RequestContext<'_>) -> Links {
    let is_secure = context.client.is_secure;
    let links = context.links();
    links.at_host(is_secure, context.host().as_deref())
}

/// Returns the head of a playlist. Because of `Content-Disposition`, a browser saves the playlist and does not show it.
fn playlist_head(title: &OsStr) -> ResponseHead {
    let file_name = [title.as_encoded_bytes(), b".m3u"].concat();
    generated_head(playlist::MEDIA_TYPE).with_field("Content-Disposition", attachment(&file_name))
}
