//! What people and programs see besides the videos: pages, listings, and the files that pages need.
//!
//! Knows how things look. Must not know requests, statuses or sockets; of the disk it knows only what `media` lists.

mod listing;
mod pages;
mod urls;

pub(crate) use listing::{Listing, ListingFormat};
pub(crate) use pages::error_page;
pub(crate) use urls::browse_url;

/// Content-Security-Policy of every page: loads from here, and runs nothing.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; \
                                      form-action 'none'; frame-ancestors 'none'";

/// A file that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    /// The path of its URL.
    pub(crate) path: &'static str,
    /// Its media type, with the charset where it is text.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: &'static [u8],
}

/// Everything that is compiled in. Nothing is ever fetched from elsewhere: the LAN may have no internet.
const ASSETS: &[Asset] = &[Asset {
    // Every browser asks for this name, whatever the page says; all that are in use read SVG by its media type.
    path: "/favicon.ico",
    media_type: "image/svg+xml",
    content: include_bytes!("assets/icon.svg"),
}];

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
