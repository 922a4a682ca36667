//! Writes the text of pages, listings and playlists, and contains the assets: scripts, style sheet and icon.

mod assets;
mod chapters;
mod details;
mod index;
mod library;
mod listing;
mod pages;
mod player;
pub(crate) mod playlist;
mod segments;
mod tracks;
mod urls;

pub(crate) use assets::asset;
pub(crate) use chapters::chapter_cues;
pub(crate) use details::Details;
pub(crate) use index::index_page;
pub(crate) use library::{LIBRARY_BYTES, LibraryPage, LibraryQuery, SHORT_LIBRARY_BYTES};
pub(crate) use listing::listing_json;
pub(crate) use pages::error_page;
pub(crate) use player::Player;
pub(crate) use segments::{Segment, Segments, parse_time, seconds};
pub(crate) use urls::{Links, folder_path};

pub(crate) const PAGE_TYPE: &str = "text/html; charset=utf-8";

/// The Content-Security-Policy of every page. It allows only scripts from files of this server. So a browser does not
/// run an inline script, even if a file name contains one and a page does not escape it.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                                      media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                                      frame-ancestors 'none'";
