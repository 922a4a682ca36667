//! What people and programs see besides the videos: pages, listings, and the files that pages need.
//!
//! Knows how things look. Must not know requests, statuses or sockets; of the disk it knows only what `media` lists.

use std::ffi::OsStr;

use crate::http::{Kind, MediaType};

mod details;
mod library;
mod listing;
mod pages;
mod player;
pub(crate) mod playlist;
mod segments;
mod urls;

pub(crate) use library::{LIBRARY_BYTES, Library, LibraryQuery, poster_of};
pub(crate) use listing::{Listing, ListingFormat};
pub(crate) use pages::error_page;
pub(crate) use player::Player;
pub(crate) use segments::{Moment, Segments};
pub(crate) use urls::{browse_url, watch_url};

/// Content-Type of every page.
pub(crate) const PAGE_TYPE: &str = "text/html; charset=utf-8";

/// Content-Security-Policy of every page: all comes from here, and nothing that a name could bring in runs.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                                      media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                                      frame-ancestors 'none'";

/// A file that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    /// The path of its URL.
    pub(crate) path: &'static str,
    /// Its media type, with the charset where it is text.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: &'static [u8],
    /// Changes when they do.
    pub(crate) version: u64,
}

/// Everything that is compiled in. Nothing is ever fetched from elsewhere: the LAN may have no internet.
static ASSETS: [Asset; 3] = [
    // Every browser asks for this name, whatever the page says; all that are in use read SVG by its media type.
    Asset::new(
        "/favicon.ico",
        "image/svg+xml",
        include_bytes!("assets/icon.svg"),
    ),
    Asset::new(
        "/assets/style.css",
        "text/css; charset=utf-8",
        include_bytes!("assets/style.css"),
    ),
    // One scope and one request for all pages; each part looks whether its page is there.
    Asset::new(
        "/assets/script.js",
        "text/javascript; charset=utf-8",
        concat!(
            "(() => {\n\"use strict\";\n",
            include_str!("assets/base.js"),
            include_str!("assets/player.js"),
            include_str!("assets/keys.js"),
            include_str!("assets/segments.js"),
            include_str!("assets/trouble.js"),
            include_str!("assets/library.js"),
            "if (video) player();\nif (document.body.className === \"library\") library();\n})();\n"
        )
        .as_bytes(),
    ),
];

impl Asset {
    const fn new(path: &'static str, media_type: &'static str, content: &'static [u8]) -> Asset {
        Asset {
            path,
            media_type,
            content,
            version: fnv1a(content),
        }
    }
}

/// FNV-1a: no secret, only another number for another content.
const fn fnv1a(content: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < content.len() {
        // From u8 to u64: `From` is not const.
        hash = (hash ^ content[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// Whether a file of that name is something to watch or to hear: what pages and playlists show.
pub(crate) fn is_playable(name: &OsStr) -> bool {
    let kind = MediaType::of(name.as_encoded_bytes()).kind();
    matches!(kind, Kind::Video | Kind::Audio)
}

/// The asset at a URL path.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets() {
        let icon = asset("/favicon.ico").unwrap();
        assert_eq!(icon.media_type, "image/svg+xml");
        assert!(icon.content.starts_with(b"<svg xmlns=") && icon.content.len() < 600);
        assert_eq!(asset("/favicon.ico/"), None);
        assert_eq!(asset(""), None);
    }
}
